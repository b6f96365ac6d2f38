"""The first page: what this is, how it is, and calls to try."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, current_app, request
from sqlalchemy.exc import SQLAlchemyError

from api.db import Database, Reading
from api.pages.page import KEPT, page
from api.pages.samples import Sample, samples
from api.queries import lists
from api.queries.filters import Restriction
from api.queries.house import House, house, houses
from api.queries.reader import Reader
from schemas.content import CONTENT_TYPES
from schemas.wording import in_language

FAVOURITE = "demo-south"
"""The clinic that samples are taken from if it is there; else the first that is public."""
REMEMBERED = 60
"""Seconds that a count may be old: it is told, and nothing depends on it."""
ENGINES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@dataclass(frozen=True)
class Content:
    """What anyone may read here: how many clinics, and one of them with its counts as (noun, count)."""

    clinics: int
    slug: str
    name: str
    demo: bool
    counts: tuple[tuple[str, int], ...]
    samples: tuple[Sample, ...]

    @property
    def items(self) -> int:
        return sum(count for _, count in self.counts)


def landing() -> Response:
    """The page at the root. Without a database or without content it says what to do."""
    database: Database = current_app.extensions["database"]
    content, reached = None, True
    try:
        content = _content(database)
    except SQLAlchemyError:
        current_app.logger.exception("landing")
        reached = False
    return page(
        "landing.html",
        cache_control=KEPT if content else "no-store",
        content=content,
        reached=reached,
        engine=ENGINES.get(database.reader.dialect.name, database.reader.dialect.name),
        host=current_app.config["PUBLIC_URL"].removesuffix(request.script_root),
        types=CONTENT_TYPES,
    )


def _content(database: Database) -> Content | None:
    """What there is to read now; its counts are made at most once a minute, and anew when the clinic changes."""
    with database.reading() as connection:
        slugs = houses(connection, [])
        chosen = FAVOURITE if FAVOURITE in slugs else next(iter(slugs), None)
        found = house(database, connection, chosen) if chosen else None
        if found is None:
            return None
        now, known = database.now(), (len(slugs), found.slug, found.stamp)
        at, of, kept = database.memory.get("landing", (0, None, None))
        if kept is None or of != known or not 0 <= now - at < REMEMBERED:
            kept = _counted(connection, found, len(slugs), now)
            database.memory["landing"] = (now, known, kept)
        return kept  # type: ignore[no-any-return]


def _counted(connection: Reading, found: House, clinics: int, now: int) -> Content:
    locale: str = found.profile["default_locale"]
    reader = Reader(found, (locale, *found.fallback(locale)), now)
    counts = []
    for kind in CONTENT_TYPES:
        count = lists.count(connection, reader, kind, (), Restriction(None))
        counts.append((_noun(kind.name if count == 1 else kind.plural), count))
    name, demo = in_language(found.profile["name"], "en"), bool(found.profile["demo"])
    return Content(clinics, found.slug, name, demo, tuple(counts), samples(connection, reader))


def _noun(word: str) -> str:
    return word.replace("faq", "FAQ")
