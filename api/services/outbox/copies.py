"""Copies of replies beside this house: owed word of what is old, in promises that are kept outside a transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.cache import surrogates
from api.cache.codec import Codec, Cut
from api.cache.redis_tier import RedisTier, Unreachable
from api.config import REDIS, Config
from api.db import Database
from api.edges.asking import Edge
from api.edges.named import edge
from api.models import LIBRARY, Clinic, Promise

PURGE, ERASE = "purge_edge", "erase"
KINDS = (PURGE, ERASE)
AGAIN = dt.timedelta(seconds=5)
"""Everyone is told twice: a reply that was on its way at the commit may be stored after the first word of it."""
AT_MOST = 5
"""Requests to one edge for one purge; beyond that everything is dropped, with one."""


class Later(Exception):
    """What was promised can't be done now, and is tried until it can."""


@dataclass(frozen=True)
class Purged:
    """What became old: tags, and the purge clock at which they did."""

    tags: frozenset[str]
    clock: int


def owe(
    database: Database, session: Session, now: dt.datetime, clock: int, tags: Iterable[str], *, hard: bool
) -> None:
    """Owe word of a purge to whoever keeps copies; Redis only of what was taken down, for it holds nothing as true."""
    listed = sorted(set(tags))
    told = {"tags": listed, "clock": clock}
    for each in database.copies:
        if each == REDIS and not hard and surrogates.EVERYTHING not in listed:
            continue
        kind = ERASE if each == REDIS else PURGE
        for due in (now, now + AGAIN):
            session.add(Promise(kind=kind, subject=each, payload=told, created_at=now, due_at=due))


def said(payload: Any) -> Purged | None:
    """What a promise tells of a purge; None where it makes no sense."""
    tags, clock = (payload.get("tags"), payload.get("clock")) if isinstance(payload, dict) else (None, None)
    if not isinstance(clock, int) or not isinstance(tags, list) or not all(isinstance(each, str) for each in tags):
        return None
    return Purged(frozenset(tags), clock)


@dataclass
class Copies:
    """How those who keep copies are reached: edges by their address in the settings, and Redis."""

    edges: dict[str, Edge] = field(default_factory=dict)
    shared: RedisTier | None = None
    codec: Codec | None = None

    def tell(self, database: Database, kind: str, subject: str, purges: Sequence[Purged]) -> None:
        """Have what became old forgotten at one place, unless it is no longer in use. Raises Later, EdgeFailed."""
        if kind == ERASE:
            self._erase(purges)
        elif subject in self.edges:
            _purge(self.edges[subject], _words(database, purges))

    def _erase(self, purges: Sequence[Purged]) -> None:
        if self.shared is None or self.codec is None:
            return
        codec = self.codec

        def doomed(value: bytes) -> bool | None:
            try:
                found = codec.depends(value)
            except Cut:
                return None
            return found is not None and any(_held(each, *found) for each in purges)

        try:
            self.shared.erase(doomed)
        except Unreachable as error:
            raise Later(str(error)) from error


def of(config: Config) -> Copies:
    """Those that the settings name."""
    edges = {address: edge(address, config.edge_token) for address in config.edge}
    if not config.redis_url:
        return Copies(edges)
    return Copies(edges, RedisTier(config.redis_url), Codec(config.secret(), ""))


def _held(purge: Purged, tags: frozenset[str], clock: int) -> bool:
    """Whether a value was made before a purge of something in it."""
    return clock < purge.clock and (surrogates.EVERYTHING in purge.tags or not purge.tags.isdisjoint(tags))


def _words(database: Database, purges: Sequence[Purged]) -> list[str]:
    """All in one: what several purges drop, and the large replies of the clinics they name, or of every clinic."""
    tags = {tag for each in purges for tag in each.tags}
    named = surrogates.scopes(tags)
    if LIBRARY in named or any(not surrogates.scopes(each.tags) for each in purges):
        with database.reading() as connection:
            named = set(connection.scalars(select(Clinic.id)))
    return surrogates.purged(tags, named)


def _purge(told: Edge, words: list[str]) -> None:
    if len(words) > AT_MOST * told.batch:
        words = [surrogates.word(surrogates.EVERYTHING)]
    for start in range(0, len(words), told.batch):
        told.purge(words[start : start + told.batch])
