"""Reads that wait for an answer of PostgreSQL, and giving up those that wait for one that hangs."""

from __future__ import annotations

import math
import os
import socket
import time
from contextlib import suppress
from typing import Any

from psycopg import Error
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection

Begun = tuple[Connection, float, float]
"""A read under way, the monotonic instant of its beginning, and for how many seconds it waits for an answer."""
ANY = math.inf
"""Seconds of a read that waits as long as any other."""
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
