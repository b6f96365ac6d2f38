"""What the house has acknowledged, and the verdict on every read: whether it is old, and by how much."""

from __future__ import annotations

import os
import re
import threading
from bisect import bisect_right
from dataclasses import dataclass, field

from tests.prove.pauses import Pauses

GRACE = int(os.environ.get("PROVE_GRACE", "50")) / 1000
"""Seconds after a move's reply from which on no read may begin that is old."""
WORD = re.compile(rb"(k\d+)(b|o)(\d+)k")
"""How a text tells which of its numbered states it is in: of the base, or of the clinic's own words."""


def word(name: str, number: int) -> str:
    """`k7b` and 12 are said as `k7b12k` in a text."""
    return f"{name}{number}k"


def words(body: bytes) -> dict[str, set[int]]:
    """All that a reply says of whom: mostly one number each."""
    said: dict[str, set[int]] = {}
    for key, kind, number in WORD.findall(body):
        said.setdefault((key + kind).decode(), set()).add(int(number))
    return said


@dataclass
class _Life:
    """The states of one text. `acknowledged` is when the reply to each came, `sent` when it was asked for."""

    sent: list[tuple[float, bool]] = field(default_factory=list)
    acknowledged: list[tuple[float, bool]] = field(default_factory=list)
    """(when, whether every process had confirmed it)"""


@dataclass
class Old:
    """A read that began so many seconds after the reply to what it does not know of. `sure`: which was confirmed."""

    where: str
    name: str
    seen: int | None
    began: float
    delay: float
    sure: bool

    def excused(self, pauses: Pauses) -> bool:
        """Whether the machine let processes wait so long just then that nothing could be quicker."""
        return not self.sure and self.delay <= GRACE + pauses.between(self.began - self.delay, self.began)


@dataclass
class Ledger:
    """Verdicts so far. Instants are on the monotonic clock."""

    lives: dict[str, _Life] = field(default_factory=dict)
    reads: int = 0
    old: list[Old] = field(default_factory=list)
    impossible: list[str] = field(default_factory=list)
    late: float = 0.0
    """The longest time after a reply at which a read began that did not know of it."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, name: str, at: float, *, gone: bool = False) -> int:
        """A state is about to be asked for; returns its number."""
        with self.lock:
            life = self.lives.setdefault(name, _Life())
            life.sent.append((at, gone))
            return len(life.sent)

    def done(self, name: str, at: float, *, sure: bool = False) -> None:
        """The reply to the last state came; `sure` says that every process had confirmed it."""
        with self.lock:
            self.lives[name].acknowledged.append((at, sure))

    def judge(self, name: str, seen: int | None, began: float, ended: float, where: str) -> None:
        """A read was in this state; None where the text was not there at all."""
        life = self.lives[name]
        self.reads += 1
        number = self._gone(life, ended) if seen is None else seen
        if number > len(life.sent) or (seen is None and not number):
            self.impossible.append(f"{where}: {name} was {seen}")
            return
        if number >= len(life.acknowledged):
            return
        unknown = [each for each in life.acknowledged[number:] if each[0] < began]
        if not unknown:
            return
        delay, sure = began - unknown[0][0], any(confirmed for _, confirmed in unknown)
        with self.lock:
            self.late = max(self.late, delay)
            if delay > GRACE or sure:
                self.old.append(Old(where, name, seen, began, delay, sure))

    @staticmethod
    def _gone(life: _Life, ended: float) -> int:
        """The last state without a text that was asked for before a read ended; 0 if there was none."""
        asked = bisect_right(life.sent, (ended, True))
        return max((number + 1 for number in range(asked) if life.sent[number][1]), default=0)
