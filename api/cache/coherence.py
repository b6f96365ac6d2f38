"""What this process knows of the purge log: how far it followed, what became old when, and whether it is in touch.

The log stands in the database, written by the commit that makes something old. There is no other channel, so nothing
that happens to Redis can make a reply wrong.
"""

from __future__ import annotations

import json
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from api.db import Database

IN_TOUCH_SECONDS = {"sqlite": 0.05, "postgresql": 0.3}
"""So long a look at the log holds; then a reader looks for itself, and where it can't, what is kept is for emergencies.

The watch looks more often than that; where its thread gets no turn, readers are not told what is old for it.
"""
BUSY_PART = 6
"""Where PostgreSQL's word may come late because many read, a look holds for a sixth of that."""
LOOKING_SECONDS, OUT_OF_TOUCH_SECONDS = 0.05, 1.0
"""The longest wait for another thread that is looking; and how long after the last look one waits at least.

What is kept for emergencies may be old: that a thread is slow to get its turn is no emergency, that the database is is.
"""
PATIENCE = 0.8
"""So long a reader waits for its own look before that is given up, which takes another tenth of a second."""
LOST_SECONDS, LEFT_TO_THE_WATCH = 0.2, 10
"""So long no reader looks again after it failed; where that took its time, so many times as long."""
REWOUND_SECONDS = 1.0
"""Between two looks whether the database was put back to an earlier state."""
REMEMBERED_SECONDS = 25 * 3_600
EVERYTHING = "*"
_SINCE = "SELECT clock, tags, hard, publication, written, at FROM purges WHERE clock > {clock} ORDER BY clock"
_ENDS = "SELECT min(clock), max(clock) FROM purges"

Dropping = Callable[[Iterable[str], bool], None]
Run = Callable[[str], Iterable[Any]]


