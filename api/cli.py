"""The terminal: start, migrate, seed, and mind the house.

Exit codes: 0 done, 1 refused, 2 misused.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from sqlalchemy.exc import OperationalError

from api import server
from api.config import Config, from_env
from api.db import Database, connect
from api.errors import CmsError, NotReady
from api.migrate import migrate as run_migrations
from api.migrate import require_current
from api.rules.permissions import HOUSE, OPERATOR, ROLES
from api.services import house, keys, lookup, rebuild
from api.services.work import writing
from api.version import VERSION


def main() -> None:
    """The console command; says what is wrong in a line and what to do, without a traceback."""
    try:
        clinic_cms(standalone_mode=True)
    except (NotReady, CmsError) as error:
        click.echo(f"clinic-cms: {error}", err=True)
        for fault in getattr(error, "faults", []):
            click.echo(f"  {fault.get('pointer', '')}: {fault['detail']}", err=True)
        sys.exit(1)
    except OperationalError as error:
        said = str(error.orig).strip().splitlines() or ["no reason given"]
        click.echo(f"clinic-cms: The database of DATABASE_URL can't be used: {said[0]}", err=True)
        sys.exit(1)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="clinic-cms")
def clinic_cms() -> None:
    """Clinic CMS: clinic content as structured JSON. Settings: docs/settings.md."""


@contextmanager
def _database(*, ready: bool = True) -> Iterator[tuple[Config, Database]]:
    config = from_env()
    database = connect(config)
    try:
        if ready:
            require_current(database)
        yield config, database
    finally:
        database.close()


@clinic_cms.command()
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Server processes.")
def serve(workers: int) -> None:
    """Serve the API. On SQLite the tables and the demo content are made first; PostgreSQL is never migrated here."""
    config = from_env()
    config.secret()
    with _database(ready=not config.sqlite) as (_, database):
        if config.sqlite:
            run_migrations(database)
            if config.seed == "demo":
                _seed(database)
    server.announce(config)
    server.run(config, workers)


@clinic_cms.command()
def migrate() -> None:
    """Bring the database to this version's tables."""
    with _database(ready=False) as (_, database):
        before, after = run_migrations(database)
    click.echo(f"The database is at migration {after}" + ("." if before == after else f" (was {before or 'empty'})."))


@clinic_cms.command()
@click.option("--scale", type=click.IntRange(1, 1_000_000), help="Add so many generated topics, for load tests.")
@click.option("--remove", is_flag=True, help="Remove what the seed made.")
def seed(scale: int | None, remove: bool) -> None:
    """Load the demo library, its three clinics and its people. Loading again changes only what differs."""
    from seed import commands

    with _database() as (_, database):
        if remove:
            click.echo(f"Removed {commands.remove(database)} entries.")
        elif scale:
            click.echo(f"Added {commands.scale(database, scale)} generated topics.")
        else:
            click.echo("The demo library is loaded." if _seed(database) else "The demo library is as its files say.")


def _seed(database: Database) -> bool:
    from seed import commands

    return commands.load(database)


@clinic_cms.command()
def reindex() -> None:
    """Make the read model and the search index anew from what was approved and published."""
    with _database() as (_, database):
        click.echo(f"Rebuilt {rebuild.everything(database, OPERATOR)} entries.")


@clinic_cms.command()
@click.option("--examples", is_flag=True, help="Print the examples in it, taken from a freshly seeded library.")
def openapi(examples: bool) -> None:
    """Print the OpenAPI document."""
    from api.app import create_app
    from api.openapi.document import document

    made = _examples() if examples else document(create_app())
    click.echo(json.dumps(made, indent=1, ensure_ascii=False, sort_keys=False))


def _examples() -> dict[str, Any]:
    """Replies of the demo library as of one fixed instant, so that they change with content and code alone."""
    from api.app import create_app
    from api.openapi.sampling import PUBLIC_URL, WHEN, sampled

    with tempfile.TemporaryDirectory() as folder:
        settings = {"DATABASE_URL": f"sqlite:///{folder}/house.sqlite", "CLINIC_CMS_DATA": folder}
        config = from_env(settings | {"CLINIC_CMS_PUBLIC_URL": PUBLIC_URL})
        database = connect(config)
        database.clock.frozen_at = WHEN
        run_migrations(database)
        _seed(database)
        client = create_app(config, database).test_client()
        made = sampled(lambda address: client.get(address).get_json(force=True))
        database.close()
    return made


@clinic_cms.group("keys")
def keys_group() -> None:
    """Keys of frontends and servers."""


@keys_group.command("create")
@click.option("--kind", type=click.Choice(["browser", "server"]), required=True)
@click.option("--name", required=True, help="What the key is for.")
@click.option("--clinic", "clinics", multiple=True, required=True, help="A clinic's slug; may be repeated.")
@click.option("--origin", "origins", multiple=True, help="Pages that may use a browser key, such as https://a.example.")
@click.option("--json", "as_json", is_flag=True, help="Print {id, key}.")
def create_key(kind: str, name: str, clinics: tuple[str, ...], origins: tuple[str, ...], as_json: bool) -> None:
    """Make a key and show it once."""
    with _database() as (_, database), writing(database, OPERATOR) as work:
        ids = [lookup.clinic(work, slug).id for slug in clinics]
        row, secret = keys.create(work, kind, name, clinics=ids, origins=list(origins))
    if as_json:
        click.echo(json.dumps({"id": row.id, "key": secret}))
    else:
        click.echo(f"{secret}\nKeep it now: it is not shown again. Revoke it with: clinic-cms keys revoke {row.id}")


@keys_group.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_keys(as_json: bool) -> None:
    """List keys; the keys themselves are not kept."""
    with _database() as (_, database), writing(database, OPERATOR) as work:
        rows = [_key(row) for row in keys.every(work)]
    if as_json:
        click.echo(json.dumps(rows))
    for row in [] if as_json else rows:
        click.echo(f"{row['id']}  {row['kind']:8} {row['hint']}…  {row['state']:8} {row['name']}")


@keys_group.command("revoke")
@click.argument("key_id")
def revoke_key(key_id: str) -> None:
    """Refuse a key from the next request on."""
    with _database() as (_, database), writing(database, OPERATOR) as work:
        keys.revoke(work, key_id)
    click.echo(f"{key_id} is revoked.")


@clinic_cms.group()
def people() -> None:
    """People of the desk."""


@people.command("invite")
@click.argument("email")
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice(ROLES))
@click.option("--clinic", help="A clinic's slug; left out, the role is for the house.")
def invite(email: str, roles: tuple[str, ...], clinic: str | None) -> None:
    """Add a person with roles, or add roles to one who is there."""
    with _database() as (_, database), writing(database, OPERATOR) as work:
        scope = lookup.clinic(work, clinic).id if clinic else HOUSE
        person = house.invite(work, {"email": email}, [(role, scope) for role in roles])
        click.echo(f"{person.id} {email}")


def _key(row: Any) -> dict[str, Any]:
    state = "revoked" if row.revoked_at else "active"
    return {"id": row.id, "kind": row.kind, "name": row.name, "hint": row.hint, "clinics": row.clinics, "state": state}


if __name__ == "__main__":
    main()
