"""The sitemap: every live item and category page with its own approved text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Integer, Select, String, and_, bindparam, select, union_all

from api.models import LIBRARY, Entry, Published
from api.queries import paths
from api.queries.found import Depends
from api.queries.instants import written
from api.queries.items import grouped
from api.queries.prepared import Prepared
from api.queries.reader import Reader
from api.queries.scope import CLINIC, params, seen
from schemas.content import CONTENT_TYPES

Given = dict[str, Any]
CATEGORY = "category"
AT_ONCE = 500
"""How many entries one statement reads at most."""
SHORT = ("scope", "locale", "type", "state", "kind", "slug", "updated_at")
"""Columns that stand before the long ones: no row is read to its end."""


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
    most = min(size + 1, AT_ONCE)
    for name in _with_pages(reader):
        if name >= kind:
            for entry_id, rows in _entries(connection, reader, name, last_id if name == kind else "", most):
                for row in _pages(reader, rows, codes):
                    if entry_id != last_id or row["locale"] not in passed:
                        yield row


def _entries(
    connection: Connection, reader: Reader, type_name: str, first: str, most: int
) -> Iterator[tuple[str, list[Any]]]:
    """Entries of one type from an id on, each with what is in force of it in every language.

    The first statement reads `most` of them, those after it more: of many entries nothing may be in force.
    """
    while True:
        found = grouped(_CHUNK.rows(connection, params(reader, type=type_name, first=first, most=most)))
        yield from found.items()
        if len(found) < most:
            return
        most = min(2 * most, AT_ONCE)
        first = f"{next(reversed(found))} "  # A blank comes before all that an id is made of.


def _chunk(_: bool) -> Select[Any]:
    """The next entries of one type, of the clinic or the library, whether or not anything of them is in force."""
    most = bindparam("most", type_=Integer)
    here = select(Entry.id).where(
        Entry.type == bindparam("type", type_=String), Entry.id >= bindparam("first", type_=String)
    )
    each = [here.where(Entry.scope == who).order_by(Entry.id).limit(most).subquery() for who in (CLINIC, LIBRARY)]
    both = union_all(*(select(one.c.id) for one in each)).subquery()
    named = select(both.c.id).order_by(both.c.id).limit(most).subquery()
    columns = [getattr(Published, name) for name in SHORT]
    rows = named.outerjoin(Published, and_(Published.entry_id == named.c.id, seen(Published)))
    return select(named.c.id.label("entry_id"), *columns).select_from(rows).order_by(named.c.id)


_CHUNK = Prepared(_chunk)


def _with_pages(reader: Reader) -> list[str]:
    """Types of which, in some language, all items or those of one kind have a page of their own; in order."""
    every = [pair for each in reader.house.profile["paths"].values() for pair in each.items()]
    own = {name.partition(".")[0] for name, template in every if "#" not in template}
    return sorted(kind.name for kind in CONTENT_TYPES if kind.name in own)


def _pages(reader: Reader, rows: Sequence[Any], codes: list[str]) -> list[Given]:
    """One entry's pages in the clinic's order of languages: its own row of each comes before the library's."""
    own: dict[str, Any] = {}
    for row in rows:
        if row.state == "hidden":
            return []
        if row.scope != LIBRARY or row.locale not in own:
            own[row.locale] = row
    live = {code: own[code] for code in reader.house.locales if code in own and own[code].state == "live"}
    urls = {code: _path(reader, row) for code, row in live.items()}
    alternates = _alternates(reader, urls)
    return [_page(reader, row, urls[code], alternates) for code, row in live.items() if urls[code] and code in codes]


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
    """Every language's address of one page, then x-default."""
    known = [{"hreflang": code, "url": paths.absolute(reader.house, path)} for code, path in found.items() if path]
    return paths.with_default(reader.house, known)


def _categories(reader: Reader, codes: list[str]) -> list[Given]:
    rows = []
    for each in sorted(reader.house.listed, key=lambda each: each.id):
        spoken = [code for code in reader.house.locales if code in each.texts]
        places = {code: paths.category(reader.house, code, each.texts[code].slug, each.group) for code in spoken}
        alternates = _alternates(reader, places)
        rows += [
            {
                "id": each.id, "type": CATEGORY, "locale": code, "slug": each.texts[code].slug, "path": path,
                "url": paths.absolute(reader.house, path), "lastmod": written(each.updated_at),
                "alternates": alternates,
            }
            for code, path in places.items()
            if path and code in codes
        ]  # fmt: skip
    return rows
