"""Who waits for an answer of PostgreSQL, and giving up those that wait for one that hangs."""

from __future__ import annotations

import math
import os
import socket
import time
from collections.abc import Generator
from contextlib import suppress
from typing import Any

import psycopg
from psycopg import Error
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, text

Begun = tuple[Connection, float, float]
"""A read under way, the monotonic instant of its beginning, and for how many seconds it waits for an answer."""
ANY = math.inf
"""Seconds of a read that waits as long as any other."""
ANSWERED_SECONDS = 12.0
"""A writer that heard nothing for so long never will: PostgreSQL itself ends a statement of ours after ten seconds."""
_ASKED = "asked"
_WAITING = TransactionStatus.ACTIVE


def ask(connection: Connection) -> None:
    """Note that a statement is about to be sent: what waits for an answer waits since then."""
    connection.info[_ASKED] = time.monotonic()


class Reads:
    """The reads under way in this process."""

    def __init__(self) -> None:
        self._begun: dict[int, Begun] = {}

    def begin(self, connection: Connection, patience: float = ANY) -> None:
        self._begun[id(connection)] = connection, time.monotonic(), patience

    def end(self, connection: Connection) -> None:
        del self._begun[id(connection)]

    def cut_off(self, seconds: float) -> int:
        """Give up reads that have waited so long for one answer of a PostgreSQL that hangs; returns how many.

        Its own limit ends a query that runs too long; this is for a server that does not even say so. A read may take
        as long as it likes while it gets answers, or while nobody waits for one.
        """
        now, cut = time.monotonic(), 0
        for connection, begun, patience in list(self._begun.values()):
            raw = _late(connection, begun, now - min(seconds, patience))
            if raw is not None:
                cut += 1
                with suppress(OSError, Error):
                    line = socket.socket(fileno=os.dup(raw.pgconn.socket))
                    line.shutdown(socket.SHUT_RDWR)
                    line.close()
        return cut


def _late(connection: Connection, begun: float, late: float) -> Any:
    """The driver's connection, if what it was asked last was before `late` and has no answer; None otherwise."""
    if connection.invalidated or connection.closed:
        return None
    raw: Any = connection.connection.driver_connection
    # What is asked of the driver itself, as the look at the log does, leaves no note: it waits since the read began.
    since = max(begun, connection.info.get(_ASKED, begun))
    return raw if since < late and raw.pgconn.transaction_status == _WAITING else None


class Answering(psycopg.Connection[Any]):
    """A writer's connection, which is given up where PostgreSQL does not say a word for `patience` seconds.

    All that it does goes through here: statements, COMMIT, ROLLBACK, and the look whether it is alive. Work of many
    statements, or of one that brings many rows, may take as long as it likes.
    """

    patience: float = ANSWERED_SECONDS

    def wait(self, gen: Any, *how: Any, **named: Any) -> Any:
        return super().wait(self._heard(gen), *how, **named)

    def _heard(self, steps: Generator[Any, int, Any]) -> Generator[Any, int, Any]:
        """The driver's own steps. It is told 0 where nothing came for a tenth of a second."""
        heard = time.monotonic()
        try:
            wanted = next(steps)
            while True:
                ready = yield wanted
                if ready:
                    heard = time.monotonic()
                elif time.monotonic() - heard > self.patience:
                    self.pgconn.finish()
                    raise psycopg.OperationalError(f"no answer within {self.patience:.0f} seconds")
                wanted = steps.send(ready)
        except StopIteration as done:
            return done.value


def unlimited(connection: Connection) -> None:
    """Let each statement of the transaction under way take as long as it needs. For commands, not for requests."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        raw: Any = connection.connection.driver_connection
        raw.patience = ANY
