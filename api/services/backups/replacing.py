"""Where a restored house goes: into PostgreSQL by one transaction, or as a new SQLite file by one renaming."""

from __future__ import annotations

import datetime as dt
import os
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from api.config import Config
from api.db import connect
from api.errors import NotReady
from api.services.backups import restores
from api.services.backups.backups import Shown, unseen
from api.services.backups.restores import Restored
from api.services.processes.statistics import count_anew


def restore(config: Config, path: Path, said: bytes | None, *, over: bool = False, shown: Shown = unseen) -> Restored:
    """Check a backup, then put it in the place that the settings name. Raises NotReady, and then nothing is changed.

    What is there already stays unless `over`; a former SQLite file is kept beside.
    """
    restores.verify(path, said, shown)
    database = connect(config)
    try:
        there = restores.occupied(database)
        if there is not None:
            if not over:
                raise NotReady(
                    f"The database holds {there}. Nothing was changed; --replace puts the backup in its place."
                )
            restores.require_stopped(database)
        added = restores.stage_media(config, path, said, shown)
        try:
            if database.sqlite:
                database.close()  # Nobody may have the file open when another takes its place.
                made = _as_a_file(config, path, said, shown)
            else:
                made = restores.fill(database, path, said, shown)
        except BaseException:
            for each in added:
                each.unlink(missing_ok=True)
            raise
        count_anew(database)
        made.media = len(added)
        return made
    finally:
        database.close()


def _as_a_file(config: Config, path: Path, said: bytes | None, shown: Shown) -> Restored:
    place = Path(config.database_url.removeprefix("sqlite:///")).resolve()
    draft = place.with_name(f"{place.name}.restoring")
    _remove(draft)
    try:
        database = connect(replace(config, database_url=f"sqlite:///{draft}"))
        draft.touch(mode=0o600)
        try:
            made = restores.fill(database, path, said, shown)
        finally:
            database.close()
        _alone(draft)
        _checked(draft)
        if place.exists():
            _alone(place)
            stamp = dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%SZ")
            former = place.with_name(f"{place.name}.before-{stamp}")
            os.link(place, former)
            made.kept.append(str(former))
        draft.replace(place)
        _flush(place.parent)
        return made
    finally:
        _remove(draft)


def _alone(place: Path) -> None:
    """Have a SQLite database be its one file. Raises NotReady where somebody uses it."""
    try:
        with closing(sqlite3.connect(place, timeout=2, isolation_level=None)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            mode = connection.execute("PRAGMA journal_mode=DELETE").fetchone()[0]
    except sqlite3.OperationalError as error:
        raise NotReady(f"{place} is in use ({error}): stop the service. Nothing was changed.") from None
    if mode != "delete":
        raise NotReady(f"{place} is in use: stop the service. Nothing was changed.")


def _checked(place: Path) -> None:
    with closing(sqlite3.connect(place)) as connection:
        whole = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
        loose = connection.execute("PRAGMA foreign_key_check").fetchone()
    if whole != "ok" or loose is not None:
        raise NotReady(f"What was restored is not whole ({loose or whole}). Nothing was changed.")
    with place.open("rb") as file:
        os.fsync(file.fileno())


def _flush(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _remove(place: Path) -> None:
    for rest in ("", "-wal", "-shm", "-journal"):
        place.with_name(place.name + rest).unlink(missing_ok=True)
