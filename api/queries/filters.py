"""Filters: what `filter[...]` asks of rows, as conditions on them."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, String, bindparam, exists, not_, select
from sqlalchemy.orm import aliased

from api.models import PublishedValue
from api.queries.found import Depends, ids_of
from api.queries.items import by_ids, item
from api.queries.prepared import listed, one_of
from api.queries.reader import Reader
from api.queries.related import weave
from api.rules.words import fold
from schemas.content_type import ContentType, Filter

Shape = tuple[tuple[tuple[str, str, str], ...], bool]
"""(name, operator, what of its value decides the statement) of each condition; whether relations leave only some."""


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


def with_keys(reader: Reader, kind: ContentType, conditions: Sequence[Condition]) -> tuple[Condition, ...]:
    """The conditions with categories by key, which is what rows hold, where they were named by slug."""

    def keyed(each: Condition) -> Condition:
        if kind.filters[each.name].kind != "category" or each.operator == "exists":
            return each
        keys = (reader.house.category_key(name, reader.locale, kind.group) for name in each.values)
        return replace(each, values=tuple(dict.fromkeys(keys)))

    return tuple(map(keyed, conditions))


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
    wanted: dict[str, tuple[str, ...]] = dict.fromkeys(ids_of(rows), (relation,))
    web = weave(connection, reader, rows, wanted, documents=set(), texts=False)
    for row in rows:
        depends.on_row(row, reader)
    return frozenset(ref["id"] for refs in web.references.values() for ref in refs)


def shape(kind: ContentType, conditions: Sequence[Condition], left: Restriction) -> Shape:
    """What of the conditions makes the statement; their values are its parameters."""
    kept = [each for each in conditions if kind.filters[each.name].kind != "relation"]
    named = tuple((each.name, each.operator, each.values[0] if each.operator == "exists" else "") for each in kept)
    return named, left.ids is not None


def values(
    connection: Connection, kind: ContentType, conditions: Sequence[Condition], left: Restriction
) -> dict[str, Any]:
    """The parameters of `where`."""
    found: dict[str, Any] = {}
    kept = [each for each in conditions if kind.filters[each.name].kind != "relation"]
    for number, condition in enumerate(kept):
        asked = kind.filters[condition.name].kind
        if asked == "instant":
            found[f"filter{number}"] = _second(condition.values[0], condition.operator)
        elif asked == "text":
            wanted = fold(condition.values[0])
            found[f"filter{number}"] = wanted[:200] if condition.operator == "eq" else f"%{_literal(wanted)}%"
        else:
            found[f"filter{number}"] = listed(connection, condition.values)
    return found | ({"left": listed(connection, sorted(left.ids))} if left.ids is not None else {})


def where(rows: Any, kind: ContentType, shaped: Shape, sqlite: bool) -> list[ColumnElement[bool]]:
    """The conditions on a row of this type, with parameters for their values."""
    named, restricted = shaped
    found = [one_of(rows.entry_id, "left", sqlite)] if restricted else []
    for number, (name, operator, flavour) in enumerate(named):
        found.append(_condition(rows, kind.filters[name], name, operator, flavour, f"filter{number}", sqlite))
    return found


def _condition(
    rows: Any, asked: Filter, name: str, operator: str, flavour: str, value: str, sqlite: bool
) -> ColumnElement[bool]:
    if asked.kind == "instant":
        return _compared(getattr(rows, name), operator, bindparam(value, type_=BigInteger))
    if asked.kind == "text":
        key, wanted = rows.title_key, bindparam(value, type_=String)
        found: ColumnElement[bool] = key == wanted if operator == "eq" else key.like(wanted, escape="/")
        return found
    stored = "category" if asked.kind == "category" else name
    held = _held(rows, stored, None if operator == "exists" else value, sqlite)
    return not_(held) if operator in ("ne", "nin") or flavour == "false" else held


def _held(rows: Any, name: str, value: str | None, sqlite: bool) -> ColumnElement[bool]:
    """One probe of the row's own values by the whole key, so that a list still walks in its own order."""
    own = aliased(PublishedValue)  # Whoever asks may look at the values of rows, too, as the counts of categories do.
    asked = select(own.ordinal).where(own.published_id == rows.id, own.name == name)
    return exists(asked if value is None else asked.where(one_of(own.value, value, sqlite)))


def _compared(column: Any, operator: str, value: Any) -> ColumnElement[bool]:
    named = {"eq": "__eq__", "lt": "__lt__", "lte": "__le__", "gt": "__gt__", "gte": "__ge__"}
    compared: ColumnElement[bool] = getattr(column, named[operator])(value)
    return compared


def _literal(text: str) -> str:
    """Text with LIKE's wildcards taken literally."""
    return "".join(f"/{sign}" if sign in "/%_" else sign for sign in text)


def _second(text: str, operator: str) -> int:
    """The whole epoch second that an RFC 3339 instant or a day (00:00 UTC) comes to in a comparison.

    Rows have whole seconds, so that before 1.5 is before 2, and from 1.5 on is from 2 on.
    """
    parsed = dt.datetime.fromisoformat(text)
    exact = (parsed if parsed.tzinfo else parsed.replace(tzinfo=dt.UTC)).timestamp()
    return math.ceil(exact) if operator in ("lt", "gte") else math.floor(exact)
