"""Keys, people and clinics at the terminal, in the operator's name."""

from __future__ import annotations

import json
import tomllib
from typing import Any, BinaryIO

import click

from api.commands.connected import connected
from api.rules.permissions import HOUSE, OPERATOR, ROLES
from api.services import lookup
from api.services.house import clinics, house, keys, people
from api.services.texts import documents
from api.services.work import looking, writing
from schemas.managed.keys import KINDS, KeyBody


@click.group("keys")
def keys_group() -> None:
    """Keys of frontends, servers, machines and people."""


@keys_group.command("create")
@click.option("--kind", type=click.Choice(KINDS), required=True)
@click.option("--name", required=True, help="What the key is for.")
@click.option("--clinic", "slugs", multiple=True, help="A clinic's slug; may be repeated. Manage can do without.")
@click.option("--as", "email", help="For whom a manage key acts, by e-mail; left out, it is a service.")
@click.option("--partner", help="Whose own view a partner key opens, by id.")
@click.option("--origin", "origins", multiple=True, help="Pages that may use a browser key, such as https://a.example.")
@click.option("--expires-at", help="When it ends, such as 2027-01-31T00:00:00Z; left out, never.")
@click.option("--json", "as_json", is_flag=True, help="Print {id, key}.")
def create_key(slugs: tuple[str, ...], email: str | None, origins: tuple[str, ...], as_json: bool, **said: Any) -> None:
    """Make a key and show it once."""
    with connected() as (_, database), writing(database, OPERATOR) as work:
        person = people.by_email(work, email).id if email else None
        wanted = {**said, "clinics": list(slugs), "origins": list(origins), "person": person}
        row, secret = keys.ask_for(work, documents.checked(KeyBody(), wanted, ""))
    if as_json:
        click.echo(json.dumps({"id": row.id, "key": secret}))
    else:
        click.echo(f"{secret}\nKeep it now: it is not shown again. Revoke it with: clinic-cms keys revoke {row.id}")


@keys_group.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_keys(as_json: bool) -> None:
    """List keys; the keys themselves are not kept."""
    with connected() as (_, database), looking(database, OPERATOR) as work:
        rows = [keys.shown(work, row) for row in keys.every(work)]
    if as_json:
        click.echo(json.dumps(rows))
    for row in [] if as_json else rows:
        click.echo(f"{row['id']}  {row['kind']:8} {row['hint']}…  {row['state']:8} {row['name']}")


@keys_group.command("revoke")
@click.argument("key_id")
def revoke_key(key_id: str) -> None:
    """Refuse a key from the next request on."""
    with connected() as (_, database), writing(database, OPERATOR) as work:
        keys.revoke(work, key_id)
    click.echo(f"{key_id} is revoked.")


@click.group("people")
def people_group() -> None:
    """People of the desk."""


@people_group.command("invite")
@click.argument("email")
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice(ROLES))
@click.option("--clinic", help="A clinic's slug; left out, the role is for the house.")
def invite(email: str, roles: tuple[str, ...], clinic: str | None) -> None:
    """Add a person with roles, or add roles to one who is there."""
    with connected() as (_, database), writing(database, OPERATOR) as work:
        scope = lookup.clinic(work, clinic).id if clinic else HOUSE
        person = house.invite(work, {"email": email}, [(role, scope) for role in roles])
        click.echo(f"{person.id} {email}")


@click.group("clinics")
def clinics_group() -> None:
    """Clinics, each with its own site."""


@clinics_group.command("create")
@click.argument("slug")
@click.option("--name", help="What it is called, in its default language.")
@click.option("--locale", "locales", multiple=True, help="A language it speaks, the default first.  [default: en]")
@click.option("--time-zone", default="UTC", show_default=True, help="An IANA time zone, such as Europe/Madrid.")
@click.option("--site-url", help="The address of its own site.")
@click.option("--private", is_flag=True, help="Only its own keys may read it.")
@click.option("--file", "profile", type=click.File("rb"), help="The whole profile as .json or .toml instead.")
@click.option("--json", "as_json", is_flag=True, help="Print {id, slug}.")
def create_clinic(slug: str, profile: BinaryIO | None, as_json: bool, **said: Any) -> None:
    """Make a clinic; its profile is completed over /v1/manage/clinics/SLUG."""
    if profile is None and not said["name"]:
        raise click.UsageError("Give --name, or the whole profile by --file.")
    document = _profile(profile) if profile else _first_profile(**said)
    with connected() as (_, database), writing(database, OPERATOR) as work:
        made = clinics.create(work, {**document, "slug": slug})
    click.echo(json.dumps({"id": made.id, "slug": slug}) if as_json else f"{made.id} {slug}")


def _first_profile(
    name: str, locales: tuple[str, ...], time_zone: str, site_url: str | None, private: bool
) -> dict[str, Any]:
    spoken = locales or ("en",)
    chain = [{"code": code, "fallback": [each for each in spoken if each != code]} for code in spoken]
    about = {"name": {spoken[0]: name}, "time_zone": time_zone, "default_locale": spoken[0], "locales": chain}
    return {**about, "private": private, "site_url": site_url}


def _profile(file: BinaryIO) -> dict[str, Any]:
    """The object of a TOML or JSON file. Raises UsageError for anything else."""
    try:
        text = file.read().decode()
        found = tomllib.loads(text) if str(file.name).endswith(".toml") else json.loads(text)
    except ValueError as error:
        raise click.UsageError(f"{file.name} can't be read: {error}") from None
    if not isinstance(found, dict):
        raise click.UsageError(f"{file.name} holds no profile.")
    return found
