"""What the operator sees: Prometheus counts and times of the cache and the outbox, summed over all processes."""

from __future__ import annotations

import hmac
import logging
import os
import shutil
import threading
from pathlib import Path
from typing import Any

from api.cache.coherence import Coherence
from api.cache.counters import NAMES, Counters
from api.cache.redis_tier import RedisTier
from api.cache.tier import Tier
from api.front.loading import Environ
from api.process import METRICS_FOLDER, alive

LOOPBACK = ("127.0.0.1", "::1", "::ffff:127.0.0.1")
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_VIA", "HTTP_X_REAL_IP")
ROOM = 1_000_000
"""Bytes that the files of a process take at most."""
_log = logging.getLogger("clinic_cms.metrics")
QUICK = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """The numbers of this process. Made in the process itself: the library opens its file once and for all."""

    def __init__(self, counters: Counters, tier: Tier, coherence: Coherence, shared: RedisTier | None) -> None:
        _only_where_there_is_room()
        import prometheus_client as prometheus

        prometheus.disable_created_metrics()  # type: ignore[no-untyped-call]
        self._counters, self._tier, self._coherence, self._shared = counters, tier, coherence, shared
        self._written = dict.fromkeys(NAMES, 0)
        self._flushing = threading.Lock()
        self._registry = prometheus.CollectorRegistry()
        kept: dict[str, Any] = {"registry": self._registry}
        told = "Reads of public delivery by what became of them, and what the cache did"
        self._events = prometheus.Counter("clinic_cms_cache_events", told, ["event"], **kept)
        self.loads = prometheus.Histogram("clinic_cms_load_seconds", "Time of a load", buckets=QUICK, **kept)
        told = "Time from a purge's commit until a process followed it"
        self.purge_lag = prometheus.Histogram("clinic_cms_purge_lag_seconds", told, buckets=QUICK, **kept)
        self._bytes = _gauge(prometheus, "clinic_cms_cache_bytes", "Bytes kept in the processes", "livesum", kept)
        self._entries = _gauge(prometheus, "clinic_cms_cache_entries", "Replies kept in the processes", "livesum", kept)
        self._touch = _gauge(prometheus, "clinic_cms_cache_in_touch", "1 if all follow the purge log", "livemin", kept)
        for name in NAMES:
            self._events.labels(name)

    def flush(self) -> None:
        """Write down what was counted since the last time: once, though a request for it and the clock may coincide."""
        with self._flushing:
            self._flush()

    def _flush(self) -> None:
        errors = 0 if self._shared is None else self._shared.errors
        counted = {**self._counters.read(), "evicted": self._tier.evicted, "redis_error": errors}
        for name, value in counted.items():
            if more := value - self._written[name]:
                self._events.labels(name).inc(more)
                self._written[name] = value
        self._bytes.set(self._tier.bytes)
        self._entries.set(len(self._tier.entries))
        self._touch.set(self._coherence.readable)

    def text(self, more: dict[str, float]) -> bytes:
        """The exposition text of all processes, with some gauges of the moment."""
        import prometheus_client as prometheus
        from prometheus_client import multiprocess

        self.flush()
        registry = self._registry
        if METRICS_FOLDER in os.environ:
            forget_the_dead(Path(os.environ[METRICS_FOLDER]))
            registry = prometheus.CollectorRegistry()
            multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        text: bytes = prometheus.generate_latest(registry)
        lines = [f"# TYPE {name} gauge\n{name} {value:g}\n" for name, value in more.items()]
        return text + "".join(lines).encode()


def _only_where_there_is_room() -> None:
    """Have this process count for itself alone where the disk is full: the library's files, mapped, would end it."""
    folder = os.environ.get(METRICS_FOLDER)
    if folder is not None and shutil.disk_usage(folder).free < ROOM:
        del os.environ[METRICS_FOLDER]
        _log.warning("No room in %s: this process is left out of the numbers of the others.", folder)


def forget_the_dead(folder: Path) -> None:
    """What ended processes last measured counts no more; what they counted does."""
    for path in folder.glob("gauge_live*_*.db"):
        if not alive(int(path.stem.rpartition("_")[2])):
            path.unlink(missing_ok=True)


def admitted(environ: Environ, token: str | None) -> bool:
    """Whether numbers may be told: to this machine itself, not through a proxy; to others with the token."""
    header = environ.get("HTTP_AUTHORIZATION", "")
    if token and hmac.compare_digest(header.encode(), f"Bearer {token}".encode()):
        return True
    return environ.get("REMOTE_ADDR") in LOOPBACK and not any(name in environ for name in FORWARDED)


def _gauge(prometheus: Any, name: str, told: str, mode: str, kept: dict[str, Any]) -> Any:
    return prometheus.Gauge(name, told, multiprocess_mode=mode, **kept)
