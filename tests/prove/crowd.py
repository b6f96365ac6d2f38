"""Readers in threads: steady, bounded load, and a verdict on every reply."""

from __future__ import annotations

import contextlib
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from tests.prove.asking import Line, Reply

PAUSE = 0.006
"""Seconds between a reader's requests, so that the load is bounded."""
WARM_SECONDS = 120
Verdict = Callable[[str, Reply], None]


@dataclass
class Crowd:
    """Readers of some addresses, each on one port first and on the next one where a connection fails."""

    ports: Sequence[int]
    addresses: Sequence[str]
    verdict: Verdict
    readers: int = 8
    pause: float = PAUSE
    statuses: Counter[int] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)
    """Requests that no server answered, and verdicts that could not be given."""
    retried: int = 0
    """Requests that a connection did not survive, and another one did."""
    slowest: float = 0.0
    errors: list[str] = field(default_factory=list)
    """The first replies that no run expects, for who has to find the cause."""
    elsewhere: bool = False
    """Whether 503 is taken to the next server, as a proxy before several does; counted in `turned_away`."""
    turned_away: int = 0
    warm: bool = False
    """Each reader asks for every address once before the block begins."""
    lock: threading.Lock = field(default_factory=threading.Lock)
    stop: threading.Event = field(default_factory=threading.Event)

    @contextlib.contextmanager
    def reading(self) -> Iterator[Crowd]:
        """Read until the block ends."""
        ready = threading.Barrier(self.readers + 1)
        threads = [threading.Thread(target=self._run, args=(number, ready)) for number in range(self.readers)]
        for each in threads:
            each.start()
        try:
            ready.wait(WARM_SECONDS)
            yield self
        finally:
            self.stop.set()
            for each in threads:
                each.join(60)

    @property
    def asked(self) -> int:
        return sum(self.statuses.values())

    def _run(self, number: int, ready: threading.Barrier) -> None:
        turned = [*self.ports[number % len(self.ports) :], *self.ports[: number % len(self.ports)]]
        lines = [Line(each) for each in turned]
        chance = random.Random(number)
        for address in self.addresses if self.warm else ():
            self._asked(address, lines)
        ready.wait(WARM_SECONDS)
        while not self.stop.is_set():
            self._asked(chance.choice(self.addresses), lines)
            time.sleep(chance.uniform(0, 2 * self.pause))
        for each in lines:
            each.close()

    def _asked(self, address: str, lines: list[Line]) -> None:
        try:
            self._one(address, lines)
        except Exception as error:
            self.failed.append(f"{address}: {error!r}")

    def _one(self, address: str, lines: list[Line]) -> None:
        """A request as a careful client makes it: a broken connection is tried again, then the next server."""
        # Each twice: the connection from before may have ended with a server that has since been started anew.
        tries = [each for line in lines for each in (line, line)]
        for left, line in zip(reversed(range(len(tries))), tries, strict=True):
            try:
                reply = line.get(address)
            except OSError as error:
                with self.lock:
                    self.retried += 1
                    if not left:
                        self.failed.append(f"{address}: {error!r}")
                continue
            if reply.status == 503 and self.elsewhere and left:
                with self.lock:
                    self.turned_away += 1
                continue
            with self.lock:
                self.statuses[reply.status] += 1
                self.kept[reply.kept] += 1
                self.slowest = max(self.slowest, reply.ended - reply.began)
                if reply.status not in (200, 410) and len(self.errors) < 20:
                    self.errors.append(f"{address}: {reply.status} {reply.kept} {reply.body[:300]!r}")
            self.verdict(address, reply)
            return
