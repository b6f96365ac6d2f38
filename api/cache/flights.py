"""One load for many readers: who loads a key now, who waits for it, and how many may load at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from api.cache.keys import Key
from api.cache.stored import Stored

AT_ONCE = 3
"""Loads under way in one process at most; its other threads stay free for what is kept."""
RESERVED = 2
"""Threads that never wait for a load that is slow."""
SLOW_SECONDS = 1.0
"""A load that takes longer is slow: what is kept must not wait behind it."""
WAIT_SECONDS = 2.0
"""The longest wait for another's load, or for a turn to load."""
_STEP = 0.02


class Busy(Exception):
    """Too many slow loads are under way; come back in a moment."""


class Flight:
    """A load under way. `clock` is the purge clock it began at; `brought` is for those who waited."""

    def __init__(self, clock: int) -> None:
        self.clock = clock
        self.brought: Stored | None = None
        self.landed = threading.Event()


class Flights:
    """The loads of one process, of so many threads."""

    def __init__(self, threads: int = 8) -> None:
        self._threads = threads
        self._flights: dict[Key, Flight] = {}
        self._turn = threading.Condition()
        self._began: dict[int, float] = {}
        self._waiting = 0

    def join(self, key: Key, clock: int) -> tuple[Flight, bool]:
        """(flight, whether it is ours to fly). One that began before the last purge is not joined."""
        with self._turn:
            flight = self._flights.get(key)
            if flight is not None and flight.clock >= clock:
                return flight, False
            flight = self._flights[key] = Flight(clock)
            return flight, True

    def land(self, key: Key, flight: Flight) -> None:
        """Let the waiting go on."""
        with self._turn:
            if self._flights.get(key) is flight:
                del self._flights[key]
        flight.landed.set()

    def wait(self, flight: Flight) -> None:
        """Wait until a flight has landed, or for so long as is bearable. Raises Busy."""
        deadline = time.monotonic() + WAIT_SECONDS
        with self._in_line():
            while not flight.landed.wait(_STEP) and time.monotonic() < deadline:
                self._refuse_if_crowded()

    @contextmanager
    def loading(self) -> Iterator[None]:
        """A turn to load. Raises Busy where none comes in time."""
        mine = threading.get_ident()
        deadline = time.monotonic() + WAIT_SECONDS
        with self._in_line(), self._turn:
            while len(self._began) >= AT_ONCE:
                self._refuse_if_crowded()
                if time.monotonic() > deadline:
                    raise Busy
                self._turn.wait(_STEP)
            self._began[mine] = time.monotonic()
        try:
            yield
        finally:
            with self._turn:
                del self._began[mine]
                self._turn.notify()

    @contextmanager
    def _in_line(self) -> Iterator[None]:
        with self._turn:
            self._waiting += 1
        try:
            yield
        finally:
            with self._turn:
                self._waiting -= 1

    def _refuse_if_crowded(self) -> None:
        """Waiting is fine while loads are quick; behind slow ones some threads stay free."""
        oldest = min(self._began.values(), default=None)
        taken = len(self._began) + self._waiting
        if oldest is not None and taken > self._threads - RESERVED and time.monotonic() - oldest > SLOW_SECONDS:
            raise Busy
