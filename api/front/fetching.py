"""Fetching what is not at hand: from Redis, from who is loading it, from the application, in need from the past."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from api.cache.codec import Codec
from api.cache.coherence import Coherence
from api.cache.counters import Counters
from api.cache.encodings import IDENTITY, chosen
from api.cache.flights import SLOW_SECONDS, Busy, Flight, Flights
from api.cache.keys import Key, clinic_of
from api.cache.redis_tier import RedisTier
from api.cache.stored import HARD_SECONDS, Stored
from api.cache.tier import Tier
from api.front.loading import Application, Environ, Loaded, load

FIRST_POLL, LONGEST_POLL = 0.003, 0.02
"""Seconds between two looks for what another process is loading."""
ELSEWHERE_SECONDS = 1.0
"""The longest wait for what another process is loading: that one may have been killed, and its lock is there still."""
TRIES = 2
"""Loads of a reply at most, where publications come in between."""
PRIVATE_SECONDS = 60.0
"""So long it is remembered that a clinic's replies are not kept."""


@dataclass(frozen=True)
class Outcome:
    """What a fetch brought: something kept, or a reply for this caller alone. `how` as in Cache-Status (RFC 9211)."""

    entry: Stored | None = None
    how: str = "fwd=miss"
    loaded: Loaded | None = None
    counted: str = "hit"
    stale: bool = False
    busy: bool = False


