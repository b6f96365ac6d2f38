"""Lists: the items of one type in order, page by page, as this reader is served them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, Select, and_, bindparam, func, or_, select, tuple_, union_all
from sqlalchemy.orm import aliased

from api.models import Published
from api.queries.filters import Condition, Restriction, Shape, shape, values, where
from api.queries.found import FULL
from api.queries.prepared import Prepared
from api.queries.reader import Reader
from api.queries.scope import in_branch, in_locale, params
from schemas.content_type import ContentType

COLUMNS: dict[str, tuple[str, ...]] = {
    "position": ("group_position", "position"),
    "title": ("title_key",),
    "published_at": ("published_at",),
    "updated_at": ("updated_at",),
    "id": ("entry_id",),
}


Order = tuple[tuple[str, bool], ...]
"""Columns and whether each runs down."""


@dataclass(frozen=True)
class Question:
    """What a list asks for. `sort` as [(field, descending)]; `after` the sort values of the last item seen."""

    kind: ContentType
    conditions: tuple[Condition, ...] = ()
    sort: tuple[tuple[str, bool], ...] = (("position", False),)
    size: int = 20
    after: tuple[Any, ...] | None = None
    offset: int = 0


@dataclass
class Page:
    """Rows of one page; `last` the sort values to go on from, None at the end."""

    rows: Sequence[Any] = field(default_factory=list)
    last: tuple[Any, ...] | None = None


def page(connection: Connection, reader: Reader, question: Question, left: Restriction) -> Page:
    """One page. Each branch (locale, scope) is an index range with a limit; the branches are merged."""
    kind = question.kind
    shaped = shape(kind, question.conditions, left)
    statement = _page_statement(kind, len(reader.chain), _order(question), shaped, question.after is not None)
    after = {f"after{number}": value for number, value in enumerate(question.after or ())}
    reach = {"size": question.size + 1, "offset": question.offset, "reach": question.offset + question.size + 1}
    asked = params(reader, **after, **reach, **values(connection, kind, question.conditions, left))
    return _page(statement.rows(connection, asked), question, [name for name, _ in _order(question)])


@lru_cache(maxsize=512)
def _page_statement(
    kind: ContentType, locales: int, order: Order, shaped: Shape, beyond: bool
) -> Prepared:
    def branch(number: int, sqlite: bool) -> Select[Any]:
        rows = aliased(Published)
        asked = select(rows.id, *(getattr(rows, name) for name, _ in order)).where(
            rows.type == kind.name, in_branch(rows, number), *where(rows, kind, shaped, sqlite)
        )
        if beyond:
            asked = asked.where(_beyond([(getattr(rows, name), down) for name, down in order]))
        ordered = asked.order_by(*(_directed(getattr(rows, name), down) for name, down in order))
        return select(ordered.limit(bindparam("reach", type_=Integer)).subquery())

    def build(sqlite: bool) -> Select[Any]:
        keys = union_all(*(branch(number, sqlite) for number in range(2 * locales))).subquery()
        first = select(keys.c.id).order_by(*(_directed(keys.c[name], down) for name, down in order))
        size, offset = bindparam("size", type_=Integer), bindparam("offset", type_=Integer)
        chosen = first.limit(size).offset(offset).subquery()
        final = select(*FULL).join(chosen, chosen.c.id == Published.id)
        return final.order_by(*(_directed(getattr(Published, name), down) for name, down in order))

    return Prepared(build)


def count(
    connection: Connection, reader: Reader, kind: ContentType, conditions: Sequence[Condition], left: Restriction
) -> int:
    """How many items the list has in all."""
    statement = _count_statement(kind, len(reader.chain), shape(kind, conditions, left))
    return int(statement.one(connection, params(reader, **values(connection, kind, conditions, left))).total or 0)


@lru_cache(maxsize=256)
def _count_statement(kind: ContentType, locales: int, shaped: Shape) -> Prepared:
    def build(sqlite: bool) -> Select[Any]:
        parts = []
        for number in range(locales):
            rows = aliased(Published)
            asked = select(func.count(rows.id).label("n")).where(rows.type == kind.name, in_locale(rows, number))
            parts.append(asked.where(*where(rows, kind, shaped, sqlite)))
        counted = union_all(*parts).subquery()
        return select(func.sum(counted.c.n).label("total"))

    return Prepared(build)


def _page(found: Sequence[Any], question: Question, names: list[str]) -> Page:
    rows = found[: question.size]
    more = len(found) > question.size
    return Page(rows, tuple(getattr(rows[-1], name) for name in names) if more and rows else None)


def _order(question: Question) -> Order:
    """Columns in order; ties by id, in the direction of the last field so that one index serves both ways."""
    columns = {**COLUMNS, question.kind.title: COLUMNS["title"]}
    order = [(column, down) for name, down in question.sort for column in columns[name]]
    found = dict(reversed(order))
    ordered = [(name, found[name]) for name in dict.fromkeys(name for name, _ in order)]
    return tuple(ordered if "entry_id" in found else [*ordered, ("entry_id", ordered[-1][1])])


def _directed(column: Any, down: bool) -> Any:
    return column.desc() if down else column.asc()


def _beyond(order: Sequence[tuple[Any, bool]]) -> ColumnElement[bool]:
    """Rows after the cursor: one comparison of rows where all fields run one way, which an index answers."""
    values_ = [bindparam(f"after{number}", type_=column.type) for number, (column, _) in enumerate(order)]
    if len({down for _, down in order}) == 1:
        here, there = tuple_(*(column for column, _ in order)), tuple_(*values_)
        return here < there if order[0][1] else here > there
    steps = []
    for number, (column, down) in enumerate(order):
        equal = [before == values_[at] for at, (before, _) in enumerate(order[:number])]
        steps.append(and_(*equal, column < values_[number] if down else column > values_[number]))
    first, down = order[0]
    bound = first <= values_[0] if down else first >= values_[0]
    return and_(bound, or_(*steps))
