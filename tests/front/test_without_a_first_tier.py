"""With no room in the process Redis alone keeps replies; without Redis too, every read asks the database."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from api.db import Database, connect
from api.front.built import Built
from api.front.loading import Application
from tests.builders import a_live_topic, a_topic, publish_text, revise
from tests.conftest import application, config
from tests.fronted import patient, wait_until
from tests.processes import PATIENCE

ITEM = "/v1/clinics/demo-south/topics/mesotherapy"


@dataclass
class Roomless:
    """A house whose process has no room for replies."""

    built: Built
    client: Any
    database: Database

    def how(self, address: str = ITEM) -> str:
        reply = self.client.get(address)
        assert reply.status_code == 200
        return str(reply.headers["Cache-Status"]).removeprefix("clinic-cms; ")

    def counted(self, name: str) -> int:
        return self.built.counters.read()[name]


def roomless(sqlite_today: Path, folder: Path, redis_url: str | None) -> Iterator[Roomless]:
    shutil.copy(sqlite_today, folder / "house.sqlite")
    settings = config(f"sqlite:///{folder / 'house.sqlite'}", folder)
    # An address of its own keeps it apart from other tests in the same Redis.
    settings = replace(settings, redis_url=redis_url, cache_megabytes=0, public_url=f"https://{uuid4().hex}.example")
    settings = replace(settings, limits=dict.fromkeys(settings.limits, 0), access_log="none")
    database = connect(settings)
    app = application(settings, database)
    built = Built(app.wsgi_app, settings, database, settings.secret(), 8)
    app.wsgi_app = built.application  # type: ignore[method-assign,assignment]
    yield Roomless(built, app.test_client(), database)
    built.stop()
    database.close()


@pytest.fixture(autouse=True)
def _patient() -> Iterator[None]:
    with patient():
        yield


@pytest.fixture
def with_redis(sqlite_today: Path, tmp_path: Path, redis_url: str) -> Iterator[Roomless]:
    yield from roomless(sqlite_today, tmp_path, redis_url)


@pytest.fixture
def without(sqlite_today: Path, tmp_path: Path) -> Iterator[Roomless]:
    yield from roomless(sqlite_today, tmp_path, None)


def test_redis_answers_where_the_process_has_no_room(with_redis: Roomless) -> None:
    assert [with_redis.how() for _ in range(3)] == ["fwd=miss; stored", "hit; detail=redis", "hit; detail=redis"]
    assert (with_redis.counted("miss"), with_redis.counted("hit_redis")) == (1, 2)
    assert not with_redis.built.tier.entries


def test_what_redis_alone_keeps_is_old_at_once_when_it_changes(with_redis: Roomless) -> None:
    variant = a_live_topic(with_redis.database, "kept-in-redis")
    address = "/v1/clinics/demo-south/topics/kept-in-redis"
    assert [with_redis.how(address) for _ in range(2)] == ["fwd=miss; stored", "hit; detail=redis"]
    revise(with_redis.database, variant, a_topic(summary="Another summary."))
    publish_text(with_redis.database, variant)
    assert with_redis.how(address) == "fwd=miss; stored"
    assert with_redis.client.get(address).json["data"]["summary"] == "Another summary."


def test_without_redis_too_every_read_asks_the_database(without: Roomless) -> None:
    assert [without.how() for _ in range(3)] == ["fwd=miss"] * 3
    assert without.counted("miss") == 3


def test_those_who_waited_take_what_was_brought_though_nobody_keeps_it(with_redis: Roomless) -> None:
    begun, go_on = threading.Event(), threading.Event()
    inner: Application = with_redis.built.fetching._application

    def slow(environ: dict[str, Any], start_response: Any) -> Any:
        begun.set()
        assert go_on.wait(PATIENCE)
        return inner(environ, start_response)

    with_redis.how("/v1/clinics/demo-south/topics?locale=en")
    with_redis.built.fetching._application = slow
    with ThreadPoolExecutor(4) as readers:
        asked = [readers.submit(with_redis.how)]
        assert begun.wait(PATIENCE)
        asked += [readers.submit(with_redis.how) for _ in range(3)]
        wait_until(lambda: with_redis.counted("lock_wait") == 3)
        go_on.set()
        told = [each.result() for each in asked]
    assert sorted(told) == ["fwd=miss; stored", *["hit; detail=collapsed"] * 3]
    assert with_redis.counted("miss") == 2
