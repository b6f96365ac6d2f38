"""Pages of the house's lists: in a fixed order, going on after a key."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import tuple_

from api.db import Instant
from api.services.work import Work


@dataclass
class Rows:
    """One page; `last` the key to go on from, None at the end."""

    rows: list[dict[str, Any]]
    last: tuple[Any, ...] | None


def page(
    work: Work,
    found: Any,
    order: Sequence[Any],
    after: tuple[Any, ...] | None,
    size: int,
    shown: Callable[[Any], dict[str, Any]],
    *,
    falling: bool = False,
) -> Rows:
    """One page of a SELECT in order of columns, whose values make the cursor; `shown` makes a reply of each row."""
    if after is not None:
        key = tuple_(*order)
        last = tuple(_read(column, value) for column, value in zip(order, after, strict=True))
        found = found.where(key < last if falling else key > last)
        # Where the columns are of two tables, this is what an index is read from.
        found = found.where(order[0] <= last[0] if falling else order[0] >= last[0])
    found = found.add_columns(*(column.label(f"key_{number}") for number, column in enumerate(order)))
    rows = work.session.execute(found.order_by(*(each.desc() if falling else each for each in order)).limit(size + 1))
    there = rows.all()
    going_on = tuple(_told(getattr(there[size - 1], f"key_{number}")) for number in range(len(order))) if (
        len(there) > size
    ) else None  # fmt: skip
    return Rows([shown(row) for row in there[:size]], going_on)


def _told(value: Any) -> Any:
    return int(value.timestamp()) if isinstance(value, dt.datetime) else value


def _read(column: Any, value: Any) -> Any:
    return dt.datetime.fromtimestamp(value, dt.UTC) if isinstance(column.type, Instant) else value
