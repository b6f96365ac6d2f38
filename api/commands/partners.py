"""Partners at the terminal, in the operator's name."""

from __future__ import annotations

import json
from typing import Any

import click

from api.commands.connected import connected
from api.rules.permissions import OPERATOR
from api.services.partners import partners
from api.services.texts import documents
from api.services.work import looking, writing
from schemas.managed.partners import INDEXING, TYPES, PartnerBody

LISTS = {"origins": "origins", "slugs": "clinics", "types": "types", "topics": "topics", "locales": "locales"}


@click.group("partners")
def partners_group() -> None:
    """Sites that embed, each with its terms."""


@partners_group.command("create")
@click.argument("name")
@click.option("--origin", "origins", multiple=True, help="A site that may frame it, such as https://a.example; repeat "
              "for more. Left out, any page may.")  # fmt: skip
@click.option("--clinic", "slugs", multiple=True, help="A clinic's slug; repeat for more. Left out, all that let "
              "themselves be embedded.")  # fmt: skip
@click.option("--type", "types", multiple=True, type=click.Choice(TYPES), help="Only texts of this type.")
@click.option("--topic", "topics", multiple=True, help="Of topics only this one, by its id.")
@click.option("--locale", "locales", multiple=True, help="Only texts in this language.")
@click.option("--indexing", type=click.Choice(INDEXING), default=INDEXING[0], show_default=True,
              help="Whether search engines may list the embed itself.")  # fmt: skip
@click.option("--no-attribution", is_flag=True, help="The source need not be named.")
@click.option("--json", "as_json", is_flag=True, help="Print {id, snippet}.")
def create_partner(name: str, indexing: str, no_attribution: bool, as_json: bool, **said: Any) -> None:
    """Make a partner and print its id and the line of HTML to paste."""
    body: dict[str, Any] = {LISTS[each]: list(values) for each, values in said.items()}
    body |= {"name": name, "indexing": indexing, "attribution": {"required": not no_attribution}}
    with connected() as (config, database), writing(database, OPERATOR) as work:
        made = partners.create(work, documents.checked(PartnerBody(), body, ""))
        shown = partners.terms(work, made, config.public_url)
    if as_json:
        click.echo(json.dumps({"id": shown["id"], "snippet": shown["snippet"]}))
    else:
        click.echo(f"{shown['id']}\n{shown['snippet']}")


@partners_group.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_partners(as_json: bool) -> None:
    """List partners, those that ended too."""
    with connected() as (config, database), looking(database, OPERATOR) as work:
        rows = [partners.shown(work, each, config.public_url) for each in partners.every(work)]
    if as_json:
        click.echo(json.dumps(rows))
    for row in [] if as_json else rows:
        where = " ".join(row["clinics"]) or "every clinic that lets itself be embedded"
        click.echo(f"{row['id']}  {row['state']:6}  {row['name']}: {where}")


@partners_group.command("end")
@click.argument("partner_id")
def end_partner(partner_id: str) -> None:
    """End a partner: its embeds are refused from now on, and so are its keys."""
    with connected() as (_, database), writing(database, OPERATOR) as work:
        partners.end(work, partners.find(work, partner_id))
    click.echo(f"{partner_id} has ended.")
