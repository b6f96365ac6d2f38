"""Counting in memory what pages say they show: one number a text and way, bounded, and nothing of who looked."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import NamedTuple

AT_MOST = 5_000
"""Different things that one process counts between two flushes; of more than that no more is counted."""


class Seen(NamedTuple):
    """What was shown, where and how; `partner` is "" without one, `clinic` a slug."""

    partner: str
    clinic: str
    type: str
    id: str
    locale: str
    mode: str


@dataclass(frozen=True)
class Count:
    """How often, and which revision last, at which second."""

    views: int
    revision: int
    at: int

    def with_later(self, other: Count) -> Count:
        last = max(self, other, key=lambda each: each.at)
        return Count(self.views + other.views, last.revision, last.at)


class Tally:
    """Counts of one process, from the last flush on."""

    def __init__(self, most: int = AT_MOST) -> None:
        self._most = most
        self._counts: dict[Seen, Count] = {}
        self._lock = threading.Lock()

    def add(self, seen: Seen, count: Count) -> None:
        """Count, unless it is new and there is no room."""
        with self._lock:
            known = self._counts.get(seen)
            if known is not None:
                self._counts[seen] = known.with_later(count)
            elif len(self._counts) < self._most:
                self._counts[seen] = count

    def take(self) -> dict[Seen, Count]:
        """Everything counted; it is forgotten here."""
        with self._lock:
            taken, self._counts = self._counts, {}
        return taken
