"""The sitemap: every live item and category page with its own approved text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import Connection, select, tuple_

from api.models import LIBRARY, Published
from api.queries import paths
from api.queries.found import LIGHT, Depends
from api.queries.instants import written
from api.queries.items import grouped
from api.queries.reader import Reader
from api.queries.scope import params, seen, shown
from schemas.content import CONTENT_TYPES

Given = dict[str, Any]
CATEGORY = "category"
AT_ONCE = 500
"""How many entries one statement names at most."""


@dataclass
class Map:
    """Rows of one page; `last` is (type, id, locale) to go on from."""

    rows: list[Given]
    last: tuple[str, str, str] | None


def sitemap(
    connection: Connection, reader: Reader, size: int, after: Sequence[str] | None, locale: str | None, depends: Depends
) -> Map:
    """One page of rows in order of type (categories first), id and the clinic's languages; of one language if given."""
    for kind in CONTENT_TYPES:
        depends.on_list(kind.name, reader)
    rows = list(islice(_beyond(connection, reader, size, after, locale), size + 1))
    last = rows[size - 1] if len(rows) > size else None
    return Map(rows[:size], (last["type"], last["id"], last["locale"]) if last else None)


def _beyond(
    connection: Connection, reader: Reader, size: int, after: Sequence[str] | None, locale: str | None
) -> Iterator[Given]:
    """Every row after one of a page before; entries are read as they are needed."""
    codes = [code for code in reader.house.locales if locale in (None, code)]
    kind, last_id, last_locale = after or ("", "", "")
    passed = codes[: codes.index(last_locale) + 1] if last_locale in codes else []
    if kind in ("", CATEGORY):
        for row in _categories(reader, codes):
            if row["id"] > last_id or (row["id"] == last_id and row["locale"] not in passed):
                yield row
        kind, last_id = "", ""
    at: tuple[str, ...] = (kind, last_id)
    most, again = min(size + 1, AT_ONCE), True
    while at:
        entries = _entries(connection, reader, codes, most, at, again=again)
        found = _rows(connection, reader, entries)
        for each in entries:
            for row in _pages(reader, found.get(each.entry_id, []), codes):
                if row["id"] != last_id or row["locale"] not in passed:
                    yield row
        at, again = (entries[-1].type, entries[-1].entry_id) if len(entries) == most else (), False


def _rows(connection: Connection, reader: Reader, entries: Sequence[Any]) -> dict[str, list[Any]]:
    """What is in force of these entries, in every language, by entry."""
    ids = [each.entry_id for each in entries]
    asked = select(*LIGHT).where(Published.entry_id.in_(ids), seen(Published))
    return grouped(connection.execute(asked, params(reader)).all())


def _entries(
    connection: Connection, reader: Reader, codes: list[str], most: int, at: Sequence[str], *, again: bool
) -> Sequence[Any]:
    """The next entries after a place; `again`: from it on, as some of its languages may be left."""
    here, there = tuple_(Published.type, Published.entry_id), tuple_(*at)
    asked = select(Published.type, Published.entry_id).where(
        shown(Published), Published.type.in_(_with_pages(reader)), Published.locale.in_(codes),
        here >= there if again else here > there,
    )  # fmt: skip
    order = (Published.type, Published.entry_id)
    return connection.execute(asked.distinct().order_by(*order).limit(most), params(reader)).all()


def _with_pages(reader: Reader) -> list[str]:
    """Types whose path, in some language, is no anchor on another page."""
    templates = reader.house.profile["paths"].values()
    return [
        kind.name
        for kind in CONTENT_TYPES
        if any("#" not in (each.get(kind.name) or "#") for each in templates)
    ]


def _pages(reader: Reader, rows: Sequence[Any], codes: list[str]) -> list[Given]:
    own: dict[str, Any] = {}
    for row in sorted(rows, key=lambda each: each.scope == LIBRARY):
        own.setdefault(row.locale, row)
    live = {code: own[code] for code in reader.house.locales if code in own and own[code].state == "live"}
    urls = {code: _path(reader, row) for code, row in live.items()}
    alternates = _alternates(reader, urls)
    return [
        _page(reader, row, urls[code], alternates)
        for code, row in live.items()
        if urls[code] and code in codes
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


def _categories(reader: Reader, codes: list[str]) -> list[Given]:
    rows = []
    for each in sorted(reader.house.categories, key=lambda each: each.id):
        spoken = [code for code in reader.house.locales if code in each.texts]
        places = {code: paths.category(reader.house, code, each.texts[code][1], each.group) for code in spoken}
        alternates = _alternates(reader, places)
        rows += [
            {
                "id": each.id, "type": CATEGORY, "locale": code, "slug": each.texts[code][1], "path": path,
                "url": paths.absolute(reader.house, path), "lastmod": written(each.updated_at),
                "alternates": alternates,
            }
            for code, path in places.items()
            if path and code in codes
        ]  # fmt: skip
    return rows
