"""The tier in each process: bounded by bytes and entries, fair to every clinic, told by tags what is old."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from api.cache.keys import Key, searches
from api.cache.stored import Stored, Variant

BYTES, ENTRIES = 64_000_000, 20_000
"""What one process keeps at most."""
SMALL_PART = 16
"""What is asked for once and in endless variety (404s, searches) shares a sixteenth of that."""
STALE_PART = 8
"""So large a part of it is kept of what was replaced, for the case that nothing newer can be had."""


@dataclass
class _Budget:
    """One bound, and the shares of the clinics in it, each in the order of its last look."""

    bytes_at_most: int
    entries_at_most: int
    bytes: int = 0
    count: int = 0
    shares: dict[str, OrderedDict[Key, Stored]] = field(default_factory=dict)
    weights: dict[str, int] = field(default_factory=dict)

    def add(self, entry: Stored) -> None:
        self.shares.setdefault(entry.clinic, OrderedDict())[entry.key] = entry
        self.weigh(entry, entry.size)
        self.count += 1

    def weigh(self, entry: Stored, more: int) -> None:
        self.bytes += more
        self.weights[entry.clinic] = self.weights.get(entry.clinic, 0) + more

    def remove(self, entry: Stored) -> None:
        del self.shares[entry.clinic][entry.key]
        self.weigh(entry, -entry.size)
        self.count -= 1

    def victim(self) -> Stored | None:
        """What has to go: of the clinic that takes the most, the first that nobody asked for since the last look."""
        if self.bytes <= self.bytes_at_most and self.count <= self.entries_at_most:
            return None
        share = self.shares[max(self.weights, key=self.weights.__getitem__)]
        while True:
            key, entry = next(iter(share.items()))
            if entry.hits == entry.swept:
                return entry
            entry.swept = entry.hits
            share.move_to_end(key)


class Tier:
    """Stored replies by key. `entries` is read without the lock; everything else goes through it."""

    def __init__(self, bytes_at_most: int = BYTES, entries_at_most: int = ENTRIES) -> None:
        self.entries: dict[Key, Stored] = {}
        self.keeps = bytes_at_most > 0
        """Whether there is room for anything at all."""
        self.evicted = 0
        self._by_tag: dict[str, set[Key]] = {}
        self._lock = threading.Lock()
        self._large = _Budget(bytes_at_most, entries_at_most)
        self._small = _Budget(bytes_at_most // SMALL_PART, max(1, entries_at_most // SMALL_PART))
        self._stale: OrderedDict[Key, tuple[Stored, int]] = OrderedDict()
        self._stale_bytes, self._stale_at_most = 0, bytes_at_most // STALE_PART

    @property
    def bytes(self) -> int:
        return self._large.bytes + self._small.bytes + self._stale_bytes

    def put(self, entry: Stored, still: Callable[[Stored], bool]) -> bool:
        """Keep a reply, if `still` (asked under the lock) says that nothing in it was purged since."""
        if not self.keeps:
            return False
        with self._lock:
            if not still(entry):
                return False
            self._forget_stale(entry.key)
            budget = self._budget(entry)
            if entry.size > budget.bytes_at_most // 4:
                self._remove(entry.key)
                return False
            if (old := self.entries.get(entry.key)) is not None:
                self._unlist(old)
            # In one step: readers, who wait for no lock, find the one or the other.
            self.entries[entry.key] = entry
            for tag in entry.tags:
                self._by_tag.setdefault(tag, set()).add(entry.key)
            budget.add(entry)
            while victim := budget.victim():
                self._remove(victim.key)
                self.evicted += 1
            return True

    def variant(self, entry: Stored, encoding: str) -> Variant:
        """A reply in an encoding that it has not been asked for in before."""
        with self._lock:
            before = entry.size
            made = entry.variant(encoding)
            if self.entries.get(entry.key) is entry:
                self._budget(entry).weigh(entry, entry.size - before)
            return made

    def drop(self, tags: Iterable[str], *, hard: bool) -> list[Stored]:
        """Forget what depends on the tags; returns it. What was replaced is kept for an emergency, unless `hard`."""
        with self._lock:
            if hard:
                wanted = set(tags)
                for entry in [each for each, _ in self._stale.values() if not wanted.isdisjoint(each.tags)]:
                    self._forget_stale(entry.key)
            keys = {key for tag in tags for key in self._by_tag.get(tag, ())}
            dropped = [gone for key in keys if (gone := self._remove(key)) is not None]
            if not hard:
                for gone in dropped:
                    self._keep_stale(gone)
            return dropped

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            for key in list(self.entries):
                self._remove(key)
            self._stale.clear()
            self._stale_bytes = 0

    def discard(self, entry: Stored) -> None:
        """Forget one reply, if it is still the one that is kept."""
        with self._lock:
            if self.entries.get(entry.key) is entry:
                self._remove(entry.key)

    def stale(self, key: Key) -> Stored | None:
        """What was replaced under a key and not taken down: for when nothing newer can be had."""
        found = self._stale.get(key)
        return None if found is None else found[0]

    def _budget(self, entry: Stored) -> _Budget:
        return self._small if entry.absent or searches(entry.key) else self._large

    def _remove(self, key: Key) -> Stored | None:
        entry = self.entries.pop(key, None)
        if entry is not None:
            self._unlist(entry)
        return entry

    def _unlist(self, entry: Stored) -> None:
        for tag in entry.tags:
            keys = self._by_tag[tag]
            keys.discard(entry.key)
            if not keys:
                del self._by_tag[tag]
        self._budget(entry).remove(entry)

    def _keep_stale(self, entry: Stored) -> None:
        if entry.absent:
            return
        self._stale[entry.key] = entry, entry.size
        self._stale_bytes += entry.size
        while self._stale_bytes > self._stale_at_most:
            self._forget_stale(next(iter(self._stale)))

    def _forget_stale(self, key: Key) -> None:
        found = self._stale.pop(key, None)
        if found is not None:
            self._stale_bytes -= found[1]
