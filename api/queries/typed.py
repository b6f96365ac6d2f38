"""Typed statements: prepared ones whose values go in and come out as the models have them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, insert

from api.queries.prepared import Prepared, Statement, columns_of

Convert = Callable[[Any], Any]


class Typed(Prepared):
    """A question, or an INSERT or UPDATE that says what it RETURNs; the same for both databases."""

    def __init__(self, statement: Statement) -> None:
        super().__init__(lambda _sqlite: statement)
        self._into: dict[str, list[tuple[str, Convert]]] = {}

    def rows(self, connection: Connection, params: Mapping[str, Any]) -> list[Any]:
        """Every row as a named tuple. Raises what SQLAlchemy raises, and KeyError for a value that is not given."""
        dialect = connection.dialect.name
        into = self._into[dialect] if dialect in self._into else self._converters(connection)
        given = {**params, **{name: convert(params[name]) for name, convert in into}} if into else params
        return super().rows(connection, given)

    def _converters(self, connection: Connection) -> list[tuple[str, Convert]]:
        """What turns the values that are asked for into the driver's."""
        dialect = connection.dialect
        compiled = self._build(dialect.name == "sqlite").compile(dialect=dialect)
        open_ones = [(bind, name) for bind, name in compiled.bind_names.items() if bind.value is None]
        found = [(name, bind.type.dialect_impl(dialect).bind_processor(dialect)) for bind, name in open_ones]
        made = self._into[dialect.name] = [(name, convert) for name, convert in found if convert]
        return made

    def _compile(self, connection: Connection) -> Any:
        dialect = connection.dialect
        sql, names, make, fixed = super()._compile(connection)
        columns = columns_of(self._build(dialect.name == "sqlite"))
        out = [each.type.dialect_impl(dialect).result_processor(dialect, None) for each in columns]
        return sql, names, _converting(make, out) if any(out) else make, fixed


def _converting(make: Convert, out: Sequence[Convert | None]) -> Convert:
    def converted(values: Any) -> Any:
        return make([value if each is None else each(value) for each, value in zip(out, values, strict=True)])

    return converted


def inserted(table: Table, returning: str) -> Typed:
    """An INSERT of one whole row, but for the column that the database numbers and that comes back."""
    names = [column.name for column in table.c if column.name != returning or not column.autoincrement]
    return Typed(insert(table).values(dict.fromkeys(names)).returning(table.c[returning]))
