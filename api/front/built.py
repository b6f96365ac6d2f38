"""The front put together, and the threads that it needs in each process."""

from __future__ import annotations

import hashlib
import logging
import os
import threading
import time
from collections.abc import Callable
from multiprocessing.util import Finalize
from pathlib import Path

import orjson
from sqlalchemy.exc import SQLAlchemyError

from api.cache.codec import Codec
from api.cache.coherence import Coherence
from api.cache.counters import Counters
from api.cache.flights import Flights
from api.cache.redis_tier import RedisTier
from api.cache.tier import Tier
from api.cache.watching import watch
from api.config import Config
from api.db import Database
from api.front.access_log import AccessLog
from api.front.fetching import Fetching
from api.front.keyring import AGAIN_SECONDS, Keyring
from api.front.limits import Limits
from api.front.loading import Application, load
from api.front.metrics import Metrics
from api.front.reading import Front
from api.front.refreshing import Refreshing
from api.services.processes import listeners
from api.version import VERSION

BEAT_SECONDS = 5.0
HANGING_SECONDS = 5.0
"""A query that has no answer by then never gets one: its own limit in the database is two seconds."""
LOOKED_FOR_SECONDS = 0.1
"""Between two looks for such queries, and for what Redis was not told."""
STOPPING_SECONDS = 2.0
Turn = tuple[float, Callable[[], object]]
"""(seconds between two, what is done)."""
_log = logging.getLogger("clinic_cms.cache")


