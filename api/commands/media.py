"""`clinic-cms media`: the files of pictures and documents, swept and checked."""

from __future__ import annotations

import json
import sys

import click

from api.commands.connected import connected
from api.errors import NotReady
from api.services.media import media_sweeping


@click.group("media")
def media_group() -> None:
    """Files of pictures and documents."""


@media_group.command()
@click.option("--dry-run", is_flag=True, help="Only say what there is.")
@click.option("--json", "as_json", is_flag=True, help="Print {retired, orphans}.")
def sweep(dry_run: bool, as_json: bool) -> None:
    """Remove files that were replaced or removed, and those that an upload which died has left.

    A worker does this by itself: every minute, and every hour.
    """
    with connected() as (_, database):
        try:
            found = media_sweeping.sweep(database, dry=dry_run)
        except OSError as error:
            raise NotReady(f"The place of CLINIC_CMS_MEDIA can't be used: {error}") from None
    if as_json:
        click.echo(json.dumps({"retired": found.retired, "orphans": found.orphans}))
        return
    verb = "Would remove" if dry_run else "Removed"
    click.echo(f"{verb} the files of {found.retired} retired addresses and of {found.orphans} that nobody names.")


@media_group.command()
@click.option("--json", "as_json", is_flag=True, help="Print {missing: [addresses]}.")
def check(as_json: bool) -> None:
    """Look whether the files of everything in use are there. Exit code 1 if some are missing."""
    with connected() as (_, database):
        try:
            lost = media_sweeping.missing(database)
        except OSError as error:
            raise NotReady(f"The place of CLINIC_CMS_MEDIA can't be used: {error}") from None
    if as_json:
        click.echo(json.dumps({"missing": lost}))
    else:
        click.echo(f"{len(lost)} addresses have no files{': ' + ', '.join(lost[:20]) if lost else '.'}")
    if lost:
        sys.exit(1)
