"""The watch: a thread that notices within milliseconds that the purge log has grown."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Iterator
from typing import Any

from api.cache.coherence import Coherence
from api.db import PURGED, Database

SQLITE_SECONDS = 0.01
"""Between two looks at SQLite's own counter of commits."""
POSTGRES_SECONDS, BUSY_SECONDS = 0.25, 0.02
"""The longest wait for PostgreSQL's word before the log is read all the same: where nobody reads, and where many do."""
LATELY_SECONDS = 1.0
"""So long after the last read from memory it counts as read by many."""
AGAIN_SECONDS = 0.1
"""Between tries to reach a database that is lost."""
_log = logging.getLogger("clinic_cms.cache")


def watch(coherence: Coherence, stop: threading.Event) -> None:
    """Follow the log until told to stop. A lost database is asked for again; the log tells what was missed."""
    database = coherence.database
    look = _sqlite if database.sqlite else _postgres
    while not stop.is_set():
        try:
            with _connection(database) as raw:
                look(coherence, raw, stop)
        except Exception as error:
            _log.warning("The purge log can't be read: %s", (str(error).splitlines() or ["no reason given"])[0])
            stop.wait(AGAIN_SECONDS)


def _sqlite(coherence: Coherence, raw: Any, stop: threading.Event) -> None:
    known = None
    while not stop.is_set():
        now = time.monotonic()
        version = raw.execute("PRAGMA data_version").fetchone()[0]
        if version != known or not coherence.started:
            coherence.catch_up(lambda sql: raw.execute(sql).fetchall())
            known = version
        else:
            coherence.unchanged(now)
        stop.wait(SQLITE_SECONDS)


def _postgres(coherence: Coherence, raw: Any, stop: threading.Event) -> None:
    raw.autocommit = True
    raw.execute(f"LISTEN {PURGED}")
    seen, busy_until = -1, 0.0
    while not stop.is_set():
        # Its word comes at once, unless the machine is short of turns; readers must not be told what is old for that.
        now, reads = time.monotonic(), coherence.reads()
        if reads != seen:
            seen, busy_until = reads, now + LATELY_SECONDS
        coherence.busy(now < busy_until)
        coherence.catch_up(lambda sql: raw.execute(sql).fetchall())
        for _ in raw.notifies(timeout=BUSY_SECONDS if now < busy_until else POSTGRES_SECONDS, stop_after=1):
            pass


@contextlib.contextmanager
def _connection(database: Database) -> Iterator[Any]:
    """A connection of the watch's own, outside the pool."""
    borrowed = database.reader.raw_connection()
    raw: Any = borrowed.driver_connection
    borrowed.detach()
    try:
        yield raw
    finally:
        raw.close()
