"""The claims check at the terminal: files, or everything in the library and in the clinics."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any, TextIO

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from api.commands import checks
from api.commands.connected import connected
from api.db import Database
from api.errors import NotReady
from api.rules.claims.lint import Finding
from api.rules.claims.lint import lint as lint_text
from api.rules.claims.packs import GENERAL, jurisdictions, languages
from api.rules.permissions import OPERATOR
from api.services.texts import claims_house
from api.services.work import looking

Row = dict[str, Any]


@click.command("lint")
@click.argument("files", nargs=-1, type=click.File("r", encoding="utf-8"))
@click.option("--locale", help="The language of the files, or the only one of the library that is looked at.")
@click.option("--jurisdiction", help="By whose rules; left out, general for files, and of the library where each text "
              "shows.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print a list of findings.")
def lint(files: tuple[TextIO, ...], locale: str | None, jurisdiction: str | None, as_json: bool) -> None:
    """Find claims that must not be made in FILES (- is standard input), or without any in every newest text.

    Ends with 1 where a finding of severity block stands that nobody let pass.
    """
    if (broken := checks.claims()).state == checks.FAIL:
        raise NotReady(f"{broken.seen} {broken.advice}")
    if jurisdiction is not None and jurisdiction not in jurisdictions():
        raise click.UsageError(f"--jurisdiction is one of {', '.join(jurisdictions())}.")
    if locale is not None and locale.partition("-")[0].lower() not in languages():
        raise click.UsageError(f"--locale is a language that has rules: {', '.join(languages())}.")
    if files:
        found = list(_of_files(files, (locale or "en").partition("-")[0].lower(), jurisdiction or GENERAL))
    else:
        with connected() as (_, database):
            found = list(_of_house(database, locale, jurisdiction))
    blocking = sum(each["severity"] == "block" and not each["waived"] for each in found)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
    else:
        for each in found:
            click.echo(_line(each))
        click.echo(f"{len(found)} findings, {blocking} of them stand against publishing.", err=True)
    sys.exit(1 if blocking else 0)


def _of_files(files: tuple[TextIO, ...], code: str, jurisdiction: str) -> Iterator[Row]:
    for file in files:
        try:
            text = file.read()
        except UnicodeDecodeError as error:
            raise click.UsageError(f"{file.name} is no text in UTF-8: {error}") from None
        for each in lint_text(text, jurisdiction, code):
            line = text.count("\n", 0, each.start) + 1
            yield {"file": file.name, "line": line, "locale": code, **_told(each, text), "waived": None}


def _told(found: Finding, text: str) -> Row:
    rule = found.rule
    return {
        "id": rule.id, "severity": rule.severity, "reason": found.reason, "source": rule.source,
        "suggestion": found.suggestion, "start": found.start, "end": found.end, "words": text[found.start : found.end],
    }  # fmt: skip


def _of_house(database: Database, locale: str | None, jurisdiction: str | None) -> Iterator[Row]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, disable=not sys.stderr.isatty(), transient=True) as progress:
        with looking(database, OPERATOR) as work:
            task = progress.add_task("Reading texts", total=claims_house.count(work, locale))
        after: int | None = 0
        while after is not None:
            with looking(database, OPERATOR) as work:
                batch, after = claims_house.batch(work, after, locale, jurisdiction)
            for rows in batch:
                progress.update(task, advance=1)
                yield from rows


def _line(each: Row) -> str:
    where = f"{each['file']}:{each['line']}" if "file" in each else (
        f"{each['type']}/{each['entry']} {each['locale']}{' @' + each['clinic'] if each['clinic'] else ''} "
        f"{each['pointer']}"
    )  # fmt: skip
    waived = " (let pass)" if each["waived"] else ""
    said = f"{where} {each['start']}-{each['end']} “{each['words']}”"
    return f"{each['severity']:5} {each['id']}{waived}  {said}: {each['reason']}"
