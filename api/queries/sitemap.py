"""The sitemap: every live item and category page with its own approved text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select
from sqlalchemy.orm import aliased

from api.models import LIBRARY, Published
from api.queries import paths
from api.queries.found import LIGHT, Depends
from api.queries.instants import written
from api.queries.items import grouped
from api.queries.reader import Reader
from api.queries.scope import params, seen
from schemas.content import CONTENT_TYPES

Given = dict[str, Any]


@dataclass
class Map:
    """Rows of one page; `last` is (type, entry id) to go on from."""

    rows: list[Given]
    last: tuple[str, str] | None
    total: int


def sitemap(
    connection: Connection, reader: Reader, size: int, after: Sequence[str] | None, locale: str | None, depends: Depends
) -> Map:
    """One page over entries in order of type and id, each with a row per locale; categories stand first."""
    for kind in CONTENT_TYPES:
        depends.on_list(kind.name, reader)
    entries = _entries(connection, reader, size + 1, after)
    ids = [each.entry_id for each in entries[:size]]
    found = connection.execute(select(*LIGHT).where(Published.entry_id.in_(ids), seen(Published)), params(reader)).all()
    rows = [] if after else _categories(reader, locale)
    by_entry = grouped(found)
    for each in entries[:size]:
        rows += _pages(reader, by_entry.get(each.entry_id, []), locale)
    last = (entries[size - 1].type, entries[size - 1].entry_id) if len(entries) > size else None
    return Map(rows, last, _count(connection, reader))


def _live(reader: Reader) -> list[Any]:
    """Entries whose pages have addresses of their own, live here in some language and not hidden."""
    hidden = aliased(Published)
    shadowed = select(hidden.id).where(
        hidden.entry_id == Published.entry_id,
        hidden.scope == reader.house.id,
        hidden.locale == "*",
        hidden.visible_from <= reader.now,
        hidden.visible_until > reader.now,
    )
    return [Published.state == "live", seen(Published), ~shadowed.exists()]


def _entries(connection: Connection, reader: Reader, most: int, after: Sequence[str] | None) -> Sequence[Any]:
    asked = select(Published.type, Published.entry_id).where(*_live(reader), Published.type.in_(_with_pages(reader)))
    if after:
        kind, entry_id = after
        asked = asked.where(
            or_(Published.type > kind, and_(Published.type == kind, Published.entry_id > entry_id))
        )
    order = (Published.type, Published.entry_id)
    return connection.execute(asked.distinct().order_by(*order).limit(most), params(reader)).all()


def _count(connection: Connection, reader: Reader) -> int:
    live = select(Published.entry_id).where(*_live(reader), Published.type.in_(_with_pages(reader))).distinct()
    return int(connection.scalar(select(func.count()).select_from(live.subquery()), params(reader)) or 0)


def _with_pages(reader: Reader) -> list[str]:
    """Types whose path, in some language, is no anchor on another page."""
    templates = reader.house.profile["paths"].values()
    return [
        kind.name
        for kind in CONTENT_TYPES
        if any("#" not in (each.get(kind.name) or "#") for each in templates)
    ]


def _pages(reader: Reader, rows: Sequence[Any], locale: str | None) -> list[Given]:
    own: dict[str, Any] = {}
    for row in sorted(rows, key=lambda each: each.scope == LIBRARY):
        own.setdefault(row.locale, row)
    live = {code: own[code] for code in reader.house.locales if code in own and own[code].state == "live"}
    urls = {code: _path(reader, row) for code, row in live.items()}
    alternates = _alternates(reader, urls)
    return [
        _page(reader, row, urls[code], alternates)
        for code, row in live.items()
        if urls[code] and locale in (None, code)
    ]


def _path(reader: Reader, row: Any) -> str | None:
    path = paths.page(reader.house, row.locale, row.type, row.kind, row.slug)
    return path if path and "#" not in path else None


def _page(reader: Reader, row: Any, path: str | None, alternates: list[Given]) -> Given:
    return {
        "id": row.entry_id,
        "type": row.type,
        "locale": row.locale,
        "slug": row.slug,
        "path": path,
        "url": paths.absolute(reader.house, path),
        "lastmod": written(row.updated_at),
        "alternates": alternates,
    }


def _alternates(reader: Reader, found: Mapping[str, str | None]) -> list[Given]:
    """Every language's address of one page, then x-default: the clinic's default language, else the first there is."""
    known = [{"hreflang": code, "url": paths.absolute(reader.house, path)} for code, path in found.items() if path]
    default = reader.house.profile["default_locale"]
    chosen = next((each for each in known if each["hreflang"] == default), known[0] if known else None)
    return [*known, {"hreflang": "x-default", "url": chosen["url"]}] if chosen else known


def _categories(reader: Reader, locale: str | None) -> list[Given]:
    rows = []
    for each in reader.house.categories:
        codes = [code for code in reader.house.locales if code in each.texts]
        places = {code: paths.category(reader.house, code, each.texts[code][1], each.group) for code in codes}
        alternates = _alternates(reader, places)
        rows += [
            {
                "id": each.id, "type": "category", "locale": code, "slug": each.texts[code][1], "path": path,
                "url": paths.absolute(reader.house, path), "lastmod": written(each.updated_at),
                "alternates": alternates,
            }
            for code, path in places.items()
            if path and locale in (None, code)
        ]  # fmt: skip
    return rows
