"""Houses with what stands before the application: kept replies, limits, and further processes of the same house."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import redis
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from api.cache import coherence, flights, redis_tier
from api.cache.keys import Key, key_of
from api.cache.stored import Stored
from api.db import connect
from api.front import built, fetching
from api.front.built import Built
from api.front.loading import Application, Environ, StartResponse
from api.process import THREADS
from api.services.processes import listeners
from tests.conftest import NOW, SECRET, House, application, config
from tests.engines import drop_postgres_database, fresh_postgres_database

LONG = 30.0
"""Seconds that no thread waits for its turn, however busy the machine is."""
UNLIMITED = {"address": 0, "browser": 0, "server": 0}
IN_PASSING = {"Date", "X-Request-Id", "Cache-Status"}
"""Headers that may differ from reply to reply."""
Told = tuple[int, bytes, dict[str, str]]


@dataclass
class Fronted(House):
    """A house of which the application has its front, and beside it the same without: what readers should be told."""

    built: Built
    plain: House
    redis_url: str | None

    def kept(self, address: str) -> Stored | None:
        """What the process keeps under an address."""
        return self.built.tier.entries.get(key_of_address(address))

    def how(self, address: str, **more: Any) -> str:
        """Where the reply came from, as Cache-Status says."""
        return where(self.get(address, **more))

    def warm(self, *addresses: str) -> None:
        """Ask for addresses, so that they are kept: nothing that was made old before is still to be heard of."""
        self.followed()
        for address in addresses:
            assert self.get(address).status_code < 500, address
            assert self.kept(address) is not None, address

    def fresh(self, *addresses: str, more: dict[str, str] | None = None) -> None:
        """Fail unless each address says what the application itself would say now."""
        for address in addresses:
            given, right = told(self.get(address, headers=more)), told(self.plain.get(address))
            assert given == right, address

    def forget(self, address: str) -> None:
        """Have an address loaded anew: neither tier holds it."""
        self.built.tier.clear()
        if self.redis_url is not None:
            with redis.Redis.from_url(self.redis_url) as client:
                client.delete(self.built.fetching._codec.name(key_of_address(address)))

    def counted(self, name: str) -> int:
        return self.built.counters.read()[name]

    def holds(self, wrapped: Callable[[Application], Application]) -> None:
        """Put something around the application that loads come to."""
        self.built.fetching._application = wrapped(self.built.fetching._application)

    def followed(self) -> None:
        """Wait until the process knows all that the house has made old."""
        with self.database.reading() as connection:
            clock = connection.exec_driver_sql("SELECT max(clock) FROM purges").scalar_one() or 0
        wait_until(lambda: self.built.coherence.clock >= clock and self.built.coherence.readable)

    def remembered(self) -> list[bytes]:
        """The names of all values in Redis, those of other tests too."""
        if self.redis_url is None:
            return []
        with redis.Redis.from_url(self.redis_url) as client:
            return sorted(each for each in client.scan_iter("cc:*") if not each.endswith(b":lock"))


@dataclass
class Processes:
    """Processes of one house, each with a database connection, a front and a memory of its own."""

    url: str
    folder: Path
    redis_url: str | None
    secret: bytes = field(default_factory=lambda: f"{SECRET}{uuid4().hex}".encode())
    """A house's own: values of other tests in the same Redis are foreign."""
    opened: list[Fronted] = field(default_factory=list)

    def start(self, limits: dict[str, int] | None = None, **settings: Any) -> Fronted:
        """Another process. They share the clock of the first."""
        told = {"limits": UNLIMITED | (limits or {}), "redis_url": self.redis_url, "access_log": "none", **settings}
        chosen = replace(config(self.url, self.folder), **told)
        database = connect(chosen)
        database.clock.frozen_at = NOW
        if self.opened:
            database.clock = self.opened[0].database.clock
        app, bare = application(chosen, database), application(chosen, database)
        for each in (app, bare):
            each.extensions["secret"] = self.secret
        built = Built(app.wsgi_app, chosen, database, self.secret, THREADS)
        app.extensions["front"] = built
        app.wsgi_app = built.application  # type: ignore[method-assign]
        plain = House(bare, database, bare.test_client())
        made = Fronted(app, database, app.test_client(), built, plain, self.redis_url)
        self.opened.append(made)
        made.get("demo-south")
        wait_until(lambda: built.coherence.readable)
        built.tier.clear()
        return made

    def stop(self) -> None:
        for each in self.opened:
            each.built.stop()
            if "refresh" in each.built._threads:
                each.built._threads["refresh"].join(LONG)  # Lest it writes into the Redis of the next test.
            each.database.close()


