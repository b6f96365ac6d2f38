"""Filters: what `filter[...]` asks of rows, as conditions on them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, exists, false, not_, or_, select

from api.models import PublishedValue
from api.queries.found import Depends, ids_of
from api.queries.items import by_ids, item
from api.queries.reader import Reader
from api.queries.related import weave
from api.rules.words import fold
from schemas.content_type import ContentType, Filter


@dataclass(frozen=True)
class Condition:
    """One `filter[name][operator]=values`."""

    name: str
    operator: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Restriction:
    """The entries that relation filters leave; None where none was asked."""

    ids: frozenset[str] | None = None


def restrict(
    connection: Connection, reader: Reader, kind: ContentType, conditions: Sequence[Condition], depends: Depends
) -> Restriction:
    """Answer the relation filters: entries in a relation of the items named, all conditions together."""
    left: frozenset[str] | None = None
    for condition in conditions:
        asked = kind.filters[condition.name]
        if asked.kind == "relation" and asked.of is not None:
            found = _members(connection, reader, asked.of, condition.values, depends)
            left = found if left is None else left & found
    return Restriction(left)


def _members(
    connection: Connection, reader: Reader, of: tuple[str, str], named: Sequence[str], depends: Depends
) -> frozenset[str]:
    type_name, relation = of
    items = [item(connection, reader, type_name, each) for each in named]
    by_id = by_ids(connection, reader, type_name, list(named)) if any(i.outcome == "absent" for i in items) else {}
    depends.on_list(type_name, reader)
    rows = [each.row for each in (*items, *by_id.values()) if each.outcome == "live"]
    wanted = dict.fromkeys(ids_of(rows), (relation,))
    web = weave(connection, reader, rows, wanted, documents=set(), texts=False)
    for row in rows:
        depends.on_row(row, reader)
    return frozenset(ref["id"] for refs in web.references.values() for ref in refs)


def where(rows: Any, kind: ContentType, conditions: Sequence[Condition], left: Restriction) -> list[ColumnElement[bool]]:
    """The conditions on a row of this type."""
    found = [_restricted(rows, left.ids)] if left.ids is not None else []
    for condition in conditions:
        asked = kind.filters[condition.name]
        if asked.kind != "relation":
            found.append(_condition(rows, condition, asked))
    return found


def _restricted(rows: Any, ids: frozenset[str]) -> ColumnElement[bool]:
    return rows.entry_id.in_(sorted(ids)) if ids else false()


def _condition(rows: Any, condition: Condition, asked: Filter) -> ColumnElement[bool]:
    if asked.kind == "instant":
        return _compare(getattr(rows, condition.name), condition.operator, instant(condition.values[0]))
    if asked.kind == "text":
        return _text(rows, condition)
    column = "category" if asked.kind == "category" else condition.name
    if condition.operator == "exists":
        held = _held(rows, column, None)
        return held if condition.values[0] == "true" else not_(held)
    held = _held(rows, column, condition.values)
    return not_(held) if condition.operator in ("ne", "nin") else held


def _held(rows: Any, name: str, values: Sequence[str] | None) -> ColumnElement[bool]:
    """One probe of the row's own values by the whole key, so that a list still walks in its own order."""
    asked = select(PublishedValue.ordinal).where(PublishedValue.published_id == rows.id, PublishedValue.name == name)
    return exists(asked if values is None else asked.where(PublishedValue.value.in_(values)))


def _text(rows: Any, condition: Condition) -> ColumnElement[bool]:
    wanted = fold(condition.values[0])
    if condition.operator == "eq":
        return rows.title_key == wanted[:200]
    return or_(rows.title_key.contains(wanted, autoescape=True))


def _compare(column: Any, operator: str, value: int) -> ColumnElement[bool]:
    compared: ColumnElement[bool] = {
        "eq": column.__eq__,
        "lt": column.__lt__,
        "lte": column.__le__,
        "gt": column.__gt__,
        "gte": column.__ge__,
    }[operator](value)
    return compared


def instant(text: str) -> int:
    """Epoch seconds of an RFC 3339 instant or a day (00:00 UTC). Raises ValueError."""
    parsed = dt.datetime.fromisoformat(text)
    return int((parsed if parsed.tzinfo else parsed.replace(tzinfo=dt.UTC)).timestamp())