class Fetching:
    """Brings a reply by key, each once however many ask."""

    def __init__(
        self,
        application: Application,
        tier: Tier,
        coherence: Coherence,
        shared: RedisTier | None,
        codec: Codec,
        counters: Counters,
        flights: Flights,
        now: Callable[[], float],
    ) -> None:
        self._application, self._tier, self._coherence = application, tier, coherence
        self._shared, self._codec, self._counters, self._flights, self._now = shared, codec, counters, flights, now
        self._keeps = tier.keeps or shared is not None
        self._private: dict[str, float] = {}
        self.took: Callable[[float], None] = lambda _: None
        """Told how many seconds each load took."""
        self.refresh: Callable[[Key], None] = lambda _: None
        """Asked to have a key made anew behind the reader's back."""

    def never_kept(self, key: Key) -> bool:
        """Whether the clinic is known to be private: nobody shares its replies, or waits for another's."""
        if not self._private:
            return False
        return time.monotonic() < self._private.get(clinic_of(key), 0.0)

    def fetch(self, key: Key, environ: Environ) -> Outcome:
        """What there is for a key, once or for many."""
        if not self._coherence.look():
            if (found := self.emergency(key)) is not None:
                return found
        elif (entry := self._tier.entries.get(key)) is not None and entry.holds(self._now()) and not entry.absent:
            self.refresh(key)
            return Outcome(entry, "hit; detail=stale", counted="stale")
        try:
            return self._together(key, environ) if self._keeps else self._load(key, environ)
        except Busy:
            return self.emergency(key) or Outcome(busy=True)

    def _together(self, key: Key, environ: Environ) -> Outcome:
        """Bring a key, or wait for who is at it. Raises Busy."""
        flight, ours = self._flights.join(key, self._coherence.clock)
        if ours:
            try:
                # Whoever flew before may have landed between the look for it and this flight.
                entry = self._tier.entries.get(key)
                now = self._now()
                if entry is not None and self._coherence.look() and now < entry.soft and entry.holds(now):
                    return Outcome(entry, "hit; detail=collapsed")
                return self._flown(flight, key, environ)
            finally:
                self._flights.land(key, flight)
        self._counters.add("lock_wait")
        self._flights.wait(flight)
        if flight.in_vain or not (flight.landed.is_set() or self._coherence.look()):
            raise Busy
        entry = flight.brought or self._tier.entries.get(key)
        if entry is not None and self._coherence.look() and self._still(entry) and entry.holds(self._now()):
            return Outcome(entry, "hit; detail=collapsed")
        return self._bring(key, environ)

    def _flown(self, flight: Flight, key: Key, environ: Environ) -> Outcome:
        """Bring a key, and tell those who wait for it. Raises Busy."""
        began, failed = time.monotonic(), True
        try:
            outcome = self._bring(key, environ)
            failed = outcome.stale or (outcome.loaded is not None and outcome.loaded.failed)
            flight.brought = None if failed else outcome.entry
            return outcome
        finally:
            flight.in_vain = failed and time.monotonic() - began > SLOW_SECONDS

    def renew(self, key: Key, *, anew: bool) -> None:
        """Bring a key for nobody in particular, unless somebody is at it, or was quicker. Raises Busy."""
        old = self._tier.entries.get(key) if anew else None
        if old is not None and self._now() < old.soft:
            return
        flight, ours = self._flights.join(key, self._coherence.clock)
        if not ours:
            return
        try:
            self._bring(key, None, old)
        finally:
            self._flights.land(key, flight)

    def _bring(self, key: Key, environ: Environ | None, old: Stored | None = None) -> Outcome:
        """From Redis, else from the application. Raises Busy. Where `old` is given, something newer than that."""
        if self._shared is None:
            return self._load(key, environ)
        name = self._codec.name(key)
        if (entry := self._from_redis(key, name, old)) is not None:
            return Outcome(entry, "hit; detail=redis", counted="hit_redis")
        token = secrets.token_hex(8)
        taken = self._shared.lock(name, token)
        if waited := taken is False:
            self._counters.add("lock_wait")
            entry, taken = self._awaited(key, name, token, old)
            if entry is not None:
                return Outcome(entry, "hit; detail=redis", counted="hit_redis")
        try:
            if waited and not self._coherence.look():
                raise Busy  # The other one waits for a database that hangs, and so would this one.
            if taken and (entry := self._from_redis(key, name, old)) is not None:
                return Outcome(entry, "hit; detail=redis", counted="hit_redis")
            return self._load(key, environ)
        finally:
            if taken:
                self._shared.unlock(name, token)

    def emergency(self, key: Key) -> Outcome | None:
        """What was good a while ago and is not forbidden: for when nothing newer can be had."""
        for find in (self._tier.entries.get, self._tier.stale, self._old_in_redis):
            entry = find(key)
            if entry is not None and self._may_show(entry):
                return Outcome(entry, "hit; detail=stale-if-error", counted="stale", stale=True)
        return None

    def _load(self, key: Key, environ: Environ | None) -> Outcome:
        with self._flights.loading():
            for _ in range(TRIES):
                in_touch, clock = self._coherence.look(), self._coherence.clock
                began = time.perf_counter()
                loaded = load(self._application, key, environ)
                self.took(time.perf_counter() - began)
                entry = loaded.stored(key, clock, self._now())
                if entry is None or not in_touch or not self._overtaken(entry):
                    break
        self._counters.add("miss")
        if loaded.failed:
            return self.emergency(key) or Outcome(loaded=loaded)
        if entry is None:
            if any(name == "Cache-Control" and value.startswith("private") for name, value in loaded.head):
                self._private[clinic_of(key)] = time.monotonic() + PRIVATE_SECONDS
            return Outcome(loaded=loaded)
        if not entry.absent:
            for encoding in {IDENTITY, chosen((environ or {}).get("HTTP_ACCEPT_ENCODING", ""))}:
                entry.variant(encoding)
        good = in_touch and self._still(entry)
        kept = good and self._tier.put(entry, self._still)
        # Redis takes what the process has no room for; whoever reads it there asks again whether it is old.
        if good and self._shared is not None and (value := self._codec.packed(entry)) is not None:
            self._shared.put(self._codec.name(key), value, self._left(entry))
            kept = True
        return Outcome(entry, "fwd=miss; stored" if kept else "fwd=miss", counted="stored")

    def _from_redis(self, key: Key, name: str, old: Stored | None = None) -> Stored | None:
        """What Redis has, if nothing in it became old; kept here too. What is neither sealed nor ours is a miss.

        Where `old` is given, a load by another process after that one.
        """
        assert self._shared is not None
        value = self._shared.get(name)
        entry = None if value is None else self._codec.unpacked(key, value)
        if entry is None or not self._coherence.look() or self._now() >= entry.soft or not entry.holds(self._now()):
            return None
        if not self._still(entry) or (old is not None and entry.made <= old.made):
            return None
        self._tier.put(entry, self._still)
        return entry

    def _awaited(self, key: Key, name: str, token: str, old: Stored | None) -> tuple[Stored | None, bool | None]:
        """What another process is loading, once it is there; or its lock, where nothing comes."""
        pause, deadline = FIRST_POLL, time.monotonic() + ELSEWHERE_SECONDS
        while time.monotonic() < deadline and self._shared is not None and self._shared.up:
            time.sleep(pause)
            pause = min(LONGEST_POLL, pause * 1.5)
            if (entry := self._from_redis(key, name, old)) is not None:
                return entry, False
            if self._shared.lock(name, token):
                return None, True
        return None, self._shared is not None and self._shared.lock(name, token, anyway=True)

    def _old_in_redis(self, key: Key) -> Stored | None:
        value = None if self._shared is None else self._shared.get(self._codec.name(key))
        return None if value is None else self._codec.unpacked(key, value)

    def _overtaken(self, entry: Stored) -> bool:
        """Whether it was purged while it was loaded: a read whose second began before the change may miss both states.

        What is not there is only believed once the log was read to its end.
        """
        if entry.absent:
            self._coherence.look(anew=True)
        return not self._still(entry)

    def _still(self, entry: Stored) -> bool:
        return self._coherence.holds(entry.tags, entry.clock)

    def _may_show(self, entry: Stored) -> bool:
        return entry.holds(self._now()) and self._coherence.may_show(entry.tags, entry.clock)

    def _left(self, entry: Stored) -> float:
        return HARD_SECONDS if entry.until is None else min(HARD_SECONDS, entry.until - self._now())
