"""Many readers and few loads: stampedes, forced fill races, and clinics that do not disturb one another."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.cache.flights import SLOW_SECONDS
from tests.engines import redis_server
from tests.prove import apart, racing, stampede
from tests.prove.fleet import fleet
from tests.prove.lasting import Lasting, lasting, times
from tests.prove.slowed import slowed


@pytest.fixture(params=[True, False], ids=["with Redis", "without Redis"])
def shared(request: pytest.FixtureRequest) -> Iterator[str | None]:
    with redis_server() if request.param else contextlib.nullcontext() as url:
        yield url


@pytest.fixture
def house(tmp_path: Path, sqlite_today: Path) -> Iterator[Lasting]:
    with lasting("postgresql", tmp_path, sqlite_today) as made:
        yield made


def way(shared: str | None) -> str:
    return "with Redis" if shared else "without Redis"


def test_of_64_who_ask_at_once_one_loads(house: Lasting, shared: str | None) -> None:
    with fleet(house, redis_url=shared) as running:
        told = stampede.run(running, times("STAMPEDES", 20))
    print(
        f"\nstampede {way(shared)}: {len(told.loads)} of {stampede.READERS} readers, loads at most {max(told.loads)} "
        f"({told.loads}), slowest reader {max(told.waited) * 1000:.0f} ms"
    )
    # A load of more than a quarter of a second lets only some wait: that is a slow machine, not a slow query.
    assert told.statuses == {200} or (told.statuses == {200, 503} and max(told.waited) > SLOW_SECONDS)
    assert set(told.bodies) == {1}
    # Two servers of two workers: without Redis each process may have to load once.
    assert max(told.loads) <= (1 if shared else 4)


def test_no_slow_reader_undoes_a_publication(house: Lasting, shared: str | None) -> None:
    with slowed(house) as (behind, slow), fleet(behind, redis_url=shared) as running:
        told = racing.run(running, slow, times("RACES", 1000))
    print(f"\nfill races {way(shared)}: {told.forced} forced of {told.run} run, {len(told.stale)} stale")
    assert told.stale == []
    assert told.statuses <= {200, 404, 503}
    assert told.forced > told.run / 4


def test_a_clinic_that_publishes_much_costs_others_no_hit(house: Lasting, shared: str | None) -> None:
    with fleet(house, redis_url=shared) as running:
        told = apart.run(running, times("PUBLISHES", 1000))
    print(
        f"\napart {way(shared)}: hit ratio of another clinic {told.before:.4f} before, {told.during:.4f} during "
        f"{told.publishes} publishes ({told.reads} reads)"
    )
    assert told.during >= told.before
    assert told.failed == []
