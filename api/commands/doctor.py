"""`clinic-cms doctor`: how the installation is, line by line, and what to do."""

from __future__ import annotations

import dataclasses
import json
import sys

import click

from api.commands import checks
from api.config import from_env
from api.db import connect

COLOURS = {checks.OK: "green", checks.WARN: "yellow", checks.FAIL: "red"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print {state, findings: [{what, state, seen, advice}]}.")
@click.option("--audit", is_flag=True, help="Follow the audit log's chain of hashes too; takes a while on a long one.")
def doctor(as_json: bool, audit: bool) -> None:
    """Look at everything the service needs. Exit code 1 if something fails, 0 with warnings."""
    config = from_env()
    database = connect(config)
    try:
        found = list(checks.findings(config, database, audit))
    finally:
        database.close()
    states = {each.state for each in found}
    state = next(each for each in (checks.FAIL, checks.WARN, checks.OK) if each in states)
    if as_json:
        click.echo(json.dumps({"state": state, "findings": [dataclasses.asdict(each) for each in found]}))
    else:
        _show(found)
    if state == checks.FAIL:
        sys.exit(1)


def _show(found: list[checks.Finding]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("", "what", "seen", "what to do"):
        table.add_column(name, overflow="fold")
    for each in found:
        table.add_row(Text(each.state, style=COLOURS[each.state]), each.what, Text(each.seen), Text(each.advice))
    Console(highlight=False).print(table)
