"""One item: by slug, as this reader is served it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from sqlalchemy import Connection, Select, String, bindparam, exists, or_, select, union_all
from sqlalchemy.orm import aliased

from api.models import LIBRARY, Published, Slug
from api.queries.former import former_slugs
from api.queries.found import in_chain
from api.queries.prepared import Prepared, listed, one_of
from api.queries.reader import Reader
from api.queries.scope import CLINIC, NOW, best, in_scope, params, seen


@dataclass(slots=True)
class Item:
    """What stands under a slug. `live` has a row; `gone` the marker; `not_in_locale` the `locales` there are."""

    outcome: Literal["live", "gone", "not_in_locale", "absent"]
    row: Any = None
    rows: Sequence[Any] = field(default_factory=tuple)
    contested: bool = False
    """Found by a slug that is not its own in the language asked for: a text whose own it is would come first."""
    locales: Sequence[str] = ()
    """The clinic's languages in which it is live, where that is in none of those asked for."""


ABSENT = Item("absent")


def item(connection: Connection, reader: Reader, type_name: str, slug: str) -> Item:
    """The entry whose slug this is, or once was: live slugs first, then former ones, then what was withdrawn."""
    asked = params(reader, type=type_name, slug=slug)
    for left_too in (False, True):  # Only where nothing live answers is it worth asking who held the slug before.
        rows = _slug_statement(len(reader.chain), left_too=left_too).rows(connection, asked)
        found = _chosen(connection, rows, reader, slug)
        if found.outcome == "live":
            found.contested = (found.row.slug, found.row.locale) != (slug, reader.locale)
            return found
    return found


def by_ids(connection: Connection, reader: Reader, type_name: str, ids: Sequence[str]) -> dict[str, Item]:
    """Entries of one type by id, as this reader is served each."""
    asked = params(reader, type=type_name, ids=listed(connection, ids))
    found = grouped(_ids_statement(len(reader.chain)).rows(connection, asked))
    return {each: served(found.get(each, []), reader) for each in ids}


def _by_slug(locales: int, *, left_too: bool) -> Select[Any]:
    other, kind, slug = aliased(Published), bindparam("type", type_=String), bindparam("slug", type_=String)
    live = select(other.entry_id).where(other.type == kind, other.slug == slug, seen(other))
    ours = or_(Slug.scope == CLINIC, Slug.scope == LIBRARY)
    former = select(Slug.entry_id).where(Slug.type == kind, Slug.slug == slug, Slug.former, ours)
    # What was planned has ended this text or given it another slug, and nobody has written down yet that it is former.
    left, heir = aliased(Published), aliased(Published)
    followed = exists(select(heir.id).where(heir.entry_id == left.entry_id, heir.state == "live", seen(heir)))
    ended = select(left.entry_id).where(
        left.type == kind, left.slug == slug, left.state == "live", in_scope(left), left.visible_until <= NOW, followed
    )
    named = union_all(live, former, ended) if left_too else union_all(live, former)
    return select(*in_chain(locales)).where(Published.entry_id.in_(named), seen(Published))


def _by_ids(locales: int, sqlite: bool) -> Select[Any]:
    kind = bindparam("type", type_=String)
    whole = select(*in_chain(locales)).where(one_of(Published.entry_id, "ids", sqlite))
    return whole.where(Published.type == kind, seen(Published))


@lru_cache(maxsize=64)
def _slug_statement(locales: int, *, left_too: bool) -> Prepared:
    return Prepared(lambda _: _by_slug(locales, left_too=left_too))


@lru_cache(maxsize=64)
def _ids_statement(locales: int) -> Prepared:
    return Prepared(lambda sqlite: _by_ids(locales, sqlite))


def served(rows: Sequence[Any], reader: Reader) -> Item:
    """What this reader is served of one entry's rows in force."""
    if len(rows) == 1 and rows[0].state == "live" and rows[0].locale == reader.chain[0]:
        return Item("live", rows[0], rows)
    row = best(rows, reader)
    if row is not None:
        return Item("live" if row.state == "live" else "gone", row, rows)
    there = ((code, best(rows, reader, (code,))) for code in sorted(reader.house.locales))
    locales = [code for code, found in there if found is not None and found.state == "live"]
    return Item("not_in_locale", None, rows, locales=locales) if locales else ABSENT


def grouped(rows: Sequence[Any]) -> dict[str, list[Any]]:
    """Rows by entry."""
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(row.entry_id, []).append(row)
    return found


def _chosen(connection: Connection, rows: Sequence[Any], reader: Reader, slug: str) -> Item:
    if len({row.entry_id for row in rows}) == 1:
        return served(rows, reader)
    order = (*reader.chain, *(code for code in reader.house.locales if code not in reader.chain))
    ranked: list[tuple[tuple[int, ...], str, Item]] = []
    had_it = []
    for entry_id, mine in grouped(rows).items():
        named = [order.index(row.locale) for row in mine if row.slug == slug and row.locale in order]
        live = [order.index(row.locale) for row in mine if _shown(row, slug) and row.locale in order]
        if live or named:
            ranked.append(((0, min(live)) if live else (2, min(named)), entry_id, served(mine, reader)))
        else:
            had_it.append((entry_id, served(mine, reader)))
    had = former_slugs(connection, reader, [slug]) if len(had_it) > 1 else ()
    last = {row.entry_id: at for at, row in enumerate(had)}
    ranked += [((1, each.outcome != "live", -last.get(entry_id, -1)), entry_id, each) for entry_id, each in had_it]
    ranked.sort(key=lambda each: each[:2])
    return next((each for _, _, each in ranked if each.outcome != "absent"), ABSENT)


def _shown(row: Any, slug: str) -> bool:
    return bool(row.state == "live" and row.slug == slug)
