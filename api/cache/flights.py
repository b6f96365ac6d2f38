"""One load for many readers: who loads a key now, who waits for it, and how many threads that and the rest may hold."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from api.cache.keys import Key
from api.cache.stored import Stored

AT_ONCE = 3
"""Loads under way in one process at most; its other threads stay free for what is kept."""
RESERVED = 2
"""Threads that are left for what is kept."""
SLOW_SECONDS = 1.0
"""A load that takes longer is slow: what is kept must not wait behind it."""
PASSING, PASSING_SECONDS = 4, 5.0
"""So many requests for what is never kept run at once, such as writes; and the longest wait for a turn of these."""
WRITING = 3
"""So many of those may be writes: however long they wait for each other, one thread is left for a reader with a key."""
LONG_SECONDS = 2.0
"""What takes longer of these is slow: a write that waits for others, say."""
WAIT_SECONDS = 2.0
"""The longest wait for another's load, or for a turn to load."""
_STEP = 0.02
Aside = Callable[[], Callable[[], object]]


def stay() -> Callable[[], object]:
    """Step aside where nothing is held."""
    return stay


class Busy(Exception):
    """Too many slow loads are under way; come back in a moment."""


class Flight:
    """A load under way. `clock` is the purge clock it began at; `brought` is for those who waited."""

    def __init__(self, clock: int) -> None:
        self.clock = clock
        self.brought: Stored | None = None
        self.in_vain = False
        """Whether it took long and brought nothing: nobody should wait for the same again."""
        self.landed = threading.Event()


class Flights:
    """The loads of one process, of so many threads."""

    def __init__(self, threads: int = 8) -> None:
        self._threads = threads
        self._flights: dict[Key, Flight] = {}
        self._turn = threading.Condition()
        self._began: dict[int, float] = {}
        self._passing: dict[int, tuple[float, bool]] = {}
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
            while len(self._began) >= AT_ONCE or self._full():
                self._wait_or_refuse(deadline)
            self._began[mine] = time.monotonic()
        try:
            yield
        finally:
            with self._turn:
                del self._began[mine]
                self._turn.notify_all()

    @contextmanager
    def passing(self, *, writes: bool) -> Iterator[Aside]:
        """A thread for what is never kept: writes, private clinics, pages. Raises Busy where none comes in time.

        What is given steps aside, and back by what that returns: a body that comes slowly has a bound of its own.
        """
        mine, most = threading.get_ident(), WRITING if writes else PASSING
        deadline = time.monotonic() + PASSING_SECONDS
        with self._in_line(), self._turn:
            while len(self._taken(writes)) >= most or len(self._passing) >= PASSING or self._full():
                if self._slow(writes) >= most:
                    raise Busy
                self._wait_or_refuse(deadline)
            self._passing[mine] = time.monotonic(), writes
        try:
            yield lambda: self._aside(mine, writes)
        finally:
            self._aside(mine, writes)

    def _aside(self, mine: int, writes: bool) -> Callable[[], object]:
        with self._turn:
            self._passing.pop(mine, None)
            self._turn.notify_all()
        return lambda: self._passing.setdefault(mine, (time.monotonic(), writes))

    def _taken(self, writes: bool) -> list[float]:
        """When each of the writes began that hold a thread, or each of all that is never kept."""
        return [began for began, writing in list(self._passing.values()) if writing or not writes]

    def _full(self) -> bool:
        return len(self._began) + len(self._passing) >= self._threads - RESERVED

    def _slow(self, writes: bool = False) -> int:
        """How many of them take long by now."""
        since = time.monotonic() - LONG_SECONDS
        return sum(began < since for began in self._taken(writes))

    def _wait_or_refuse(self, deadline: float) -> None:
        self._refuse_if_crowded()
        if time.monotonic() > deadline:
            raise Busy
        self._turn.wait(_STEP)

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
        """Waiting is fine while others are quick; behind slow ones some threads stay free."""
        now, held = time.monotonic(), self._slow()
        if now - min(self._began.values(), default=now) > SLOW_SECONDS:
            held += len(self._began)
        if held and held + self._waiting > self._threads - RESERVED:
            raise Busy
