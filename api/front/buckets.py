"""Leaky buckets, one per caller: local, and told in the background what other processes let through."""

from __future__ import annotations

import hashlib
import math
import threading
import time
from dataclasses import dataclass

from api.cache.redis_tier import RedisTier

WINDOW = 60.0
"""Seconds over which a limit counts; a caller who waited so long may spend all of it at once."""
CALLERS_AT_MOST = 100_000
SHARED_SECONDS = 120


@dataclass
class _Bucket:
    """`full_at`: the monotonic instant up to which what was spent reaches (GCRA)."""

    full_at: float = 0.0
    spent: int = 0
    seen: int = 0


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

    def share(self, shared: RedisTier, limit_of: dict[str, int]) -> None:
        """Tell other processes what was spent here since the last time, and count what they let through."""
        with self._lock:
            active = [(name, each, each.spent) for name, each in self._buckets.items() if each.spent]
        if not active:
            return
        totals = shared.add([(_shared_name(name), spent) for name, _, spent in active], SHARED_SECONDS)
        if totals is None:
            return
        with self._lock:
            for (name, bucket, spent), total in zip(active, totals, strict=True):
                others = max(0, total - bucket.seen - spent) if total > spent else 0
                bucket.spent -= spent
                bucket.seen = total
                if others and (limit := limit_of.get(name.partition(":")[0])):
                    bucket.full_at = max(bucket.full_at, time.monotonic()) + others * WINDOW / limit

    def tidy(self) -> None:
        """Forget callers whose bucket is empty."""
        with self._lock:
            self._tidy(time.monotonic())

    def _tidy(self, now: float) -> None:
        for name in [name for name, each in self._buckets.items() if each.full_at <= now and not each.spent]:
            del self._buckets[name]
        while len(self._buckets) >= CALLERS_AT_MOST:
            del self._buckets[next(iter(self._buckets))]


def _shared_name(caller: str) -> str:
    return f"cc:limit:{hashlib.blake2b(caller.encode(), digest_size=12).hexdigest()}"
