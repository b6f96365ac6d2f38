"""The whole database as of one instant, while others go on reading and writing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    LargeBinary,
    String,
    Table,
    create_engine,
    func,
    select,
    text,
    type_coerce,
)
from sqlalchemy.pool import NullPool

from api.db import Base, Database, Instant

AT_ONCE = 500
"""Rows that are in memory at once."""
PASSING = frozenset({"listeners", "workers", "idempotent_replies"})
"""Tables that tell of running processes and of requests under way: of no use elsewhere."""


@contextmanager
def snapshot(database: Database, folder: Path) -> Iterator[Connection]:
    """A connection that reads one instant, however long it takes.

    On SQLite it reads a copy made by SQLite's own backup, in `folder`; on PostgreSQL it is a transaction.
    """
    if not database.sqlite:
        with database.snapshot() as connection:
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            yield connection
        return
    copy = folder / f".snapshot-{id(folder)}.sqlite"
    copy.unlink(missing_ok=True)
    copy.touch(mode=0o600)
    try:
        with database.reader.connect() as live, closing(sqlite3.connect(copy)) as there:
            raw: Any = live.connection.driver_connection
            raw.backup(there, pages=-1)
        engine = create_engine(f"sqlite:///{copy}", poolclass=NullPool)
        with engine.connect() as connection:
            yield connection
        engine.dispose()
    finally:
        for rest in ("", "-wal", "-shm", "-journal"):
            copy.with_name(copy.name + rest).unlink(missing_ok=True)


def kept() -> list[Table]:
    """The tables that a backup holds, those first that others refer to."""
    return [each for each in Base.metadata.sorted_tables if each.name not in PASSING]


def kind(column: Column[Any]) -> str:
    """How a column's values stand in a row: plain, bool, json or bytes."""
    kinds = ((JSON, "json"), (Boolean, "bool"), (LargeBinary, "bytes"))
    return next((name for each, name in kinds if isinstance(column.type, each)), "plain")


def rows(connection: Connection, table: Table) -> Iterator[list[Any]]:
    """Every row of a table, in the order of its key by bytes, which is the same on both databases."""
    columns = [type_coerce(each, BigInteger) if isinstance(each.type, Instant) else each for each in table.columns]
    order = [_bytewise(connection, each) for each in table.primary_key.columns]
    found = connection.execution_options(stream_results=True, yield_per=AT_ONCE).execute(
        select(*columns).order_by(*order)
    )
    packed = [number for number, each in enumerate(table.columns) if kind(each) == "bytes"]
    for part in found.partitions():
        for row in part:
            values = list(row)
            for number in packed:
                values[number] = None if values[number] is None else values[number].hex()
            yield values


def _bytewise(connection: Connection, column: Column[Any]) -> Any:
    textual = isinstance(column.type, String) and connection.dialect.name == "postgresql"
    return column.collate("C") if textual else column


def count(connection: Connection, table: Table) -> int:
    return connection.scalar(select(func.count()).select_from(table)) or 0
