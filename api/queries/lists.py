"""Lists: the items of one type in order, page by page, as this reader is served them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, literal, or_, select, tuple_, union_all
from sqlalchemy.orm import aliased

from api.models import Published
from api.queries.filters import Condition, Restriction, where
from api.queries.found import FULL
from api.queries.reader import Reader
from api.queries.scope import branches, in_branch
from schemas.content_type import ContentType

COLUMNS: dict[str, tuple[str, ...]] = {
    "position": ("group_position", "position"),
    "title": ("title_key",),
    "question": ("title_key",),
    "published_at": ("published_at",),
    "updated_at": ("updated_at",),
    "id": ("entry_id",),
}


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
    order = _order(question.sort)
    reach = question.offset + question.size + 1
    ranges = []
    for number in range(len(branches(reader))):
        rows = aliased(Published)
        asked = select(rows.id, *(getattr(rows, name) for name, _ in order))
        asked = asked.where(rows.type == question.kind.name, in_branch(rows, reader, number))
        asked = asked.where(*where(rows, question.kind, question.conditions, left))
        if question.after is not None:
            asked = asked.where(_beyond([(getattr(rows, name), down) for name, down in order], question.after))
        ordered = asked.order_by(*(_directed(getattr(rows, name), down) for name, down in order)).limit(reach)
        ranges.append(select(ordered.subquery()))
    keys = union_all(*ranges).subquery()
    first = select(keys.c.id).order_by(*(_directed(keys.c[name], down) for name, down in order))
    chosen = first.limit(question.size + 1).offset(question.offset).subquery()
    final = select(*FULL).join(chosen, chosen.c.id == Published.id)
    found = connection.execute(
        final.order_by(*(_directed(getattr(Published, name), down) for name, down in order))
    ).all()
    return _page(found, question, [name for name, _ in order])


def count(connection: Connection, reader: Reader, kind: ContentType, conditions: Sequence[Condition], left: Restriction) -> int:
    """How many items the list has in all."""
    parts = []
    for number in range(len(branches(reader))):
        rows = aliased(Published)
        asked = select(func.count(rows.id).label("n")).where(rows.type == kind.name, in_branch(rows, reader, number))
        parts.append(asked.where(*where(rows, kind, conditions, left)))
    counted = union_all(*parts).subquery()
    return int(connection.scalar(select(func.sum(counted.c.n))) or 0)


def _page(found: Sequence[Any], question: Question, names: list[str]) -> Page:
    rows = found[: question.size]
    more = len(found) > question.size
    return Page(rows, tuple(getattr(rows[-1], name) for name in names) if more and rows else None)


def _order(sort: Sequence[tuple[str, bool]]) -> list[tuple[str, bool]]:
    """Columns in order; ties by id, in the direction of the last field so that one index serves both ways."""
    order = [(column, down) for name, down in sort for column in COLUMNS[name]]
    return order if ("entry_id", order[-1][1]) in order else [*order, ("entry_id", order[-1][1])]


def _directed(column: Any, down: bool) -> Any:
    return column.desc() if down else column.asc()


def _beyond(order: Sequence[tuple[Any, bool]], values: Sequence[Any]) -> ColumnElement[bool]:
    """Rows after the cursor. The leading column's bound stands alone too, for the index to start at."""
    if len({down for _, down in order}) == 1:
        here, there = tuple_(*(column for column, _ in order)), tuple_(*(literal(value) for value in values))
        return here < there if order[0][1] else here > there
    steps = []
    for number, (column, down) in enumerate(order):
        equal = [before == literal(values[at]) for at, (before, _) in enumerate(order[:number])]
        step = column < values[number] if down else column > values[number]
        steps.append(and_(*equal, step))
    first, down = order[0]
    bound = first <= values[0] if down else first >= values[0]
    return and_(bound, or_(*steps))
