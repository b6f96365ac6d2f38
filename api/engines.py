"""The engines of a database, one that only reads and one that writes, and what each of their connections is told."""

from __future__ import annotations

import sqlite3
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import OperationalError

from api import waiting

DURABLE = ("synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000")
"""What every SQLite connection is told."""
READING = ("query_only=ON", "mmap_size=268435456", "cache_size=-512")
"""Readers look at the file through memory that all of them share; what each copies beside it stays small."""
Engines = tuple[Engine, Engine]
"""(reader, writer). Neither has opened a connection yet."""


def sqlite(url: str) -> Engines:
    writer = create_engine(url, connect_args={"timeout": 10, "check_same_thread": False})
    reader = create_engine(
        url,
        connect_args={"timeout": 10, "check_same_thread": False},
        isolation_level="AUTOCOMMIT",
        pool_reset_on_return=None,
        max_overflow=-1,
    )

    @event.listens_for(writer, "connect")
    def _writer_pragmas(connection: sqlite3.Connection, _: Any) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", *DURABLE):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(writer, "begin")
    def _begin(connection: Connection) -> None:
        raw: Any = connection.connection.driver_connection
        try:
            raw.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise locked(error) from error

    @event.listens_for(reader, "connect")
    def _reader_pragmas(connection: sqlite3.Connection, _: Any) -> None:
        connection.isolation_level = None
        for pragma in (*DURABLE, *READING):
            connection.execute(f"PRAGMA {pragma}")

    return reader, writer


def locked(error: sqlite3.OperationalError) -> OperationalError:
    """No transaction could begin, as SQLAlchemy says such things."""
    error.sqlite_errorcode = sqlite3.SQLITE_BUSY
    return OperationalError("BEGIN IMMEDIATE", None, error)


def postgresql(url: str) -> Engines:
    timeouts = {"options": "-c statement_timeout=10000 -c lock_timeout=5000", "connect_timeout": 3}
    writer = create_engine(url, pool_pre_ping=True, pool_size=8, connect_args=timeouts)
    read_only = {**timeouts, "options": "-c default_transaction_read_only=on -c statement_timeout=2000"}
    reader = create_engine(
        url, max_overflow=-1, isolation_level="AUTOCOMMIT", pool_reset_on_return=None, connect_args=read_only
    )

    @event.listens_for(reader, "before_cursor_execute")
    def _note(connection: Connection, *_: Any) -> None:
        waiting.ask(connection)

    @event.listens_for(writer, "do_connect")
    def _answering(_dialect: Any, _record: Any, given: Any, named: Any) -> waiting.Answering:
        return waiting.Answering.connect(*given, **named)

    @event.listens_for(writer, "checkin")
    def _again(connection: waiting.Answering | None, _: Any) -> None:
        if connection is not None:
            connection.patience = waiting.ANSWERED_SECONDS

    return reader, writer
