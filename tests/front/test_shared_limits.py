"""Limits that processes share through Redis: no more by asking all of them, and no less by asking two."""

from __future__ import annotations

import time
from collections.abc import Iterator
from uuid import uuid4

import pytest
import redis

from api.cache.redis_tier import RedisTier
from api.front.buckets import FULLEST, SHARED_SECONDS, WINDOW, Buckets
from tests.fronted import patient

LIMIT = 600
CALLER = "address:192.0.2.7"


class Shared:
    """Processes that share a count, and a clock that a test moves."""

    def __init__(self, url: str, patch: pytest.MonkeyPatch) -> None:
        self.now = 1_000.0
        patch.setattr(time, "monotonic", lambda: self.now)
        self.tier = RedisTier(url)
        self.client = redis.Redis.from_url(url)
        self.name = f"cc:limit:test-{uuid4().hex}"

    def told(self, *processes: Buckets) -> None:
        for each in processes:
            each.share(self.tier, {"address": LIMIT}, lambda _: self.name)

    def counted(self, count: int, age: float) -> None:
        """What others have spent so far, the first of it so many seconds ago."""
        self.client.set(self.name, count, px=int((SHARED_SECONDS - age) * 1_000))


@pytest.fixture
def shared(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shared]:
    with patient():
        yield Shared(redis_url, monkeypatch)


def passed(process: Buckets, count: int) -> int:
    """How many of so many requests may pass."""
    return sum(process.spend(CALLER, LIMIT, 1) is None for _ in range(count))


def test_who_has_asked_another_process_steadily_is_not_refused_by_the_next(shared: Shared) -> None:
    there = Buckets()
    shared.counted(1_000, age=110)
    assert passed(there, 1) == 1
    shared.told(there)
    assert passed(there, 500) == 500


def test_who_has_just_spent_all_in_one_process_has_nothing_left_in_the_next(shared: Shared) -> None:
    there, other, began = Buckets(), Buckets(), time.time()
    assert passed(there, LIMIT + 5) == LIMIT
    shared.told(there)
    assert passed(other, 1) == 1
    shared.told(other)
    # Redis has a clock of its own, by which some of it has left again.
    left = (time.time() - began) * LIMIT / WINDOW
    assert passed(other, LIMIT) <= left
    shared.now += 10
    assert 90 <= passed(other, LIMIT) <= 110


def test_nobody_waits_longer_than_a_window_whatever_others_let_through(shared: Shared) -> None:
    there = Buckets()
    shared.counted(50_000, age=0)
    assert passed(there, 1) == 1
    shared.told(there)
    left, empty = there.left(CALLER, LIMIT)
    assert left <= 0 and empty == FULLEST
    assert 0 < (there.spend(CALLER, LIMIT, 1) or 0) <= WINDOW
    shared.now += FULLEST
    assert passed(there, LIMIT) == LIMIT


def test_what_others_let_through_in_a_long_while_has_been_leaving_all_the_while(shared: Shared) -> None:
    there = Buckets()
    assert passed(there, 1) == 1
    shared.told(there)
    shared.now += 50
    shared.client.incrby(shared.name, 500)
    assert passed(there, 1) == 1
    shared.told(there)
    assert passed(there, 590) == 590


def test_asking_two_processes_in_turn_brings_no_more_than_asking_one(shared: Shared) -> None:
    both = Buckets(), Buckets()
    through = 0
    for _ in range(120):
        through += sum(passed(each, 10) for each in both)
        shared.told(*both)
        shared.now += 1
    allowed = LIMIT + 120 * LIMIT / WINDOW
    assert allowed - 60 <= through <= allowed + 60


def test_a_count_ends_by_itself_and_what_was_given_back_is_not_counted(shared: Shared) -> None:
    there = Buckets()
    assert passed(there, 20) == 20
    shared.told(there)
    there.give_back(CALLER, LIMIT, 15)
    shared.told(there)
    assert int(shared.client.get(shared.name) or 0) == 5
    assert 0 < shared.client.ttl(shared.name) <= SHARED_SECONDS


def test_without_redis_each_process_counts_for_itself(shared: Shared) -> None:
    there = Buckets()
    lost = RedisTier("redis://127.0.0.1:1/0")
    assert passed(there, 10) == 10
    there.share(lost, {"address": LIMIT}, lambda _: shared.name)
    assert there.left(CALLER, LIMIT)[0] in (LIMIT - 10, LIMIT - 11)
    shared.told(there)
    assert int(shared.client.get(shared.name) or 0) == 10, "it is told once Redis is back"