@contextmanager
def patient() -> Iterator[None]:
    """Nobody is given up who waits for a turn: on a machine with much else to do that may take seconds.

    A test that is about giving up says so itself, within its own body.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(coherence, "IN_TOUCH_SECONDS", {"sqlite": LONG, "postgresql": LONG})
        for name in ("TIMEOUT", "ERASING"):
            patch.setattr(redis_tier, name, LONG)
        patch.setattr(listeners, "WAIT_SECONDS", LONG)
        for name in ("SLOW_SECONDS", "LONG_SECONDS", "PASSING_SECONDS", "WAIT_SECONDS"):
            patch.setattr(flights, name, LONG)
        for name in ("SLOW_SECONDS", "ELSEWHERE_SECONDS"):
            patch.setattr(fetching, name, LONG)
        for name in ("STOPPING_SECONDS", "HANGING_SECONDS"):
            patch.setattr(built, name, LONG)
        yield


@contextmanager
def processes(url: str, folder: Path, redis_url: str | None = None) -> Iterator[Processes]:
    made = Processes(url, folder, redis_url)
    with patient():
        try:
            yield made
        finally:
            made.stop()


def key_of_address(address: str) -> Key:
    path, _, query = (address if address.startswith("/") else f"/v1/clinics/{address}").partition("?")
    found = key_of(path, query)
    assert found is not None
    return found[0]


def where(reply: TestResponse) -> str:
    return reply.headers.get("Cache-Status", "").removeprefix("clinic-cms; ")


def told(reply: TestResponse) -> Told:
    """A reply but for what may differ each time; an error's own id too."""
    head = {name: value for name, value in reply.headers.items() if name not in IN_PASSING}
    body = reply.data
    if reply.status_code >= 400:
        body = body.replace(reply.headers.get("X-Request-Id", "no id").encode(), b"req")
    return reply.status_code, body, head


def wait_until(true: Callable[[], bool], seconds: float = 60) -> None:
    give_up = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < give_up, "it did not come"
        time.sleep(0.002)


def slow(
    seconds: float, loads: list[str], go: threading.Event | None = None
) -> Callable[[Application], Application]:
    """Around the application: each load takes so long, or until it is let go, and is noted."""

    def wrapped(application: Application) -> Application:
        def call(environ: Environ, start_response: StartResponse) -> Any:
            loads.append(environ["PATH_INFO"])
            time.sleep(seconds)
            assert go is None or go.wait(2 * LONG)
            return application(environ, start_response)

        return call

    return wrapped


def lost(there: Fronted, patch: pytest.MonkeyPatch) -> None:
    """The process loses its database: nothing can be looked up, and it is out of touch."""
    watch, looked = there.built._threads["watch"], threading.Event()

    def fail(*_: Any, **__: Any) -> Any:
        if threading.current_thread() is watch:
            looked.set()
        raise OperationalError("SELECT 1", {}, Exception("the server closed the connection"))

    patch.setattr(there.built.coherence, "catch_up", fail)
    patch.setattr(there.built.coherence, "unchanged", fail)
    patch.setattr(there.database.reader, "connect", fail)
    patch.setattr(there.database, "reading", fail)
    # A look that was under way may still have told that it is in touch; after it the watch meets the loss.
    assert looked.wait(2 * LONG)
    with there.built.coherence._lock:
        there.built.coherence.readable_until = 0.0


@pytest.fixture
def alone(tmp_path: Path, sqlite_seeded: Path) -> Iterator[Processes]:
    """Processes on SQLite without Redis."""
    url = f"sqlite:///{tmp_path / 'house.sqlite'}"
    (tmp_path / "house.sqlite").write_bytes(sqlite_seeded.read_bytes())
    with processes(url, tmp_path) as made:
        yield made


@pytest.fixture
def alone_on_postgres(postgres_seeded: str, postgres_url: str, tmp_path: Path) -> Iterator[Processes]:
    """Processes on PostgreSQL without Redis."""
    url = fresh_postgres_database(postgres_url, postgres_seeded)
    with processes(url, tmp_path) as made:
        yield made
    drop_postgres_database(url)


@pytest.fixture(scope="module", params=["without-redis", "redis"])
def shared_process(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, sqlite_seeded: Path
) -> Iterator[Processes]:
    """Processes on SQLite, with and without Redis, for the tests of one file that only read."""
    url = request.getfixturevalue("redis_url") if request.param == "redis" else None
    folder = tmp_path_factory.mktemp("fronted")
    (folder / "house.sqlite").write_bytes(sqlite_seeded.read_bytes())
    with processes(f"sqlite:///{folder / 'house.sqlite'}", folder, url) as made:
        yield made


@pytest.fixture(params=["without-redis", "redis"])
def running(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> Iterator[Processes]:
    """Processes on each database, with and without Redis."""
    url = request.getfixturevalue("redis_url") if request.param == "redis" else None
    with processes(database_url, tmp_path, url) as made:
        yield made


@pytest.fixture
def tiered(tmp_path: Path, sqlite_seeded: Path, redis_url: str) -> Iterator[Processes]:
    """Processes on SQLite with Redis."""
    (tmp_path / "house.sqlite").write_bytes(sqlite_seeded.read_bytes())
    with processes(f"sqlite:///{tmp_path / 'house.sqlite'}", tmp_path, redis_url) as made:
        yield made


@pytest.fixture(params=["without-redis", "redis"])
def either(request: pytest.FixtureRequest) -> Processes:
    """Processes on SQLite, with and without Redis."""
    found: Processes = request.getfixturevalue("tiered" if request.param == "redis" else "alone")
    return found
