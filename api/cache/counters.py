"""Counts of what the cache does: exact under threads, and next to nothing to add to."""

from __future__ import annotations

from itertools import count

NAMES = (
    "hit", "hit_redis", "stale", "not_modified", "miss", "stored", "bypass", "refused",
    "lock_wait", "refresh", "purged", "evicted", "redis_error",
)  # fmt: skip


class Counter:
    """`next(counter.up)` adds one: a single step of the interpreter, so no thread's is lost."""

    def __init__(self) -> None:
        self.up = count()

    @property
    def value(self) -> int:
        return int(self.up.__reduce__()[1][0])


class Counters:
    """One counter for each of NAMES."""

    def __init__(self) -> None:
        self.by_name = {name: Counter() for name in NAMES}

    def add(self, name: str) -> None:
        next(self.by_name[name].up)

    def read(self) -> dict[str, int]:
        return {name: each.value for name, each in self.by_name.items()}
