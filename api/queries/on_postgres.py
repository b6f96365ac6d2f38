"""PostgreSQL by the driver's own calls: a statement prepared once a connection, its rows read without a cursor."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from itertools import count
from typing import Any

from psycopg import DataError, OperationalError, RawCursor, pq
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result
from sqlalchemy import Connection, Dialect
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from api.waiting import ask

NUMBERED: Dialect = PGDialect_psycopg(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]
"""The dialect whose statements run here."""
ROWS = pq.ExecStatus.TUPLES_OK
DONE = pq.ExecStatus.COMMAND_OK
MOST = 400
"""Statements that a connection keeps prepared, those used last: callers make new ones by every filter and sort."""


def rows(
    connection: Connection, raw: Any, sql: str, values: Sequence[Any], row: Callable[[Iterable[Any]], Any]
) -> list[Any]:
    """Run SQL with $1, $2 ... for its values. Raises what psycopg raises.

    Every value goes as text, of the type that the statement casts it to. Within a transaction the driver does it: it
    has to begin one, and drops all that was prepared when one is rolled back.
    """
    ask(connection)
    if not raw.autocommit:
        found_there = RawCursor(raw).execute(sql, values, prepare=True).fetchall()
        return list(map(row, found_there))
    kept: dict[Any, Any] = connection.info
    load: Any = kept.get("transformer")
    if load is None:
        load, kept["prepared"], kept["numbers"] = Transformer(raw), OrderedDict(), count()
        kept["transformer"] = load
    names: OrderedDict[str, bytes] = kept["prepared"]
    if sql in names:
        names.move_to_end(sql)
    else:
        _prepare(raw, names, f"straight_{next(kept['numbers'])}".encode(), sql)
    result = raw.pgconn.exec_prepared(names[sql], [_text(value) for value in values])
    _check(raw, result, ROWS)
    load.set_pgresult(result)
    found: list[Any] = load.load_rows(0, result.ntuples, row)
    return found


def _prepare(raw: Any, names: OrderedDict[str, bytes], name: bytes, sql: str) -> None:
    if len(names) >= MOST:
        _check(raw, raw.pgconn.exec_(b"DEALLOCATE " + names.popitem(last=False)[1]), DONE)
    _check(raw, raw.pgconn.prepare(name, sql.encode()), DONE)
    names[sql] = name


def array(values: Iterable[str]) -> str:
    """Texts as PostgreSQL writes an array of them."""
    escaped = (value.replace("\\", "\\\\").replace('"', '\\"') for value in values)
    return "{" + ",".join([f'"{value}"' for value in escaped]) + "}"


def _text(value: Any) -> bytes | None:
    if value is None:
        return None
    text = value if type(value) is str else str(value)
    if "\0" in text:
        raise DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
    return text.encode()


def _check(raw: Any, result: Any, wanted: int) -> None:
    if result.status != wanted:
        if raw.pgconn.status == pq.ConnStatus.BAD:
            raise OperationalError(raw.pgconn.get_error_message())
        raise error_from_result(result)
