"""Clinic scope and visibility: the one place where they are applied."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import aliased

from api.models import LIBRARY, Published
from api.queries.reader import Reader


def seen(rows: Any, reader: Reader) -> ColumnElement[bool]:
    """Rows of this clinic or the library, in force now."""
    scoped = rows.scope.in_([reader.house.id, LIBRARY])
    return and_(scoped, rows.visible_from <= reader.now, rows.visible_until > reader.now)


def branches(reader: Reader) -> list[tuple[str, str]]:
    """(locale, scope) in order of preference: locales in chain order, the clinic before the library."""
    return [(locale, scope) for locale in reader.chain for scope in (reader.house.id, LIBRARY)]


def in_branch(rows: Any, reader: Reader, number: int) -> ColumnElement[bool]:
    """Live rows of one branch that nothing better shadows: a hide, a clinic's version, an earlier locale."""
    order = branches(reader)
    locale, scope = order[number]
    better = aliased(Published)
    shadows = [and_(better.locale == where, better.scope == who) for where, who in order[:number]]
    hidden = and_(better.locale == "*", better.scope == reader.house.id)
    shadowed = exists(
        select(better.id).where(
            better.entry_id == rows.entry_id,
            better.visible_from <= reader.now,
            better.visible_until > reader.now,
            or_(hidden, *shadows),
        )
    )
    return and_(
        rows.locale == locale,
        rows.scope == scope,
        rows.state == "live",
        rows.visible_from <= reader.now,
        rows.visible_until > reader.now,
        ~shadowed,
    )


def in_locale(rows: Any, reader: Reader, number: int) -> ColumnElement[bool]:
    """Live rows of the chain's locale, of the clinic or the library, that nothing better shadows; in no order."""
    better = aliased(Published)
    own = and_(better.locale == reader.chain[number], better.scope == reader.house.id, rows.scope == LIBRARY)
    hidden = and_(better.locale == "*", better.scope == reader.house.id)
    earlier = better.locale.in_(reader.chain[:number])
    ours = better.scope.in_([reader.house.id, LIBRARY])
    shadowed = exists(
        select(better.id).where(
            better.entry_id == rows.entry_id,
            better.visible_from <= reader.now,
            better.visible_until > reader.now,
            or_(hidden, own, and_(earlier, ours)),
        )
    )
    return and_(rows.locale == reader.chain[number], rows.state == "live", seen(rows, reader), ~shadowed)


def best(rows: Sequence[Any], reader: Reader, chain: Sequence[str] | None = None) -> Any | None:
    """Of one entry's rows in force, the one this reader is served: live, gone, or None where nothing may show."""
    if any(row.state == "hidden" for row in rows):
        return None
    for locale in chain or reader.chain:
        for scope in (reader.house.id, LIBRARY):
            for row in rows:
                if row.locale == locale and row.scope == scope:
                    return row
    return None
