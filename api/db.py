"""The database: engines, transactions, the clock and the house lock; the only place that commits."""

from __future__ import annotations

import datetime as dt
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import BigInteger, Connection, Engine, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, Session

from api import engines, waiting
from api.config import Config, MediaPlace

FOREVER = 253402300799
"""The instant that stands for "no end": 9999-12-31T23:59:59Z in epoch seconds."""
Reading = Connection
"""A connection that cannot write, by the name that edges know it."""
HOUSE_LOCK = 0x636D73
"""Any constant of our own: PostgreSQL's advisory lock number."""
_LOCKED = f"SELECT pg_advisory_xact_lock({HOUSE_LOCK}), extract(epoch FROM clock_timestamp())"
PURGED = "clinic_cms_purged"
"""The channel on which PostgreSQL tells that the purge log has a new line."""
TURN_SECONDS = 10.0
"""So long a writer on SQLite waits for those before it in this process; as long again for other processes."""


class Base(DeclarativeBase):
    """The parent of every table."""


class Instant(TypeDecorator[dt.datetime]):
    """A whole second, kept as epoch seconds: the same on every database, and no zone to get wrong."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Any) -> int | None:
        return None if value is None else int(value.timestamp())

    def process_result_value(self, value: int | None, dialect: Any) -> dt.datetime | None:
        return None if value is None else dt.datetime.fromtimestamp(value, dt.UTC)


@dataclass
class Clock:
    """Now in epoch seconds; tests stand it still or move it."""

    frozen_at: float | None = None
    offset: float = 0.0

    def now(self) -> float:
        return (time.time() if self.frozen_at is None else self.frozen_at) + self.offset


@dataclass
class Database:
    """Two doors to one database: `reader` cannot write, `writer` takes its turn."""

    reader: Engine
    writer: Engine
    clock: Clock = field(default_factory=Clock)
    turn: threading.Lock = field(default_factory=threading.Lock)
    folder: Path | None = None
    """The data folder, where files lie that belong to rows; None where nobody said."""
    memory: dict[str, Any] = field(default_factory=dict)
    """What this process remembers of the database; whoever keeps something here checks it against a stamp."""
    followers: list[Callable[[], object]] = field(default_factory=list)
    """What of this process follows the purge log: called after a commit of its own that added to it."""
    copies: tuple[str, ...] = ()
    """Who else keeps replies and is owed word of what is old: see Config.copies."""
    media: MediaPlace = field(default_factory=lambda: MediaPlace(Path("data/media")))
    """Where the bytes of pictures and documents are kept: see Config.media."""
    root: str = ""
    """What addresses of this API begin with: see Config.root."""
    reads: waiting.Reads = field(default_factory=waiting.Reads)
    """The reads under way; what PostgreSQL does not answer is given up there."""
    _idle: list[Connection] = field(default_factory=list)
    _looking: list[Connection] = field(default_factory=list)
    """Kept for looks at the purge log, on PostgreSQL: one that hangs must not be asked for a new one by a reader."""
    _resting: list[Connection] = field(default_factory=list)
    """What `transaction` wrote with last, on SQLite: one at most."""
    _trying: list[Connection] = field(default_factory=list)

    @property
    def sqlite(self) -> bool:
        return self.reader.dialect.name == "sqlite"

    def now(self) -> int:
        """The current whole second, epoch seconds, as readers see it."""
        return int(self.clock.now())

    def instant(self) -> dt.datetime:
        """The same as a datetime in UTC."""
        return dt.datetime.fromtimestamp(self.now(), dt.UTC)

    @contextmanager
    def reading(self, patience: float = waiting.ANY, *, apart: bool = False) -> Iterator[Connection]:
        """A connection in autocommit that cannot write: the one used last, whose pages and statements are at hand.

        `patience`: seconds that it waits for a PostgreSQL that hangs, where others wait longer. `apart`: for one look
        at the purge log at a time.
        """
        kept = self._looking if apart and not self.sqlite else self._idle
        try:
            connection = kept.pop()
        except IndexError:
            connection = self.reader.connect()
        self.reads.begin(connection, patience)
        try:
            yield connection
        except BaseException:
            # Whatever went wrong, the next read starts on a connection that nothing has happened to.
            connection.close()
            raise
        finally:
            self.reads.end(connection)
        kept.append(connection)

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A connection that cannot write and sees the house as of one instant, however long it reads."""
        with self.reader.connect() as connection:
            if self.sqlite:  # A file that is mapped and read from end to end counts as this process's memory.
                connection.exec_driver_sql("PRAGMA mmap_size=0")
            connection.exec_driver_sql("BEGIN" if self.sqlite else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            try:
                yield connection
            finally:
                if not self._undone(connection) or self.sqlite:
                    connection.invalidate()

    @contextmanager
    def trying(self, tables: Sequence[str]) -> Iterator[Connection]:
        """A transaction that is always undone, on a connection that writes nothing but temporary tables.

        `tables` makes them, once a connection: one of the same name stands before the real one in every query of it.
        """
        connection = self._trying.pop() if self._trying else self._made_to_try(tables)
        self.reads.begin(connection)
        start = "BEGIN" if self.sqlite else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
        try:
            if self.sqlite:
                connection.exec_driver_sql("PRAGMA query_only=OFF")
            connection.exec_driver_sql(start)
            yield connection
        finally:
            undone = self._undone(connection)
            self.reads.end(connection)
            if undone:
                self._trying.append(connection)
            else:
                connection.invalidate()
                connection.close()

    def _undone(self, connection: Connection) -> bool:
        """Roll back; whether that went well, so that the connection is as it was.

        Not by psycopg's own call: it would have the server forget all that is prepared as well.
        """
        if connection.invalidated:
            return False
        raw: Any = connection.connection.driver_connection
        if not self.sqlite:
            waiting.ask(connection)
            raw.pgconn.exec_(b"ROLLBACK")
            return bool(raw.pgconn.transaction_status == 0)
        with suppress(sqlite3.Error):
            raw.rollback()
        return not raw.in_transaction

    def _made_to_try(self, tables: Sequence[str]) -> Connection:
        connection = self.reader.connect()
        if "prepared" in connection.info:
            # Statements that were prepared here mean the real tables, and would go on meaning them.
            connection.invalidate()
        if self.sqlite:
            connection.exec_driver_sql("PRAGMA query_only=OFF")
        for each in ("BEGIN" if self.sqlite else "BEGIN READ WRITE", *tables, "COMMIT"):
            connection.exec_driver_sql(each)
        connection.info["tried"] = True
        return connection

    def read_only(self, connection: Connection) -> None:
        """From here on nothing of a try is written any more, not even its temporary tables; on PostgreSQL it is so."""
        if self.sqlite:
            connection.exec_driver_sql("PRAGMA query_only=ON")

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """One write: commits at the end, rolls back on any exception. Not for reading alone.

        On SQLite writers of one process queue here fairly, and BEGIN IMMEDIATE queues processes.
        """
        begun = self._in_turn() if self.sqlite else self.writer.begin()
        with begun as connection, Session(connection, expire_on_commit=False) as session:
            yield session
            session.flush()

    @contextmanager
    def _in_turn(self) -> Iterator[Connection]:
        """A transaction on the connection that wrote last. Raises OperationalError where none may begin in time."""
        if not self.turn.acquire(timeout=TURN_SECONDS):
            raise engines.locked(sqlite3.OperationalError("database is locked by other writes of this process"))
        try:
            connection = self._resting.pop() if self._resting else self.writer.connect()
            try:
                with connection.begin():
                    yield connection
            except BaseException:
                connection.close()
                raise
            self._resting.append(connection)
        finally:
            self.turn.release()

    def house_lock(self, session: Session) -> dt.datetime:
        """Take the lock that gives all writes one order, and tell the instant from the database's clock.

        Taken last by every write verb; on SQLite the writer's lock, held since BEGIN IMMEDIATE, is that lock.
        """
        now = self.clock.now()
        if not self.sqlite:
            there = float(session.connection().exec_driver_sql(_LOCKED).one()[1])
            now = now if self.clock.frozen_at is not None else there + self.clock.offset
        return dt.datetime.fromtimestamp(int(now), dt.UTC)

    def close(self) -> None:
        for kept in (self._idle, self._looking, self._resting, self._trying):
            while kept:
                kept.pop().close()
        self.reader.dispose()
        self.writer.dispose()


def connect(config: Config) -> Database:
    """Engines for the configured database. Opens no connection yet."""
    if config.sqlite:
        config.data.mkdir(parents=True, exist_ok=True)
    database = Database(*(engines.sqlite if config.sqlite else engines.postgresql)(config.database_url))
    database.copies, database.media, database.folder = config.copies, config.media, config.data
    database.root = config.root
    return database
