"""Leaky buckets, one per caller: local, and told in the background what other processes let through."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from api.cache.redis_tier import RedisTier

WINDOW = 60.0
"""Seconds over which a limit counts; a caller who waited so long may spend all of it at once."""
FULLEST = 1.5 * WINDOW
"""What processes let through before they heard of each other counts up to this; nobody waits longer than it."""
CALLERS_AT_MOST = 100_000
SHARED_SECONDS = 120


@dataclass
class _Bucket:
    """`full_at`: the monotonic instant up to which what was spent reaches (GCRA).

    `spent` here since it was told; `seen` is what all had spent then, `shared_at` how far that reached.
    """

    full_at: float = 0.0
    spent: int = 0
    seen: int = 0
    shared_at: float = 0.0


class Buckets:
    """How much each caller may still ask."""

    def __init__(self) -> None:
        self._buckets: dict[str, _Bucket] = {}
        self._lock = threading.Lock()

    def spend(self, caller: str, limit: int, cost: int) -> int | None:
        """None where the request may pass, else the seconds to wait."""
        now = time.monotonic()
        each = WINDOW / limit
        with self._lock:
            bucket = self._buckets.get(caller)
            if bucket is None:
                if len(self._buckets) >= CALLERS_AT_MOST:
                    self._tidy(now)
                bucket = self._buckets[caller] = _Bucket(now)
            spent = max(bucket.full_at, now) + cost * each
            if spent - now > WINDOW:
                return max(1, math.ceil(spent - now - WINDOW))
            bucket.full_at = spent
            bucket.spent += cost
            return None

    def give_back(self, caller: str, limit: int, cost: int) -> None:
        """Take back what was counted for a request that turned out to cost nothing."""
        with self._lock:
            bucket = self._buckets.get(caller)
            if bucket is not None:
                bucket.full_at -= cost * WINDOW / limit
                bucket.spent -= cost

    def left(self, caller: str, limit: int) -> tuple[int, int]:
        """(requests left, seconds until the bucket is empty again)."""
        bucket = self._buckets.get(caller)
        ahead = 0.0 if bucket is None else max(0.0, bucket.full_at - time.monotonic())
        return int((WINDOW - ahead) * limit / WINDOW), math.ceil(ahead)

    def share(self, shared: RedisTier, limit_of: dict[str, int], named: Callable[[str], str]) -> None:
        """Tell other processes what was spent here since the last time, and count what they let through."""
        with self._lock:
            active = [(name, each, each.spent) for name, each in self._buckets.items() if each.spent]
        if not active:
            return
        totals = shared.add([(named(name), spent) for name, _, spent in active], SHARED_SECONDS)
        if totals is None:
            return
        with self._lock:
            for (name, bucket, spent), (total, age) in zip(active, totals, strict=True):
                bucket.spent -= spent
                if limit := limit_of.get(name.partition(":")[0]):
                    _count(bucket, total, spent, age, WINDOW / limit)
                bucket.seen = total

    def tidy(self) -> None:
        """Forget callers whose bucket is empty."""
        with self._lock:
            self._tidy(time.monotonic())

    def _tidy(self, now: float) -> None:
        for name in [name for name, each in self._buckets.items() if each.full_at <= now and not each.spent]:
            del self._buckets[name]
        while len(self._buckets) >= CALLERS_AT_MOST:
            del self._buckets[next(iter(self._buckets))]


def _count(bucket: _Bucket, total: int, spent: int, age: float, each: float) -> None:
    """Fill a bucket up to where all processes together have filled it; a request takes `each` seconds to leave.

    What others let through may lie back as far as the last look at their count, or as it is old: it has been leaving
    since then.
    """
    now = time.monotonic()
    known = bucket.seen and total - spent >= bucket.seen
    since, more = (bucket.shared_at, total - bucket.seen) if known else (now - age, total)
    bucket.full_at = min(max(bucket.full_at, since + more * each), max(bucket.full_at, now + FULLEST))
    bucket.shared_at = max(bucket.full_at - bucket.spent * each, now)
