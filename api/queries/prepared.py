"""Prepared statements: built once per shape, compiled once per database, run on the driver itself.

Building and wrapping a statement costs more than running it, so the reads that every page makes go this way.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Select, Text, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import DBAPIError

from api.queries import on_postgres

Params = Mapping[str, Any]
Statement = Select[Any]


class Prepared:
    """A statement by shape. `build` is told whether it is for SQLite."""

    def __init__(self, build: Callable[[bool], Statement]) -> None:
        self._build = build
        self._compiled: dict[str, tuple[str, tuple[str, ...], Callable[[Iterable[Any]], Any], dict[str, Any]]] = {}

    def rows(self, connection: Connection, params: Params) -> list[Any]:
        """Every row as a named tuple. Params not asked for are ignored. Raises what SQLAlchemy raises."""
        sql, names, row, fixed = self._compiled.get(connection.dialect.name) or self._compile(connection)
        values = {**fixed, **params} if fixed else params
        return run(connection, sql, [values[name] for name in names], row)

    def one(self, connection: Connection, params: Params) -> Any:
        return self.rows(connection, params)[0]

    def _compile(self, connection: Connection) -> Any:
        sqlite = connection.dialect.name == "sqlite"
        statement = self._build(sqlite)
        compiled = statement.compile(dialect=connection.dialect if sqlite else on_postgres.NUMBERED)
        names = tuple(compiled.positiontup or ())
        labels = [str(column.key) for column in statement.selected_columns]
        row: Any = namedtuple("Row", labels)  # type: ignore[misc]  # noqa: PYI024
        fixed = {name: bind.value for name, bind in compiled.binds.items() if bind.value is not None}
        made = str(compiled), names, partial(tuple.__new__, row), fixed
        self._compiled[connection.dialect.name] = made
        return made


def run(connection: Connection, sql: str, values: list[Any], row: Callable[[Iterable[Any]], Any]) -> list[Any]:
    """Run compiled SQL on the driver's connection. A lost connection is thrown away and raised as SQLAlchemy does."""
    raw: Any = connection.connection.driver_connection
    try:
        if connection.dialect.name == "sqlite":
            return list(map(row, raw.execute(sql, values).fetchall()))
        return on_postgres.rows(connection, raw, sql, values, row)
    except connection.dialect.loaded_dbapi.Error as error:
        raise _raised(connection, raw, sql, error) from error


def drive(connection: Connection, sql: str, names: tuple[str, ...], params: Params) -> Sequence[Sequence[Any]]:
    """Run compiled SQL within the driver's transaction, as writes need it: `run` knows of none. Raises the same."""
    raw: Any = connection.connection.driver_connection
    try:
        if connection.dialect.name == "sqlite":
            found: list[Any] = raw.execute(sql, [params[name] for name in names]).fetchall()
        else:
            found = raw.execute(sql, params, prepare=True).fetchall()
        return found
    except connection.dialect.loaded_dbapi.Error as error:
        raise _raised(connection, raw, sql, error) from error


def one_of(column: Any, name: str, sqlite: bool) -> ColumnElement[bool]:
    """column IN a list of any length, given as one parameter; see `listed`."""
    if sqlite:
        each = func.json_each(bindparam(name, type_=Text)).table_valued("value")
        return column.in_(select(each.c.value))  # type: ignore[no-any-return]
    return column == any_(bindparam(name, type_=ARRAY(Text)))  # type: ignore[no-any-return]


def listing(name: str, sqlite: bool) -> Select[Any]:
    """The same list as a select of its own, to stand in a union of ids."""
    if sqlite:
        return select(func.json_each(bindparam(name, type_=Text)).table_valued("value").c.value)
    return select(func.unnest(bindparam(name, type_=ARRAY(Text))).collate("C").label("value"))


def listed(connection: Connection, values: Iterable[str]) -> str:
    """The parameter of `one_of`."""
    if connection.dialect.name == "sqlite":
        return orjson.dumps(list(values)).decode()
    return on_postgres.array(values)


def _raised(connection: Connection, raw: Any, sql: str, error: Any) -> Exception:
    lost = connection.dialect.is_disconnect(error, raw, None)
    if lost:
        connection.invalidate(error)
    return _wrapped(connection, sql, error, lost)


def _wrapped(connection: Connection, sql: str, error: Exception, lost: bool) -> Exception:
    return DBAPIError.instance(
        sql, None, error, connection.dialect.loaded_dbapi.Error, connection_invalidated=lost, dialect=connection.dialect
    )
