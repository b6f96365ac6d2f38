"""`clinic-cms purge`: has stored replies forgotten everywhere, in the operator's name."""

from __future__ import annotations

import json

import click

from api.commands.connected import connected
from api.rules.permissions import OPERATOR
from api.services import lookup
from api.services.processes import forgetting, listeners, purges
from api.services.work import writing


@click.command()
@click.option("--all", "everything", is_flag=True, help="Everything that is kept.")
@click.option("--clinic", "slugs", multiple=True, help="What depends on a clinic, by its slug; may be repeated.")
@click.option("--tag", "tags", multiple=True, help="What carries a tag, such as l:library:topic; may be repeated.")
@click.option("--json", "as_json", is_flag=True, help="Print {clock, tags, unconfirmed}.")
def purge(everything: bool, slugs: tuple[str, ...], tags: tuple[str, ...], as_json: bool) -> None:
    """Have stored replies forgotten: in every process, in Redis, and by the worker at the edges.

    Publishing does this by itself; here is for what was changed beneath the service, or for peace of mind.
    """
    if not (everything or slugs or tags):
        raise click.UsageError("Say what: --all, --clinic SLUG or --tag TAG.")
    with connected() as (_, database):
        with writing(database, OPERATOR) as work:
            named = [f"c:{lookup.clinic(work, slug).id}" for slug in slugs]
            wanted = [purges.EVERYTHING] if everything else [*named, *tags]
            forgetting.forget(work, wanted)
        assert work.purged is not None
        missing = listeners.unconfirmed(database, work.purged)
    if as_json:
        click.echo(json.dumps({"clock": work.purged, "tags": wanted, "unconfirmed": missing}))
        return
    click.echo(f"Purged {', '.join(wanted)} (line {work.purged} of the purge log).")
    for each in missing:
        click.echo(f"Not confirmed within {listeners.WAIT_SECONDS:g} s: {each}", err=True)
