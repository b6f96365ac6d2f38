"""Reads that wait for an answer of PostgreSQL, and giving up those that wait for one that hangs."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from psycopg import Error
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection

Begun = tuple[Connection, float]
"""A read under way, and the monotonic instant of its beginning."""
_ASKED = "asked"
_WAITING = TransactionStatus.ACTIVE


def ask(connection: Connection) -> None:
    """Note that a statement is about to be sent: what waits for an answer waits since then."""
    connection.info[_ASKED] = time.monotonic()


def cut_off(reads: Iterable[Begun], seconds: float) -> int:
    """End the connections that have waited for one answer for so long; returns how many."""
    late, cut = time.monotonic() - seconds, 0
    for connection, begun in reads:
        raw = _late(connection, begun, late)
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
