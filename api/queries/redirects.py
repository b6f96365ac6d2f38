"""Redirects: old paths of the clinic's site, written by hand or left behind by a changed slug, and where they lead."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Select, select, union_all
from sqlalchemy.orm import aliased

from api.models import LIBRARY, Published, Redirect
from api.queries import categories, paths
from api.queries.former import former_slugs, of_slugs, slugs_asked
from api.queries.found import LIGHT, Depends
from api.queries.house import House
from api.queries.items import grouped, served
from api.queries.prepared import Prepared, listed, listing
from api.queries.reader import Reader
from api.queries.scope import params, seen
from schemas.content import CONTENT_TYPES

Given = dict[str, Any]
HOPS = 20
Known = dict[str, tuple[str, int]]
"""Path -> (where it leads, its status)."""


def _concerned(sqlite: bool) -> Select[Any]:
    """All that is in force of each: where a clinic hides a text, or holds on to an older one, that has another slug."""
    having = aliased(Published)  # Whosever, and of whenever: asked about that, too, SQLite may look through all.
    have_it = select(having.entry_id).where(*of_slugs(having, sqlite))
    concerned = union_all(listing("entries", sqlite), have_it)
    return select(*LIGHT).where(Published.entry_id.in_(concerned), seen(Published))


_CONCERNED = Prepared(_concerned)
"""Texts that left such an address, or have it now."""


def written_redirects(connection: Connection, reader: Reader) -> Known:
    """{path: (target, status)} as editors wrote them."""
    asked = select(Redirect.from_path, Redirect.to_path, Redirect.status).where(Redirect.clinic_id == reader.house.id)
    return {row.from_path: (row.to_path, row.status) for row in connection.execute(asked)}


def of_categories(connection: Connection, reader: Reader) -> Known:
    """{path of a slug that a category had before: (its page today, 301)}, whatever stands under that path now."""
    found: Known = {}
    for locale, slug, each in categories.left_slugs(connection, reader):
        own = reader.house.by_key[each.key]
        now = own if locale in own.texts else each
        if locale not in now.texts:
            continue
        here, there = (paths.category(reader.house, locale, one, now.group) for one in (slug, now.texts[locale].slug))
        if here and there and "#" not in here:
            found.setdefault(here, (there, 301))
    return found


def left_behind(
    connection: Connection, reader: Reader, depends: Depends, named: Collection[str] | None = None
) -> Known:
    """{path of a former slug: (the item's path today, 301)}; a path that something else lives under is no redirect.

    Of the slugs that are `named`, or of all.
    """
    for kind in CONTENT_TYPES:
        depends.on_list(kind.name, reader)
    former = former_slugs(connection, reader, named)
    if not former:
        return {}
    rows = _rows(connection, reader, {row.entry_id for row in former}, {row.slug for row in former})
    live = {entry_id: _live(mine, reader) for entry_id, mine in grouped(rows).items()}
    taken = {_path(reader, row, row.slug) for mine in live.values() for row in mine.values()}
    found: Known = {}
    for row in former:
        now = live.get(row.entry_id, {}).get(row.locale)
        if now is None:
            continue
        here, there = _path(reader, now, row.slug), _path(reader, now, now.slug)
        if here and there and here not in taken and "#" not in here:
            found[here] = (there, 301)  # Of several the last one stays, who had it last.
    return found


def _rows(connection: Connection, reader: Reader, entries: Collection[str], slugs: Collection[str]) -> list[Any]:
    asked = params(reader, entries=listed(connection, entries), **slugs_asked(connection, slugs))
    return _CONCERNED.rows(connection, asked)


def _live(rows: Sequence[Any], reader: Reader) -> dict[str, Any]:
    """An entry's live text per locale, the clinic's before the library's; none where it is hidden."""
    shown = served(rows, reader).rows
    own = {row.locale: row for row in sorted(shown, key=lambda row: row.scope != LIBRARY)}
    return {locale: row for locale, row in own.items() if row.state == "live"}


def _path(reader: Reader, row: Any, slug: str) -> str | None:
    return paths.page(reader.house, row.locale, row.type, row.kind, slug)


def living(connection: Connection, reader: Reader, slugs: Collection[str]) -> set[str]:
    """The paths under which texts of these slugs are live now."""
    if not slugs:
        return set()
    texts = grouped(_rows(connection, reader, (), slugs)).values()
    there = [row for mine in texts for row in _live(mine, reader).values()]
    return {path for row in there if (path := _path(reader, row, row.slug)) is not None}


def way(house: House, known: Known, path: str) -> list[str]:
    """Every path that is passed from a path on, that one and the end with them; the last one again in a circle.

    `known` goes by `normal` paths; what is passed is spelled as it is written.
    """
    found = [path]
    while (leads := known.get(_step(house, found[-1]))) and len(found) <= HOPS and found[-1] not in found[:-1]:
        found.append(leads[0])
    return found


def follow(house: House, known: Known, path: str) -> str | None:
    """Where a path leads in the end; None for a circle."""
    end = way(house, known, path)[-1]
    return None if _step(house, end) in known else end


def _step(house: House, target: str) -> str:
    """A target as a path that may lead on; one with a query or an anchor is an end, as a further step would lose it."""
    return target if "?" in target or "#" in target else paths.here(house.profile["site_url"], target)
