"""The terminal: start, migrate, seed, and mind the house.

Exit codes: 0 done, 1 refused, 2 misused.
"""

from __future__ import annotations

import json
import signal
import sys
import tempfile
from typing import Any

import click
from sqlalchemy.exc import OperationalError

from api import server
from api import worker as worker_loop
from api.commands import backups, cache, doctor, house, lint, transfers
from api.commands.connected import connected
from api.commands.media import media_group
from api.commands.partners import partners_group
from api.config import from_env
from api.db import Database, connect
from api.errors import CmsError, NotReady
from api.migrate import migrate as run_migrations
from api.rules.permissions import OPERATOR
from api.services.outbox import copies, outbox
from api.services.processes import workers as worker_list
from api.services.published import publications, rebuild
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


@clinic_cms.command()
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Server processes.")
@click.option("--server", "by", type=click.Choice((server.GRANIAN, server.GUNICORN)), default=server.GRANIAN,
              show_default=True, help="What serves: gunicorn, with threads, is the slower fallback.")  # fmt: skip
def serve(workers: int, by: str) -> None:
    """Serve the API. On SQLite the tables and the demo content are made first; PostgreSQL is never migrated here."""
    config = from_env()
    server.require_free(config)
    config.secret()
    with connected(ready=not config.sqlite) as (_, database):
        if config.sqlite:
            run_migrations(database)
        if config.loads_demo:
            _seed(database)
    server.announce(config)
    server.tidy_environment()
    if workers == 1:
        server.run(config, workers, worker_loop.in_thread, by=by)
        return
    with worker_loop.as_child():
        server.run(config, workers, worker_loop.only_flushing, by=by)


@clinic_cms.command()
@click.option("--once", is_flag=True, help="Keep what is due now, say how much that was, and end.")
@click.option("--check", is_flag=True, help="Only tell whether a worker on this machine is alive.")
@click.option("--lease", default=outbox.LEASE_SECONDS, show_default=True, type=click.IntRange(2, 600),
              help="Seconds after which others take over what a worker that died had begun.")  # fmt: skip
@click.option("--parent", type=int, hidden=True, help="The process to end with.")
def worker(once: bool, check: bool, lease: int, parent: int | None) -> None:
    """Keep what was promised: number schedules that have come and reviews that fall due. Runs until told to stop."""
    with connected() as (config, database):
        if check:
            if not worker_list.alive_here(database):
                raise NotReady("No worker on this machine has given a sign within the last 30 seconds.")
            click.echo("A worker is alive.")
            return
        mine = worker_loop.Worker(database, lease, copies.of(config))
        if once:
            click.echo(f"Kept {mine.once()} promises.")
            return
        # Beside a server, an interrupt from the keyboard is the server's; it tells its worker itself.
        signal.signal(signal.SIGINT, signal.SIG_IGN if parent else lambda *_: mine.stop.set())
        signal.signal(signal.SIGTERM, lambda *_: mine.stop.set())
        if parent:
            worker_loop.end_with(parent, mine)
        mine.run()


@clinic_cms.command("publish-due")
def publish_due() -> None:
    """Number the schedules that have come. They show at their second without this; a worker does it by itself."""
    with connected() as (_, database), writing(database, OPERATOR) as work:
        count = publications.mature(work)
    click.echo(f"{count} planned changes had come and are numbered now.")


@clinic_cms.command()
def migrate() -> None:
    """Bring the database to this version's tables."""
    with connected(ready=False) as (_, database):
        before, after = run_migrations(database)
    click.echo(f"The database is at migration {after}" + ("." if before == after else f" (was {before or 'empty'})."))


@clinic_cms.command()
@click.option("--scale", type=click.IntRange(1, 1_000_000), help="Add so many generated topics, for load tests.")
@click.option("--remove", is_flag=True, help="Remove what the seed made.")
def seed(scale: int | None, remove: bool) -> None:
    """Load the demo library, its three clinics and its people. Loading again changes only what differs."""
    from seed import commands
    from seed import remove as removing

    with connected() as (_, database):
        if remove:
            gone, left = removing.remove(database)
            click.echo("\n- ".join([f"Removed {gone} entries." + (" In use and left:" if left else ""), *left]))
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
    with connected() as (_, database):
        click.echo(f"Rebuilt {rebuild.everything(database, OPERATOR)} entries.")


@clinic_cms.command()
@click.option("--examples", is_flag=True, help="Print the examples in it, taken from a freshly seeded library.")
def openapi(examples: bool) -> None:
    """Print the OpenAPI document."""
    from api.app import create_app
    from api.openapi.document import document

    made = _examples() if examples else document(create_app(front=False))
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
        client = create_app(config, database, front=False).test_client()
        made = sampled(lambda address: client.get(address).get_json(force=True))
        database.close()
    return made


for _command in (
    house.keys_group, house.people_group, house.clinics_group, partners_group, media_group, cache.purge, doctor.doctor,
    transfers.export, transfers.import_file,
    lint.lint, backups.backup, backups.restore,
):  # fmt: skip
    clinic_cms.add_command(_command)


if __name__ == "__main__":
    main()
