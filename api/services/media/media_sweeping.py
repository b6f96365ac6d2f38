"""Bytes that nobody needs any more: of addresses that were retired, and of those that no row names."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import delete, select

from api.db import Database
from api.media.store import Store, at
from api.models import MediaFile

ORPHAN_SECONDS = 3_600
"""An upload keeps its files first and names them after; what nobody names so long after is left of one that died."""
BATCH = 500


@dataclass(frozen=True)
class Swept:
    """How many addresses were retired and went, how many were orphans, and those whose bytes are missing."""

    retired: int = 0
    orphans: int = 0


def sweep(database: Database, *, orphans: bool = True, dry: bool = False) -> Swept:
    """Remove what is not needed; `dry` only counts. Raises OSError where the place can't be reached.

    Killed at any point it has done part of its work, and the next one does the rest.
    """
    place = at(database.media)
    retired = _retired(database)
    for address in () if dry else retired:
        place.drop(address)
        _forget(database, address)
    return Swept(len(retired), _orphans(database, place, dry=dry) if orphans else 0)


def missing(database: Database, most: int | None = None) -> list[str]:
    """Addresses of what is in use whose bytes are not there; of the newest ones alone if `most` is given."""
    place = at(database.media)
    asked = select(MediaFile.address).where(MediaFile.retired_at.is_(None)).group_by(MediaFile.address)
    asked = asked.order_by(MediaFile.address) if most is None else asked.limit(most)
    with database.reading() as connection:
        addresses = list(connection.scalars(asked))
    return [address for address in addresses if not place.has(address)]


def _retired(database: Database) -> list[str]:
    asked = select(MediaFile.address).where(MediaFile.retired_at <= database.instant()).distinct().limit(BATCH)
    with database.reading() as connection:
        return list(connection.scalars(asked))


def _forget(database: Database, address: str) -> None:
    gone = delete(MediaFile).where(MediaFile.address == address, MediaFile.retired_at <= database.instant())
    with database.transaction() as session:
        session.execute(gone)


def _orphans(database: Database, place: Store, *, dry: bool) -> int:
    count = 0
    for batch in _batches(address for address, written in place.addresses() if written < time.time() - ORPHAN_SECONDS):
        with database.reading() as connection:
            known = set(connection.scalars(select(MediaFile.address).where(MediaFile.address.in_(batch))))
        for address in set(batch) - known:
            count += 1
            if not dry:
                place.drop(address)
    return count


def _batches(addresses: Iterable[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    for address in addresses:
        batch.append(address)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
