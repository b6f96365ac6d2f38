"""The long runs of the cached read in small: two real servers on one house and one Redis, moves, faults, a stop."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes import until
from tests.prove import coherent, faulty
from tests.prove.breaking import Redis, breakable_redis
from tests.prove.fleet import Fleet, fleet
from tests.prove.lasting import lasting
from tests.prove.ledger import Old

LONG = 2.0
"""Seconds that a busy machine may keep a process from running. How quick it is on a quiet one is for `make prove`."""


@pytest.fixture(scope="module")
def store() -> Iterator[Redis]:
    with breakable_redis() as made:
        yield made


@pytest.fixture(scope="module")
def running(store: Redis, tmp_path_factory: pytest.TempPathFactory, sqlite_today: Path) -> Iterator[Fleet]:
    folder = tmp_path_factory.mktemp("fleet")
    with lasting("sqlite", folder, sqlite_today) as house, fleet(house, workers=1, redis_url=store.url) as made:
        yield made


def far_behind(old: list[Old]) -> list[Old]:
    return [each for each in old if each.sure or each.delay > LONG]


@pytest.mark.slow
def test_moves_are_seen_on_both_servers_while_redis_is_emptied_filled_with_rubbish_and_killed(
    running: Fleet, store: Redis
) -> None:
    with faulty.watched(running, texts=2, readers=2) as seen, faulty.moving(seen):
        with store.client() as client:
            client.flushall()
            time.sleep(0.5)
            for name in list(client.scan_iter("cc:*")):
                client.set(name, b"\x80rubbish", ex=60)
        time.sleep(0.5)
        store.kill()
        time.sleep(0.5)
        store.start()
        time.sleep(0.5)
        until(lambda: seen.moves and seen.steady.asked > 20)
    assert set(seen.steady.statuses) == {200}, seen.steady.errors
    # Where loads stand still for two seconds, who waits for a turn is told to come again.
    assert set(seen.cold.statuses) <= {200, 503} and seen.refused == [], seen.cold.errors
    assert set(seen.moved.statuses) <= {200, 410, 503}, seen.moved.errors
    assert seen.steady.failed + seen.cold.failed + seen.moved.failed == []
    assert seen.wrong == [] and seen.mover.ledger.impossible == []
    assert far_behind(seen.mover.ledger.old) == []
    assert seen.cold.statuses[200] and seen.moved.statuses[200]


@pytest.mark.slow
def test_a_server_that_is_stopped_costs_no_request(running: Fleet) -> None:
    known = faulty.right(running)
    wrong: list[str] = []
    with contextlib.ExitStack() as stack:
        crowd = coherent.Crowd(
            running.ports, list(known), lambda at, reply: wrong.extend([at] * (reply.body != known[at])), 4, warm=True
        )
        stack.enter_context(crowd.reading())
        assert running.servers[1].served.stop() == 0
    assert crowd.failed == [] and set(crowd.statuses) == {200}
    assert wrong == []
