"""Backups: the whole house as of one instant, in one file, while it goes on working."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.config import Config
from api.db import Database
from api.errors import NotReady
from api.migrate import current
from api.models import ApiKey
from api.services.backups import archive, snapshots
from api.version import VERSION

MEDIA = "media"
"""Under this name the files of the media folder stand in a backup. A bucket has versions and copies of its own."""
WITHHELD = "withheld:"
"""What a key's digest begins with in a backup that nobody sealed: no key has it."""
Shown = Callable[[str, int, int], object]
"""Told as it goes on: (part, how far, of how much)."""


def unseen(part: str, done: int, total: int) -> None:
    """Nobody looks on."""


@dataclass(frozen=True)
class Made:
    """A finished backup."""

    path: Path
    bytes: int
    sealed: bool
    manifest: dict[str, Any]


def back_up(config: Config, database: Database, path: Path, said: bytes | None, shown: Shown = unseen) -> Made:
    """Write a backup to a new file, sealed with a passphrase where one is given. Raises NotReady."""
    folder = path.resolve().parent
    if path.exists():
        raise NotReady(f"{path} is there already; a backup replaces no file.")
    if not folder.is_dir():
        raise NotReady(f"There is no folder {folder}.")
    media = config.media.folder.resolve()
    if folder.is_relative_to(media):
        raise NotReady(f"{folder} holds what the service gives out; put the backup elsewhere.")
    with snapshots.snapshot(database, folder) as connection:
        tables = snapshots.kept()
        head: dict[str, Any] = {
            "format": archive.FORMAT,
            "version": archive.VERSION,
            "product": VERSION,
            "schema": current(connection),
            "made_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            "database": "sqlite" if database.sqlite else "postgresql",
            "keys": said is not None,
            "media": "elsewhere" if config.media.bucket else "here",
            "tables": {
                each.name: [[column.name, snapshots.kind(column)] for column in each.columns] for each in tables
            },
            "counts": {each.name: snapshots.count(connection, each) for each in tables},
        }
        with archive.making(path, said, head) as writing:
            for table in tables:
                rows, total = snapshots.rows(connection, table), head["counts"][table.name]
                if table is ApiKey.__table__ and said is None:
                    rows = _without_digests(rows)
                for done in writing.table(table.name, rows):
                    shown(table.name, done, total)
            if config.media.bucket is None:
                _put_media(writing, media, shown)
            manifest = writing.end()
    return Made(path, path.stat().st_size, said is not None, manifest)


def _without_digests(rows: Iterator[list[Any]]) -> Iterator[list[Any]]:
    names = [each.name for each in ApiKey.__table__.columns]
    key, digest = names.index("id"), names.index("digest")
    for row in rows:
        row[digest] = f"{WITHHELD}{row[key]}"
        yield row


def _hidden(path: Path) -> bool:
    """Whether it is not whole yet: what is being written stands under a name that begins with a dot."""
    return any(part.startswith(".") for part in path.parts)


def _put_media(writing: archive.Writing, folder: Path, shown: Shown) -> None:
    """Files are named by their content and written whole, so each may be read as it is met."""
    found = sorted(each for each in folder.rglob("*") if each.is_file() and not _hidden(each.relative_to(folder)))
    for number, each in enumerate(found, start=1):
        try:
            opened = each.open("rb")
        except FileNotFoundError:
            continue  # Removed meanwhile: no text of the snapshot's instant may need it by now.
        with opened as file:
            writing.media(each.relative_to(folder).as_posix(), file, each.stat().st_size)
        shown(MEDIA, number, len(found))
