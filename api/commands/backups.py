"""`clinic-cms backup` and `clinic-cms restore`: the whole house into one file, and back."""

from __future__ import annotations

import json
from pathlib import Path

import click

from api.commands.connected import connected
from api.commands.progress import bar
from api.config import from_env
from api.services.backups import backups, replacing, restores, sealing

PASSPHRASE = click.option(
    "--passphrase-file", "sealed_by", type=click.Path(path_type=Path, dir_okay=False),
    help="Seal with the first line of this file, or open what was sealed with it.",
)  # fmt: skip
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object, and no bars.")
FILE = click.argument("file", type=click.Path(path_type=Path, dir_okay=False))


@click.command()
@FILE
@PASSPHRASE
@AS_JSON
def backup(file: Path, sealed_by: Path | None, as_json: bool) -> None:
    """Write the whole house, as of one instant, into FILE, while the service goes on working.

    Without a passphrase the digests of keys stay out of it, and keys have to be made anew after a restore.
    """
    said = sealing.passphrase(sealed_by) if sealed_by else None
    with connected() as (config, database), bar(as_json) as shown:
        made = backups.back_up(config, database, file, said, shown)
    manifest = made.manifest
    if as_json:
        told = {
            "file": str(made.path),
            "bytes": made.bytes,
            "sealed": made.sealed,
            "schema": manifest["head"]["schema"],
        }
        counts = {name: each["count"] for name, each in manifest["tables"].items()}
        click.echo(json.dumps({**told, "made_at": manifest["head"]["made_at"], "sha256": manifest["sha256"],
                               "tables": counts, "media": manifest["media"]["count"]}))  # fmt: skip
        return
    rows = sum(each["count"] for each in manifest["tables"].values())
    click.echo(f"{made.path}: {rows} rows and {manifest['media']['count']} media files in {made.bytes} bytes.")
    click.echo(f"SHA-256 of what it holds: {manifest['sha256']}")
    if manifest["head"]["media"] == "elsewhere":
        click.echo("The media are in a bucket and not in this file: keep versions of that, or copy it.", err=True)
    if not made.sealed:
        click.echo("It is not sealed: whoever has it can read it. Digests of keys were left out.", err=True)


@click.command()
@FILE
@PASSPHRASE
@AS_JSON
@click.option("--replace", "over", is_flag=True, help="Put it in the place of what the database holds.")
@click.option("--check", "only_check", is_flag=True, help="Only check that the backup is whole; change nothing.")
def restore(file: Path, sealed_by: Path | None, as_json: bool, over: bool, only_check: bool) -> None:
    """Check all of the backup in FILE, and put it into the database that the settings name.

    Anything wrong with it changes nothing. The database may be of the other kind, and an older backup is migrated.
    """
    said = sealing.passphrase(sealed_by) if sealed_by else None
    config = from_env()
    with bar(as_json) as shown:
        if only_check:
            manifest = restores.verify(file, said, shown)
        else:
            made = replacing.restore(config, file, said, over=over, shown=shown)
            manifest = made.manifest
    if only_check:
        told = {"file": str(file), "sha256": manifest["sha256"], **manifest["head"], "tables": len(manifest["tables"])}
        click.echo(json.dumps(told) if as_json else f"{file} is whole. SHA-256 of what it holds: {manifest['sha256']}")
        return
    _tell(made, as_json=as_json)


def _tell(made: restores.Restored, *, as_json: bool) -> None:
    head = made.manifest["head"]
    if as_json:
        told = {name: getattr(made, name) for name in ("schema", "keys_withheld", "promises_dropped", "audit_lines",
                                                       "audit_fault", "media", "kept")}  # fmt: skip
        click.echo(json.dumps({"made_at": head["made_at"], "sha256": made.manifest["sha256"], **told}))
        return
    click.echo(f"Restored as of {head['made_at']}. Every stored reply is old from now on.")
    if made.keys_withheld:
        click.echo(f"{made.keys_withheld} keys were not in the backup and are revoked: make new ones.", err=True)
    elif head["keys"]:
        click.echo("Keys revoked since the backup work again: look at `clinic-cms keys list`.", err=True)
    if made.audit_fault is not None:
        click.echo(f"The audit log was broken at line {made.audit_fault} when the backup was made.", err=True)
    for each in made.kept:
        click.echo(f"What was there before is kept in {each}")
