"""`clinic-cms export` and `clinic-cms import`: files out of the house and into it, in the operator's name."""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
import sys
from pathlib import Path
from typing import Any

import click

from api.commands.connected import connected
from api.commands.progress import Step, bar
from api.db import Database
from api.errors import CmsError
from api.models import LIBRARY, Transfer
from api.rules.permissions import OPERATOR
from api.services import lookup
from api.services.transfers import beginning, folder, jobs, outgoing, restoring, views
from api.services.transfers.formats import FORMATS, SUFFIXES
from api.services.work import looking, writing
from schemas.content import CONTENT_TYPES
from schemas.managed.replies import STATES

TYPES = tuple(each.name for each in CONTENT_TYPES)
LABELS = {"read": "Reading", "check": "Checking", "apply": "Writing drafts", "write": "Writing"}
FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)
TOLD = 20
"""Faults that are printed; --json has them all."""


@click.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--format", "form", type=click.Choice(("ndjson", "csv")), help="Left out, what the file's name says.")
@click.option("--clinic", help="Only this clinic's own texts and overlays, by its slug.")
@click.option("--type", "kind", type=click.Choice(TYPES), help="Only texts of this type.")
@click.option("--locale", help="Only texts in this language.")
@click.option("--state", type=click.Choice(STATES), help="Only texts in this state.")
@click.option("--column", "columns", multiple=True, help="Of a table, such as summary or sections.risks.body; repeat.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@click.option("--json", "as_json", is_flag=True, help="Print {file, complete, rows, counts, digest}.")
def export(file: Path, form: str | None, force: bool, as_json: bool, **said: Any) -> None:
    """Write everything that belongs to the content to FILE: whole, it goes into an empty house, on any database.

    Keys and secrets are never in it. With filters, or as CSV, it is a part that others can edit.
    """
    form = form or ("csv" if file.suffix == ".csv" else "ndjson")
    if file.exists() and not force:
        raise click.UsageError(f"{file} is there already; name another file, or say --force.")
    if said["columns"] and form != "csv":
        raise click.UsageError("--column belongs to a table: name a .csv file.")
    asked = {name: value for name, value in said.items() if value}
    asked["type"] = asked.pop("kind", None)
    with connected() as (_, database), bar(as_json) as step:
        with looking(database, OPERATOR) as work:
            if asked.get("clinic"):
                asked["scope"] = lookup.clinic(work, asked["clinic"]).id
        complete = form == "ndjson" and not any(asked.values())
        made = _written(database, file, form, {**asked, "complete": complete}, step)
        with writing(database, OPERATOR) as work:
            work.log("export", LIBRARY, format=form, complete=complete, digest=made.digest, **made.counts)
    told = {"file": str(file), "complete": complete, "rows": made.rows, "counts": made.counts, "digest": made.digest}
    what = "The whole house" if complete else "A part of the house"
    files = f" Their files are not in it: keep {_place(database)} beside it." if made.counts.get("media") else ""
    click.echo(json.dumps(told) if as_json else f"{what} is in {file}: {_counted(made.counts)}.{files}")


def _written(database: Database, file: Path, form: str, asked: dict[str, Any], step: Step) -> outgoing.Made:
    done = 0

    def seen(entries: int) -> None:
        nonlocal done
        done += entries
        step("Writing", done, None)

    try:
        return outgoing.write(database, file, form, asked, {"id": OPERATOR.id, "key_id": None}, seen)
    except OSError as error:
        raise click.UsageError(f"{file} can't be written: {error.strerror}.") from None


@click.command("import")
@click.argument("file", type=FILE)
@click.option("--dry-run", is_flag=True, help="Only say what would become of each text.")
@click.option("--restore", "whole", is_flag=True, help="A complete export into an empty house: all of it as it was, "
              "approvals and what is live too.")  # fmt: skip
@click.option("--format", "form", type=click.Choice(FORMATS), help="Left out, what the file's name says.")
@click.option("--clinic", help="The clinic (slug) of texts that name none; left out, the library.")
@click.option("--locale", help="The language of texts that name none.")
@click.option("--source", help="The other system: external keys are looked up, and kept, under its name.")
@click.option("--skip-refused", is_flag=True, help="Write the sound texts although others are refused.")
@click.option("--json", "as_json", is_flag=True, help="Print what became of it, with every row that is refused.")
def import_file(file: Path, dry_run: bool, whole: bool, form: str | None, as_json: bool, **said: Any) -> None:
    """Take texts in as drafts, or with --restore a whole house into an empty one.

    Everything is looked at before anything is written. Exit code 1 if texts were refused, or would be.
    """
    if whole and (form or any(said.values())):
        raise click.UsageError("--restore takes a whole archive as it is; leave the other options out.")
    with connected() as (_, database):
        if whole:
            _restore(database, file, dry_run, as_json)
            return
        form = form or SUFFIXES.get(file.suffix.lower())
        if form is None:
            raise click.UsageError(f"The name of {file} does not say what it is; give --format.")
        _import(database, file, form, dry_run, as_json, said)


def _restore(database: Database, file: Path, dry_run: bool, as_json: bool) -> None:
    size, done = file.stat().st_size, {"check": 0, "write": 0}
    with bar(as_json) as step:

        def seen(phase: str, more: int) -> None:
            done[phase] += more
            step({"check": "Checking", "write": "Taking in"}[phase], done[phase], size)

        try:
            counts = restoring.restore(database, file, seen, dry=dry_run)
        except CmsError as error:
            if not as_json:
                raise
            click.echo(json.dumps({"state": "refused", "problem": error.detail, "faults": error.faults}))
            sys.exit(1)
    told = "is sound and would go in" if dry_run else "was taken in"
    state = {"state": "done", "mode": "dry_run" if dry_run else "restore", "counts": counts}
    copy = f" Copy the files of the old house's media to {_place(database)}; `clinic-cms media check` names what lacks."
    files = copy if counts.get("media") else ""
    click.echo(json.dumps(state) if as_json else f"{file} {told}: {_counted(counts)}.{files}")


def _import(database: Database, file: Path, form: str, dry_run: bool, as_json: bool, said: dict[str, Any]) -> None:
    mode = "dry_run" if dry_run else "apply"
    skips = said.pop("skip_refused")
    asked = {**said, "refused": "skip" if skips else "stop"}
    upload = _copied(database, file)
    try:
        with writing(database, OPERATOR) as work:
            begun = beginning.take_in(work, upload, form, asked, mode, owed=False).id
    finally:
        beginning.forget(upload)
    with bar(as_json) as step:
        for found in jobs.run(database, begun):
            step(LABELS[found.phase], found.done, found.total)
    with looking(database, OPERATOR) as work:
        transfer = work.session.get_one(Transfer, begun)
        told = views.shown(transfer, work.database.root)
        refused = views.rows(work, transfer, "refused", size=100_000 if as_json else TOLD).rows
        failed = views.rows(work, transfer, "failed", size=100_000 if as_json else TOLD).rows
    click.echo(json.dumps({**told, "rows": [*refused, *failed]}) if as_json else _report(told, [*refused, *failed]))
    if told["state"] != "done" or refused or failed:
        sys.exit(1)


def _copied(database: Database, file: Path) -> beginning.Upload:
    """A copy in the house's own folder: what is checked is what is written, whatever happens to the file."""
    place = folder.root(database) / f"incoming-{secrets.token_hex(8)}"
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, place)
    made = hashlib.sha256()
    with place.open("rb") as copied:
        for chunk in iter(lambda: copied.read(1 << 20), b""):
            made.update(chunk)
    return beginning.Upload(place, place.stat().st_size, f"sha256:{made.hexdigest()}", "")


def _report(told: dict[str, Any], rows: list[dict[str, Any]]) -> str:
    """What became of the import, and of its first refused rows what to change."""
    counts = {name: count for name, count in told["counts"].items() if count}
    verb = "Would be" if told["mode"] == "dry_run" else "Texts"
    lines = [f"{told['state'].capitalize()}. {verb}: {_counted(counts) or 'none'}."]
    if told["problem"]:
        lines.append(told["problem"]["detail"])
    if told["left_out"]:
        lines.append(f"Not taken, as drafts have none: {_counted(told['left_out'])}.")
        if rows:
            lines.append("An archive of a whole house goes into an empty one with --restore.")
    for row in rows:
        for fault in row["faults"]:
            lines.append(
                f"  line {row['line']} {row['type']} {row['slug'] or ''} {fault['pointer']}: {fault['detail']}"
            )
    return "\n".join(lines)


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count)


def _place(database: Database) -> str:
    """Where this house keeps the bytes of pictures and documents."""
    place = database.media
    return f"s3://{place.bucket}/{place.prefix}" if place.bucket else str(place.folder)
