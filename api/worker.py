"""The worker: one loop that keeps what is owed, as a command, a thread of the one server process, or its child."""

from __future__ import annotations

import datetime as dt
import logging
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from api.db import Database
from api.services.media import media_sweeping
from api.services.outbox import copies, long_promises, outbox
from api.services.processes import workers
from api.services.processes.usage import flush

IDLE_SECONDS = 1.0
"""The longest sleep: other processes' promises are seen this late."""
FIRST_WAIT, LONGEST_WAIT = 0.5, 10.0
"""Seconds between tries while the database is lost."""
SWEEP_SECONDS, SEARCH_SECONDS = 60.0, 3_600.0
"""Between looks for files that were retired, and for those that an upload which died has left."""
RESTART_SECONDS = 0.5
STOPPING_SECONDS = 8
_log = logging.getLogger("clinic_cms.worker")
_started = threading.Lock()


@dataclass
class Worker:
    """One worker. `kept` counts the promises it kept."""

    database: Database
    lease: int = outbox.LEASE_SECONDS
    outside: copies.Copies = field(default_factory=copies.Copies)
    id: str = field(default_factory=workers.new_id)
    kept: int = 0
    stop: threading.Event = field(default_factory=threading.Event)
    _started_at: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.UTC))
    _next_beat: float = 0.0
    _next_sweep: float = 0.0
    _next_search: float = field(default_factory=lambda: time.monotonic() + SEARCH_SECONDS)

    def run(self) -> None:
        """Work until told to stop; what has been begun is finished. A lost database is waited for."""
        wait = FIRST_WAIT
        while not self.stop.is_set():
            try:
                self._mind()
                self._sweep()
                pause = 0.0 if self.turn() else self._pause()
                wait = FIRST_WAIT
            except Exception as error:
                _log.warning("The worker waits %.1f s: %s", wait, _first_line(error))
                pause, wait = wait * random.uniform(0.75, 1.25), min(LONGEST_WAIT, wait * 2)
            self.stop.wait(pause)
        with suppress(SQLAlchemyError):
            workers.leave(self.database, self.id)

    def once(self) -> int:
        """Keep everything that is due now; how many promises that were."""
        while self.turn():
            pass
        return self.kept

    def turn(self) -> int:
        """Claim one batch and keep it; how many were claimed."""
        began = time.monotonic()
        claims = outbox.claim(self.database, lease=self.lease)
        parts = _together(claims)
        for number, part in enumerate(parts):
            if self.stop.is_set() or time.monotonic() - began > self.lease / 2:
                outbox.give_back(self.database, [each for rest in parts[number:] for each in rest])
                break
            if part[0].kind in copies.KINDS:
                self.kept += outbox.keep_outside(self.database, part, self.outside)
            elif part[0].kind in long_promises.KINDS:
                self.kept += outbox.keep_in_steps(self.database, part[0], self.lease, self.stop.is_set)
            else:
                self.kept += outbox.keep(self.database, part[0])
        return len(claims)

    def _mind(self) -> None:
        if time.monotonic() >= self._next_beat:
            workers.beat(self.database, self.id, self._started_at, self.kept)
            flush(self.database)
            self._next_beat = time.monotonic() + workers.BEAT_SECONDS

    def _sweep(self) -> None:
        """Remove files that nobody needs; a place that can't be reached is tried again the next time."""
        now = time.monotonic()
        if now < self._next_sweep:
            return
        searches = now >= self._next_search
        self._next_sweep = now + SWEEP_SECONDS * random.uniform(0.75, 1.25)
        self._next_search = now + SEARCH_SECONDS if searches else self._next_search
        try:
            media_sweeping.sweep(self.database, orphans=searches)
        except OSError as error:
            _log.warning("Files that nobody needs stay for now: %s", error)

    def _pause(self) -> float:
        """Until the next promise is due, but not for long; workers side by side don't wake at once."""
        ahead = outbox.pause(self.database)
        idle = IDLE_SECONDS * random.uniform(0.5, 1.0)
        return idle if ahead is None else min(idle, max(0.0, ahead) + random.uniform(0.0, 0.05))


def _together(claims: list[outbox.Claim]) -> list[list[outbox.Claim]]:
    """What is kept by itself, one by one; after it what goes to one place outside the house, all of it in one."""
    outside: dict[tuple[str, str], list[outbox.Claim]] = {}
    for each in claims:
        if each.kind in copies.KINDS:
            outside.setdefault((each.kind, each.subject), []).append(each)
    return [*([each] for each in claims if each.kind not in copies.KINDS), *outside.values()]


def in_thread(app: Flask) -> None:
    """Start the worker of a server that is one process, once a process; it ends with the process."""
    if _started.acquire(blocking=False):
        worker = Worker(app.extensions["database"], outside=copies.of(app.extensions["config"]))
        threading.Thread(target=worker.run, name="worker", daemon=True).start()


def only_flushing(app: Flask) -> None:
    """Start what every process of a server of many needs for itself: to write down what its readers caused."""
    if _started.acquire(blocking=False):
        threading.Thread(target=_flush, args=(app.extensions["database"],), name="flush", daemon=True).start()


def _flush(database: Database) -> None:
    while True:
        time.sleep(workers.BEAT_SECONDS * random.uniform(0.9, 1.1))
        with suppress(SQLAlchemyError):
            flush(database)


@contextmanager
def as_child() -> Iterator[None]:
    """Run the worker in a process of its own beside a server of many; one that dies is started again."""
    ending = threading.Event()
    running = [_child()]

    def watch() -> None:
        while not ending.is_set():
            running[0].wait()
            if not ending.wait(RESTART_SECONDS):
                running[0] = _child()

    watching = threading.Thread(target=watch, name="worker-watch", daemon=True)
    watching.start()
    try:
        yield
    finally:
        ending.set()
        running[0].terminate()
        try:
            running[0].wait(STOPPING_SECONDS)
        except subprocess.TimeoutExpired:
            running[0].kill()
        watching.join(STOPPING_SECONDS)


def end_with(parent: int, worker: Worker) -> None:
    """Stop a worker when the process that started it is gone, however it went."""

    def watch() -> None:
        while os.getppid() == parent and not worker.stop.wait(0.5):
            pass
        worker.stop.set()

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()


def _child() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "api.cli", "worker", "--parent", str(os.getpid())])


def _first_line(error: Exception) -> str:
    said = str(getattr(error, "orig", None) or error).strip().splitlines()
    return said[0] if said else type(error).__name__
