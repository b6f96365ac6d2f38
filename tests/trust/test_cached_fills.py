"""Filling what is kept (CA14, CA16, CA20): a late reader never stores the past, a crowd loads once, 404s end."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from typing import Any

import pytest

from api.cache import flights
from api.front import fetching
from api.front.refreshing import HOT
from tests.builders import a_topic
from tests.conftest import NOW
from tests.fronted import Fronted, Processes, slow, wait_until, where
from tests.managing import Desk
from tests.racing_fills import READ, Gate, race, rename, settled
from tests.trust.desk import at

CROWD = 200


def crowd(there: Fronted, address: str, count: int = CROWD) -> Counter[tuple[int, str]]:
    """So many readers at once: (status, name shown) of each."""
    barrier = Barrier(count)

    def ask(_: int) -> tuple[int, str]:
        client = there.app.test_client()
        barrier.wait()
        reply = client.get(f"/v1/clinics/{address}")
        return reply.status_code, reply.json["data"]["name"] if reply.status_code == 200 else where(reply)

    with ThreadPoolExecutor(count) as pool:
        return Counter(pool.map(ask, range(count)))


def test_ca14_a_reader_that_was_overtaken_never_stores_what_it_read(running: Processes) -> None:
    here, elsewhere = running.start(), running.start()
    assert race(here, here, 50, others=(elsewhere,)) == 0
    assert here.counted("stored") >= 50


def test_ca14_nor_where_another_process_wrote(running: Processes) -> None:
    here, elsewhere = running.start(), running.start()
    assert race(here, elsewhere, 50) == 0


def test_ca14_a_load_from_before_a_publish_is_not_joined_by_who_comes_after(
    either: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = either.start()
    # For who loads it in another process, as it seems by Redis.
    monkeypatch.setattr(fetching, "ELSEWHERE_SECONDS", 0.05)
    gate = Gate(there)
    gate.where = "after"
    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(there.app.test_client().get, f"/v1/clinics/{READ}")
        assert gate.stopped.wait(60)
        rename(there, "Renamed meanwhile")
        assert there.data(READ)["data"]["name"] == "Renamed meanwhile"
        gate.go.set()
        assert late.result().json["data"]["name"] == "Renamed meanwhile", "a load that was overtaken is made again"
    assert there.data(READ)["data"]["name"] == "Renamed meanwhile"


def test_ca16_a_crowd_on_a_cold_address_loads_it_once(either: Processes) -> None:
    there, other, loads = either.start(), either.start(), list[str]()
    for each in (there, other):
        each.holds(slow(0.05, loads))
    assert crowd(there, READ) == {(200, "Demo Clinic South"): CROWD}
    assert len(loads) == 1
    assert crowd(other, READ, 50) == {(200, "Demo Clinic South"): 50}
    assert len(loads) == (1 if either.redis_url else 2)


def test_ca16_a_crowd_on_what_was_purged_or_grew_old_is_answered_and_loads_it_once(either: Processes) -> None:
    there, loads = either.start(), list[str]()
    there.warm(READ)
    there.holds(slow(0.05, loads))
    rename(there, "Purged")
    assert crowd(there, READ) == {(200, "Purged"): CROWD}
    settled(there)
    assert len(loads) <= 2
    loads.clear()
    there.at(400)
    assert crowd(there, READ) == {(200, "Purged"): CROWD}
    wait_until(lambda: len(loads) == 1)
    wait_until(lambda: (entry := there.kept(READ)) is not None and entry.made == NOW + 400)
    assert there.counted("stale") >= 1
    assert there.how(READ) == "hit; detail=process" and len(loads) == 1


def test_ca16_what_grew_old_is_made_anew_once_for_all_processes_that_share_a_redis(either: Processes) -> None:
    processes, loads = [either.start(), either.start(), either.start()], list[str]()
    for each in processes:
        each.warm(READ)
        each.holds(slow(0.02, loads))
    processes[0].at(400)
    for each in processes:
        assert each.how(READ) == "hit; detail=stale"
        settled(each)
        wait_until(lambda each=each: each.kept(READ).made == NOW + 400)  # type: ignore[misc, union-attr]
    assert len(loads) == (1 if either.redis_url else 3)
    assert [each.how(READ) for each in processes] == ["hit; detail=process"] * 3


def test_what_was_asked_for_most_is_there_again_behind_a_publication(either: Processes) -> None:
    there, rarely = either.start(), "demo-south/categories"
    there.warm(READ, rarely)
    for _ in range(HOT):
        there.get(READ)
    rename(there, "Renamed")
    wait_until(lambda: there.kept(READ) is not None)
    assert there.how(READ) == "hit; detail=process"
    assert there.data(READ)["data"]["name"] == "Renamed"
    assert there.kept(rarely) is None


def test_a_reply_that_is_taken_out_of_the_line_at_once_can_stand_in_it_again(
    alone: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = alone.start()
    there.warm(READ)
    line = there.built.refreshing._line
    put = line.put_nowait

    def put_and_lose_its_turn(wanted: Any) -> None:
        put(wanted)
        wait_until(line.empty)
        wait_until(lambda: there.kept(READ).made == there.database.clock.now())  # type: ignore[union-attr]

    monkeypatch.setattr(line, "put_nowait", put_and_lose_its_turn)
    for seconds in (400, 800):
        there.at(seconds)
        assert there.how(READ) == "hit; detail=stale"
        assert there.how(READ) == "hit; detail=process"


def test_ca16_slow_loads_of_many_addresses_leave_room_for_what_is_kept(
    either: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    there, loads, go = either.start(), list[str](), Event()
    there.warm(READ)
    there.holds(slow(0.0, loads, go))
    with monkeypatch.context() as patch, ThreadPoolExecutor(12) as pool:
        patch.setattr(flights, "SLOW_SECONDS", 0.25)
        replies = [pool.submit(there.app.test_client().get, f"/v1/clinics/demo-south/topics?page[size]={number}")
                   for number in range(1, 13)]  # fmt: skip
        wait_until(lambda: len(loads) == flights.AT_ONCE)
        for _ in range(20):
            assert there.how(READ) == "hit; detail=process"
        # Of eight threads two stay free: six at most load, or wait for a turn.
        wait_until(lambda: sum(each.done() for each in replies) >= 6)
        go.set()
        told = [each.result() for each in replies]
    refused = [each for each in told if each.status_code == 503]
    assert len(refused) >= 6 and [each.status_code for each in told].count(200) == 12 - len(refused) >= flights.AT_ONCE
    for each in refused:
        assert (each.headers["Retry-After"], each.headers["Cache-Control"]) == ("1", "no-store")
        assert (each.content_type, each.json["code"]) == ("application/problem+json", "unavailable")


MISSING = ("demo-south/topics/light-therapy?locale=en", "demo-south/topics/light-therapy.jsonld",
           "demo-south/topics/light-therapy.md", "demo-south/resolve?path=/treatments/light-therapy",
           "demo-north/topics/light-therapy?locale=en", "demo-south/topics/light-therapy/modules/overview",
           "demo-south/faqs?filter[topic]=light-therapy&locale=en")  # fmt: skip


def test_ca20_a_slug_that_was_missing_is_there_once_published(running: Processes) -> None:
    there, other = running.start(), running.start()
    desk = Desk(there)
    for each in (there, other):
        for _ in range(2):
            assert [each.get(address).status_code for address in MISSING[:-1]] == [404] * 6
        assert each.kept(MISSING[0]) is not None
    path = desk.create("light-therapy", a_topic())
    desk.publish(path)
    there.fresh(*MISSING)
    assert there.get(MISSING[0]).status_code == 200
    other.followed()
    other.fresh(*MISSING)
    desk.move("publisher", path, "unpublish")
    there.fresh(*MISSING)


@pytest.mark.parametrize("ahead", [30, 3_600])
def test_ca20_a_404_ends_when_what_is_planned_comes(either: Processes, ahead: int) -> None:
    there, other = either.start(), either.start()
    desk = Desk(there)
    path = desk.create("light-therapy", a_topic())
    for each in (there, other):
        assert each.get(MISSING[0]).status_code == 404
    desk.publish(path, at=at(ahead).isoformat())
    other.followed()
    for seconds, status in ((0, 404), (ahead - 1, 404), (ahead - 0.01, 404), (ahead, 200)):
        there.at(seconds)
        for each in (there, other):
            assert each.get(MISSING[0]).status_code == status, seconds
            each.fresh(*MISSING)


def test_ca20_an_error_that_is_kept_has_an_id_of_its_own_each_time(either: Processes) -> None:
    there = either.start()
    replies = [there.get("demo-south/topics/never") for _ in range(3)]
    assert [where(each) for each in replies][1:] == ["hit; detail=process"] * 2
    ids = [each.json["request_id"] for each in replies]
    assert len(set(ids)) == 3 and ids == [each.headers["X-Request-Id"] for each in replies]
    assert {len(each.data) for each in replies} == {int(each.headers["Content-Length"]) for each in replies}
