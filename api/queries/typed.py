"""Typed statements: prepared ones whose values go in and come out as the models have them."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Insert, Select, Table, Update, insert

from api.queries import prepared

Statement = Select[*tuple[Any, ...]] | Insert | Update
Convert = Callable[[Any], Any]


@dataclass(frozen=True)
class Plan:
    """A statement as one database runs it: what turns values into the driver's (`into`), and its own back (`out`)."""

    sql: str
    names: tuple[str, ...]
    fixed: dict[str, Any]
    into: tuple[tuple[str, Convert], ...]
    labels: tuple[str, ...]
    out: tuple[tuple[int, Convert], ...]
    row: Convert


class Typed:
    """A question, or an INSERT or UPDATE that says what it RETURNs; the same for both databases."""

    def __init__(self, statement: Statement) -> None:
        self._statement = statement
        self._plans: dict[str, Plan] = {}

    def rows(self, connection: Connection, params: Mapping[str, Any]) -> list[Any]:
        """Every row as a named tuple. Raises what SQLAlchemy raises, and KeyError for a value that is not given."""
        plan, found = self._told(connection, params)
        return [plan.row(each) for each in found]

    def dicts(self, connection: Connection, params: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Every row by name."""
        plan, found = self._told(connection, params)
        return [dict(zip(plan.labels, each, strict=True)) for each in found]

    def lists(self, connection: Connection, params: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        """Every row in order of its columns, whatever they are called."""
        return self._told(connection, params)[1]

    def _told(self, connection: Connection, params: Mapping[str, Any]) -> tuple[Plan, Sequence[Sequence[Any]]]:
        plan = self._plans.get(connection.dialect.name) or self._plan(connection)
        given = {**plan.fixed, **params}
        for name, convert in plan.into:
            given[name] = convert(given[name])
        found = prepared.drive(connection, plan.sql, plan.names, given)
        if not plan.out:
            return plan, found
        told = [list(each) for each in found]
        for each in told:
            for place, convert in plan.out:
                each[place] = convert(each[place])
        return plan, told

    def _plan(self, connection: Connection) -> Plan:
        dialect, statement = connection.dialect, self._statement
        compiled, columns = statement.compile(dialect=dialect), list(statement.exported_columns)
        binds = {name: bind for bind, name in compiled.bind_names.items()}
        fixed = {name: bind.value for name, bind in binds.items() if bind.value is not None}
        labels = tuple(str(column.key) for column in columns)
        into = {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in binds.items()}
        back = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns]
        row: Any = namedtuple("Row", labels, rename=True)  # type: ignore[misc]  # noqa: PYI024
        plan = self._plans[dialect.name] = Plan(
            str(compiled),
            tuple(compiled.positiontup or ()),
            fixed,
            tuple((name, convert) for name, convert in into.items() if convert),
            labels,
            tuple((place, convert) for place, convert in enumerate(back) if convert),
            row._make,
        )
        return plan


def inserted(table: Table, returning: str) -> Typed:
    """An INSERT of one whole row, but for the column that the database numbers and that comes back."""
    names = [column.name for column in table.c if column.name != returning or not column.autoincrement]
    return Typed(insert(table).values(dict.fromkeys(names)).returning(table.c[returning]))
