"""Clinic scope and visibility: the one place where they are applied, as parameters that a reader fills."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, String, and_, bindparam, exists, literal, or_, select
from sqlalchemy.orm import aliased

from api.models import LIBRARY, Published
from api.queries.reader import Reader
from schemas.content import CONTENT_TYPES

CLINIC: ColumnElement[str] = bindparam("clinic", type_=String)
NOW: ColumnElement[int] = bindparam("now", type_=BigInteger)


def params(reader: Reader, **more: Any) -> dict[str, Any]:
    """The parameters of every condition below, for one reader."""
    locales = {f"locale{number}": locale for number, locale in enumerate(reader.chain)}
    return {"clinic": reader.house.id, "now": reader.now, "sources": int(not reader.as_stored), **locales, **more}


def in_scope(rows: Any) -> ColumnElement[bool]:
    """Of this clinic or the library."""
    return or_(rows.scope == CLINIC, rows.scope == LIBRARY)


def in_force(rows: Any) -> ColumnElement[bool]:
    """Visible, or a marker that shadows, now."""
    return and_(rows.visible_from <= NOW, rows.visible_until > NOW)


def seen(rows: Any) -> ColumnElement[bool]:
    """Rows of this clinic or the library, in force now."""
    return and_(in_scope(rows), in_force(rows))


def shown(rows: Any) -> ColumnElement[bool]:
    """Live rows that the clinic neither hides nor has a version of its own of; every language by itself."""
    better = aliased(Published)
    own = and_(better.locale == rows.locale, rows.scope == LIBRARY)
    shadows = and_(better.scope == CLINIC, or_(better.locale == "*", own), in_force(better))
    shadowed = exists(select(better.id).where(better.entry_id == rows.entry_id, shadows))
    return and_(rows.state == "live", seen(rows), ~shadowed)


def locale_at(number: int) -> ColumnElement[str]:
    """The locale at a place of the reader's chain."""
    return bindparam(f"locale{number}", type_=String)


def in_branch(rows: Any, number: int) -> ColumnElement[bool]:
    """Live rows of one branch that nothing better shadows: a hide, a clinic's version, an earlier locale.

    Branches in order of preference: locales in chain order, in each the clinic before the library.
    """
    better = aliased(Published)
    order = [(locale_at(each // 2), LIBRARY if each % 2 else CLINIC) for each in range(number + 1)]
    locale, scope = order[number]
    shadows = [and_(better.locale == where, better.scope == who) for where, who in order[:number]]
    hidden = and_(better.locale == "*", better.scope == CLINIC)
    shadowed = exists(
        select(better.id).where(better.entry_id == rows.entry_id, in_force(better), or_(hidden, *shadows))
    )
    return and_(rows.locale == locale, rows.scope == scope, rows.state == "live", in_force(rows), ~shadowed)


def in_locale(rows: Any, number: int, *, singly: bool = False) -> ColumnElement[bool]:
    """Live rows of the chain's locale, of the clinic or the library, that nothing better shadows; in no order.

    What the clinic hides or says in its own words is listed once; `singly` it is looked for row by row, which is better
    where few rows are left to look at and the database can tell.
    """
    better, of_library = aliased(Published), rows.scope == LIBRARY
    shadows = [and_(better.locale == locale_at(each), in_scope(better)) for each in range(number)]
    listed = []
    if not singly:
        listed = [rows.entry_id.in_(_marked("*")), and_(of_library, rows.entry_id.in_(_marked(locale_at(number))))]
    else:
        mine = better.scope == CLINIC
        shadows += [and_(better.locale == "*", mine), and_(better.locale == locale_at(number), mine, of_library)]
    if shadows:
        there = select(better.id).where(better.entry_id == rows.entry_id, in_force(better), or_(*shadows))
        listed.append(exists(there))
    return and_(rows.locale == locale_at(number), rows.state == "live", seen(rows), ~or_(*listed))


def _marked(locale: Any) -> Select[Any]:
    """The entries of which the clinic itself has something in force in a locale. The types are there for the index."""
    mine = aliased(Published)
    of_all_types = mine.type.in_([literal(each.name) for each in CONTENT_TYPES])
    return select(mine.entry_id).where(of_all_types, mine.scope == CLINIC, mine.locale == locale, in_force(mine))


def best(rows: Sequence[Any], reader: Reader, chain: Sequence[str] | None = None) -> Any | None:
    """Of one entry's rows in force, the one this reader is served: live, gone, or None where nothing may show."""
    order, clinic = chain or reader.chain, reader.house.id
    found, rank = None, 2 * len(order)
    for row in rows:
        if row.state == "hidden":
            return None
        if row.locale in order:
            place = 2 * order.index(row.locale) + (row.scope != clinic)
            if place < rank:
                found, rank = row, place
    return found