class Built:
    """Everything of one process. `application` is what the server calls."""

    def __init__(self, inner: Application, config: Config, database: Database, secret: bytes, threads: int) -> None:
        self._database, self._inner = database, inner
        self._stop, self._started, self._beat = threading.Event(), threading.Lock(), threading.Event()
        self._pid: int | None = None
        self._threads: dict[str, threading.Thread] = {}
        self.id = listeners.new_id()
        self.counters = Counters()
        self.tier = Tier(config.cache_megabytes * 1_000_000)
        self.coherence = Coherence(database, self._drop, self.tier.clear)
        self.coherence.confirm = lambda _: self._beat.set()
        kept = [self.counters.by_name[name] for name in ("hit", "not_modified", "hit_redis")]
        self.coherence.reads = lambda: sum(each.value for each in kept)
        self.shared = RedisTier(config.redis_url) if config.redis_url else None
        self.keyring = Keyring(database)
        self.limits = Limits(self.keyring, config.limits, config.trusted_proxies)
        self.codec = Codec(secret, space(config))
        self.flights = Flights(threads)
        self.fetching = Fetching(
            inner, self.tier, self.coherence, self.shared, self.codec, self.counters, self.flights, database.clock.now
        )
        self.refreshing = Refreshing(self.fetching, self.counters)
        self.fetching.refresh = self.refreshing.soon
        front = Front(
            inner, self.tier, self.coherence, self.fetching, self.flights, self.limits, self.counters,
            database.clock.now, self.start,
        )  # fmt: skip
        self._log: AccessLog | None = None
        self.application: Application = front.answer
        if config.access_log != "none":
            self._log = AccessLog(front.answer if config.access_log == "all" else front.slowly, config.trusted_proxies)
            if config.access_log == "all":
                self.application = self._log
            else:
                front.slowly = self._log
        self.metrics: Metrics | None = None

    def start(self) -> None:
        """Begin to follow the purge log, once a process: the first request does it, after all forking is done."""
        if self._pid == os.getpid():
            return
        with self._started:
            if self._pid == os.getpid():
                return
            self.metrics = Metrics(self.counters, self.tier, self.coherence, self.shared)
            self.fetching.took = self.metrics.loads.observe
            self.coherence.lag = self.metrics.purge_lag.observe
            self._database.followers.append(self.coherence.follow)
            self._announce()
            self.coherence.follow()
            self._beat.set()
            runs = (("watch", self._watch), ("refresh", self._refresh), ("tick", self._tick), ("ask", self._ask))
            for name, run in runs:
                self._threads[name] = threading.Thread(target=run, name=f"cache-{name}", daemon=True)
                self._threads[name].start()
            # A forked child of multiprocessing, which a server's process may be, runs these and nothing of atexit.
            Finalize(None, self.stop, exitpriority=10)
            self._pid = os.getpid()

    def warm(self) -> None:
        """Make the first reads before anyone waits for them: they load what all later ones find at hand."""
        listed = load(self._inner, ("/v1/clinics", "")).body
        try:
            clinics = [each["slug"] for each in orjson.loads(listed)["data"]]
        except (ValueError, KeyError):
            return  # The database is away, or its tables are; whoever asks first is told so.
        for place in clinics[:1]:
            load(self._inner, (f"/v1/clinics/{place}/topics", "page%5Bsize%5D=1&view=full"))

    def stop(self) -> None:
        """End the threads, and take the process off the list of those that keep replies."""
        if self._stop.is_set():
            return
        self._stop.set()
        self._beat.set()
        self.refreshing.end()
        if "ask" in self._threads:
            # It must not announce the process again once that took its leave.
            self._threads["ask"].join(STOPPING_SECONDS)
        try:
            listeners.leave(self._database, self.id)
        except SQLAlchemyError as error:
            _log.info("Could not take leave: %s", error)
        self._flush()

    def _drop(self, tags: object, hard: bool) -> None:
        dropped = self.tier.drop(tags, hard=hard)  # type: ignore[arg-type]
        for _ in dropped:
            self.counters.add("purged")
        self.refreshing.warm(dropped)

    def _watch(self) -> None:
        watch(self.coherence, self._stop)

    def _refresh(self) -> None:
        self.refreshing.run(self._stop)

    def _announce(self) -> None:
        """Be on the list before anything is kept: whoever takes a text down waits for those on it."""
        try:
            listeners.beat(self._database, self.id, self.coherence.clock)
        except SQLAlchemyError as error:
            _log.warning("Could not be announced: %s", error)

    def _tick(self) -> None:
        """What has to be seen to now and then. None of it asks the database: one that hangs is given up from here."""
        turns: list[Turn] = [
            (1.0, self._flush),
            (30.0, self.limits.buckets.tidy),
        ]
        if not self._database.sqlite:
            turns.append((LOOKED_FOR_SECONDS, lambda: self._database.reads.cut_off(HANGING_SECONDS)))
        if self.shared is not None:
            turns.append((LOOKED_FOR_SECONDS, self.shared.settle))
            turns.append((1.0, lambda: self.limits.share(self.shared, self.codec.counter)))  # type: ignore[arg-type]
        self._by_turns(turns, self._stop.wait)

    def _ask(self) -> None:
        """What asks the database now and then; a confirmation at once."""
        self._by_turns([(AGAIN_SECONDS, self.keyring.refresh), (BEAT_SECONDS, self._beat.set)], self._announcing)

    def _announcing(self, seconds: float) -> None:
        """Wait so long at most; whoever sets the beat has the process announced at once."""
        if self._beat.wait(seconds) and not self._stop.is_set():
            self._beat.clear()
            self._announce()

    def _by_turns(self, turns: list[Turn], wait: Callable[[float], object]) -> None:
        due = [time.monotonic() + seconds for seconds, _ in turns]
        while not self._stop.is_set():
            wait(max(0.0, min(due) - time.monotonic()))
            for number, (seconds, run) in enumerate(turns):
                if time.monotonic() >= due[number]:
                    due[number] = time.monotonic() + seconds
                    self._once(run)

    def _once(self, run: Callable[[], object]) -> None:
        try:
            run()
        except Exception:
            _log.exception("A task in the background failed")

    def _flush(self) -> None:
        if self.metrics is not None:
            self.metrics.flush()
        if self._log is not None:
            self._log.flush()


def space(config: Config) -> str:
    """Parts what must not be mixed in a Redis: other code, other settings that stand in replies."""
    told = hashlib.blake2b(f"{VERSION} {config.public_url} {config.tagged_for_cloudflare}".encode(), digest_size=16)
    here = Path(__file__).parent.parent
    for folder in (here, here.parent / "schemas"):
        for path in sorted(folder.rglob("*.py")):
            told.update(path.read_bytes())
    return told.hexdigest()[:16]
