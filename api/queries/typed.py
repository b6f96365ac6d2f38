"""Typed statements: prepared ones whose values go in and come out as the models have them."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping
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
    out: tuple[tuple[str, Convert], ...]
    row: Convert


class Typed:
    """A question, or an INSERT or UPDATE that says what it RETURNs; the same for both databases."""

    def __init__(self, statement: Statement) -> None:
        self._statement = statement
        self._plans: dict[str, Plan] = {}

    def dicts(self, connection: Connection, params: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Every row by name. Raises what SQLAlchemy raises, and KeyError for a value that is not given."""
        plan = self._plans.get(connection.dialect.name) or self._plan(connection)
        given = {**plan.fixed, **params}
        for name, convert in plan.into:
            given[name] = convert(given[name])
        told = prepared.run(connection, plan.sql, plan.names, given)
        found = [dict(zip(plan.labels, each, strict=True)) for each in told]
        for each in found:
            for name, convert in plan.out:
                each[name] = convert(each[name])
        return found

    def rows(self, connection: Connection, params: Mapping[str, Any]) -> list[Any]:
        """Every row as a named tuple."""
        found = self.dicts(connection, params)
        row = self._plans[connection.dialect.name].row
        return [row(each.values()) for each in found]

    def _plan(self, connection: Connection) -> Plan:
        dialect, statement = connection.dialect, self._statement
        compiled, columns = statement.compile(dialect=dialect), list(statement.exported_columns)
        binds = {name: bind for bind, name in compiled.bind_names.items()}
        fixed = {name: bind.value for name, bind in binds.items() if bind.value is not None}
        labels = tuple(str(column.key) for column in columns)

        into = {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in binds.items()}
        back = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns]
        out = dict(zip(labels, back, strict=True))
        row: Any = namedtuple("Row", labels)  # type: ignore[misc]  # noqa: PYI024
        plan = self._plans[dialect.name] = Plan(
            str(compiled),
            tuple(compiled.positiontup or ()),
            fixed,
            tuple((name, convert) for name, convert in into.items() if convert),
            labels,
            tuple((name, convert) for name, convert in out.items() if convert),
            row._make,
        )
        return plan


def inserted(table: Table, returning: str) -> Typed:
    """An INSERT of one whole row, but for the column that the database numbers and that comes back."""
    names = [column.name for column in table.c if column.name != returning or not column.autoincrement]
    return Typed(insert(table).values(dict.fromkeys(names)).returning(table.c[returning]))