class Coherence:
    """The purge log as followed so far. `readable_until` is on the monotonic clock: until then tiers may be read."""

    def __init__(self, database: Database, drop: Dropping, clear: Callable[[], None]) -> None:
        self.database = database
        self.clock = 0
        self.publication = 0
        self.readable_until = 0.0
        self.lag: Callable[[float], None] = lambda _: None
        """Told of each line how many seconds after its commit it was followed."""
        self._drop, self._clear = drop, clear
        self._floor: int | None = None
        self._purged: dict[str, int] = {}
        self._taken: dict[str, int] = {}
        self._past: deque[tuple[float, int, tuple[str, ...]]] = deque()
        self._lock = threading.RLock()
        self._usual = self._holds_for = IN_TOUCH_SECONDS[database.reader.dialect.name]
        self._lost_until = 0.0
        self._touched = 0.0
        self._rewound_at = 0.0
        self.reads: Callable[[], int] = lambda: 0
        """How many replies were given from what is kept, so far."""
        # The driver's own errors too: its connection is used beneath SQLAlchemy.
        self._lost: tuple[type[Exception], ...] = (SQLAlchemyError, database.reader.dialect.loaded_dbapi.Error)
        self.confirm: Callable[[int], None] = lambda _: None
        """Called where something was taken down and is forgotten here now."""

    @property
    def started(self) -> bool:
        return self._floor is not None

    @property
    def readable(self) -> bool:
        return time.monotonic() < self.readable_until

    def look(self, *, anew: bool = False) -> bool:
        """Whether what is kept may be given as fresh: the watch looked lately (not `anew`), or this thread just did."""
        now = time.monotonic()
        if now < self.readable_until and not anew:
            return True
        if now < self._lost_until:
            return False
        if not self._lock.acquire(timeout=max(LOOKING_SECONDS, self._touched + OUT_OF_TOUCH_SECONDS - now)):
            if self.readable:
                return True
            # Whoever looks has waited for a while by now; not every reader has to.
            self._lost_until = max(self._lost_until, time.monotonic() + LOST_SECONDS)
            return False
        try:
            if self.readable and not anew:
                return True
            began, followed = time.monotonic(), self.follow(PATIENCE)
            if followed and self.readable:
                return True
            ended = time.monotonic()
            hung = 0.0 if followed else ended - began
            self._lost_until = ended + max(LOST_SECONDS, LEFT_TO_THE_WATCH * hung)
            return False
        finally:
            self._lock.release()

    def follow(self, patience: float = math.inf) -> bool:
        """Read what is new in the log through a connection of the house; False where that can't be had in time."""
        try:
            with self._lock, self.database.reading(patience, apart=True) as connection:
                raw: Any = connection.connection.driver_connection
                self.catch_up(lambda sql: raw.execute(sql).fetchall())
        except self._lost:
            return False
        return True

    def catch_up(self, run: Run) -> None:
        """Follow the log to its end. Raises what the driver raises."""
        before = time.monotonic()
        with self._lock:
            if self._floor is None:
                self._begin(run)
            rows = list(run(_SINCE.format(clock=self.clock)))
            if not rows and before > self._rewound_at + REWOUND_SECONDS and self._rewound(run, before):
                self._begin(run)
                rows = []
            hard = self._apply(rows)
            self._touched, self.readable_until = before, before + self._holds_for
            self._lost_until = 0.0
        if hard:
            self.confirm(self.clock)

    def busy(self, many_read: bool) -> None:
        """Say whether the watch looks as often as it does where many read; then a look need not hold for long."""
        self._holds_for = self._usual / BUSY_PART if many_read else self._usual

    def unchanged(self, since: float) -> None:
        """The log was looked at, at an instant of the monotonic clock, and has nothing new."""
        self._touched, self.readable_until = since, since + self._holds_for

    def holds(self, tags: Iterable[str], clock: int) -> bool:
        """Whether nothing with these tags became old after a clock."""
        if self._floor is None or clock < self._floor:
            return False
        purged = self._purged
        return all(purged.get(tag, 0) <= clock for tag in tags)

    def may_show(self, tags: Iterable[str], clock: int) -> bool:
        """Whether nothing with these tags was taken down after a clock: it may be old, but not forbidden."""
        if self._floor is None or clock < self._floor:
            return False
        taken = self._taken
        return all(taken.get(tag, 0) <= clock for tag in tags)

    def _begin(self, run: Run) -> None:
        """Start from what the log holds: nothing that was stored before its first line can be vouched for."""
        lowest, highest = next(iter(run(_ENDS)))
        self._purged.clear()
        self._taken.clear()
        self._past.clear()
        self._clear()
        self._floor = 0 if lowest in (None, 1) else lowest - 1
        self.clock = highest or 0
        rows = run(_SINCE.format(clock=0))
        for clock, tags, hard, publication, _, at in rows:
            self._remember(clock, _listed(tags), bool(hard), float(at))
            self.publication = publication
        self.readable_until = 0.0

    def _rewound(self, run: Run, now: float) -> bool:
        """Whether the log ends before what was followed: the database was put back to an earlier state."""
        self._rewound_at = now
        highest = next(iter(run(_ENDS)))[1] or 0
        return bool(highest < self.clock)

    def _apply(self, rows: Iterable[Any]) -> bool:
        taken_down = False
        now = time.time()
        for clock, tags, hard, publication, written, at in rows:
            listed = _listed(tags)
            self._remember(clock, listed, bool(hard), float(at))
            if EVERYTHING in listed:
                self._clear()
            else:
                self._drop(listed, bool(hard))
            self.clock, self.publication = clock, publication
            self.lag(max(0.0, now - written))
            taken_down = taken_down or bool(hard)
        return taken_down

    def _remember(self, clock: int, tags: tuple[str, ...], hard: bool, at: float) -> None:
        if EVERYTHING in tags:
            self._floor = clock
            return
        for tag in tags:
            self._purged[tag] = clock
            if hard:
                self._taken[tag] = clock
        self._past.append((at, clock, tags))
        while self._past and self._past[0][0] < at - REMEMBERED_SECONDS:
            _, past, old = self._past.popleft()
            for tag in old:
                for known in (self._purged, self._taken):
                    if known.get(tag) == past:
                        del known[tag]


def _listed(tags: Any) -> tuple[str, ...]:
    return tuple(json.loads(tags) if isinstance(tags, str) else tags)
