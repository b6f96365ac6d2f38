"""Counting in memory what pages say they show: one number a text and way, bounded, and nothing of who looked."""

from __future__ import annotations

import threading
from typing import NamedTuple

AT_MOST = 5_000
"""Different things that one process counts between two flushes; of more than that no more is counted."""


class Seen(NamedTuple):
    """What was shown, where and how; `partner` is "" without one, `clinic` a slug.

    The revision is part of it, so that a page which tells of one that never was spoils no other page's count.
    """

    partner: str
    clinic: str
    type: str
    id: str
    locale: str
    mode: str
    revision: int


class Count(NamedTuple):
    """How often, and in which second last."""

    views: int
    at: int

    def and_also(self, other: Count) -> Count:
        return Count(self.views + other.views, max(self.at, other.at))


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
                self._counts[seen] = known.and_also(count)
            elif len(self._counts) < self._most:
                self._counts[seen] = count

    def take(self) -> dict[Seen, Count]:
        """Everything counted; it is forgotten here."""
        with self._lock:
            taken, self._counts = self._counts, {}
        return taken
