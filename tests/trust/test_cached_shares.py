"""Fair shares and the parts of the cache: one clinic's flood moves nobody else's hits; bounds hold; flights land."""

from __future__ import annotations

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from api.cache import flights as flying
from api.cache.codec import Codec
from api.cache.flights import Busy, Flights
from api.cache.stored import Stored
from api.cache.tier import ENTRIES, Tier
from tests.fronted import LONG, Processes, slow, told, wait_until, where
from tests.racing_fills import READ, rename
from tests.trust.desk import bearer, key

NORTH = ("demo-north", "demo-north/topics", "demo-north/topics?locale=en", "demo-north/sitemap.xml")


def an_entry(number: int = 0, clinic: str = "cln_1", **more: Any) -> Stored:
    told = {"tags": frozenset({f"e:{number}", f"c:{clinic}"}), "until": None, "clock": 1, "status": "200 OK",
            "head": [("Content-Type", "text/plain")], "etag": '"1"', "modified": "", "body": b"x" * 1_000,
            "made": 1_000.0}  # fmt: skip
    return Stored(**{"key": (f"/v1/clinics/{clinic}/topics/{number}", ""), "clinic": clinic, **told, **more})


def always(_: Stored) -> bool:
    return True


def test_one_clinics_publishes_leave_the_others_hits_alone(either: Processes) -> None:
    there, other = either.start(), either.start()
    for each in (there, other):
        each.warm(*NORTH, READ)
    kept = dict(other.built.tier.entries)
    for number in range(60):
        rename(there, f"Name {number}")
        assert [there.how(each) for each in NORTH] == ["hit; detail=process"] * len(NORTH)
    other.followed()
    assert [other.how(each) for each in NORTH] == ["hit; detail=process"] * len(NORTH)
    assert {name: each for name, each in kept.items() if "north" in name[0]}.items() <= other.built.tier.entries.items()
    assert other.counted("purged") == 1


def test_a_flood_of_one_clinic_evicts_its_own_replies_and_no_others(alone: Processes) -> None:
    there = alone.start(cache_megabytes=1)
    there.warm(*NORTH)
    for number in range(40):
        there.get(f"demo-south/topics?page[size]={number + 10}&view=full")
        there.get(f"demo-south/search?q=flood+{number}")
        there.get(f"demo-south/topics/flood-{number}")
    assert there.built.tier.evicted > 20 and there.built.tier.bytes <= 1_200_000
    assert [there.how(each) for each in NORTH] == ["hit; detail=process"] * len(NORTH)


def test_a_clinic_that_takes_least_keeps_all_of_its_share_and_bounds_hold() -> None:
    tier = Tier(400_000, 2_000)
    for number in range(20):
        tier.put(an_entry(number, "cln_small"), always)
    for number in range(5_000):
        tier.put(an_entry(number, "cln_large"), always)
    assert sum(each.clinic == "cln_small" for each in tier.entries.values()) == 20
    assert tier.bytes <= 400_000 and len(tier.entries) + tier.evicted == 5_020
    assert not tier.put(an_entry(9, body=b"x" * 200_000), always)
    few = Tier(10**9, 100)
    for number in range(500):
        few.put(an_entry(number), always)
        few.put(an_entry(number, key=(f"/v1/clinics/a/search/{number}", ""), status="404 NOT FOUND"), always)
    assert len(few.entries) == 100 + 100 // 16 and ENTRIES >= 1_000


def test_what_is_asked_for_stays_and_what_nobody_asked_for_goes_first() -> None:
    tier = Tier(10**9, 100)
    for number in range(1_000):
        tier.put(an_entry(number), always)
        for hot in range(10):
            if (entry := tier.entries.get(an_entry(hot).key)) is not None:
                entry.hits += 1
    assert all(an_entry(hot).key in tier.entries for hot in range(10))


def test_the_tiers_books_balance_after_a_storm_of_threads() -> None:
    tier = Tier(300_000, 500)

    def storm(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(400):
            number, clinic = chance.randrange(80), f"cln_{chance.randrange(3)}"
            entry = an_entry(number, clinic, status=chance.choice(("200 OK", "404 NOT FOUND")), body=b"y" * 3_000)
            tier.put(entry, always)
            tier.variant(entry, chance.choice(("br", "gzip", "identity")))
            if chance.random() < 0.3:
                tier.drop([f"e:{number}"], hard=chance.random() < 0.5)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(storm, range(4)))
    for budget in (tier._large, tier._small):
        rows = [each for share in budget.shares.values() for each in share.values()]
        assert budget.count == len(rows) and budget.bytes == sum(each.size for each in rows)
    assert {key for keys in tier._by_tag.values() for key in keys} == set(tier.entries)
    tier.clear()
    assert (tier.bytes, tier.entries, tier._by_tag) == (0, {}, {})


def test_what_was_replaced_is_kept_for_an_emergency_and_what_was_taken_down_is_not() -> None:
    tier = Tier()
    for number in range(3):
        tier.put(an_entry(number), always)
    tier.drop(["e:0", "e:1"], hard=False)
    assert tier.stale(an_entry(0).key) and tier.stale(an_entry(1).key) and len(tier.entries) == 1
    tier.drop(["e:0", "e:2"], hard=True)
    assert tier.stale(an_entry(0).key) is None and tier.stale(an_entry(2).key) is None and not tier.entries
    tier.put(an_entry(1), always)
    assert tier.stale(an_entry(1).key) is None
    assert not tier.put(an_entry(5), lambda _: False) and an_entry(5).key not in tier.entries


def test_a_reply_that_is_replaced_is_there_all_the_while() -> None:
    class Watched(dict[Any, Any]):
        def pop(self, *_: Any) -> Any:
            raise AssertionError("for a moment nobody finds it")

    tier = Tier()
    tier.entries = Watched()
    first, second = an_entry(1), an_entry(1, tags=frozenset({"e:9"}))
    assert tier.put(first, always) and tier.put(second, always)
    assert tier.entries == {second.key: second} and tier._by_tag == {"e:9": {second.key}}
    assert tier.bytes == second.size


def test_a_sealed_value_comes_back_whole_and_a_large_one_is_not_sealed() -> None:
    codec, entry = Codec(b"s" * 32, "space"), an_entry(body=bytes(range(256)) * 20, until=5_000)
    for encoding in ("br", "gzip", "zstd"):
        entry.variant(encoding)
    packed = codec.packed(entry)
    assert packed
    back = codec.unpacked(entry.key, packed)
    assert back and {name: each.body for name, each in back.variants.items() if name != "identity"} == {
        name: entry.variant(name).body for name in ("br", "gzip", "zstd")
    }  # fmt: skip
    for name in ("key", "clinic", "tags", "until", "clock", "status", "head", "etag", "body", "made"):
        assert getattr(back, name) == getattr(entry, name), name
    assert codec.unpacked(("/another", ""), packed) is None
    assert codec.packed(an_entry(body=b"x" * 1_000_001)) is None


def test_a_flight_is_shared_by_who_came_after_its_clock_alone() -> None:
    flights, key = Flights(), ("/", "")
    first, mine = flights.join(key, 5)
    assert mine and flights.join(key, 5) == (first, False) and flights.join(key, 4) == (first, False)
    second, mine = flights.join(key, 6)
    assert mine and second is not first
    flights.land(key, first)
    assert first.landed.is_set() and flights.join(key, 6) == (second, False)
    flights.land(key, second)
    assert flights.join(key, 6)[1]


def test_no_more_than_three_loads_run_at_once_and_slow_ones_turn_others_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flying, "SLOW_SECONDS", 0.02)
    monkeypatch.setattr(flying, "WAIT_SECONDS", LONG)
    flights, under_way, most = Flights(8), [0], [0]
    lock, all_here, turned_away = threading.Lock(), threading.Barrier(20), threading.Event()

    def load(_: int) -> bool:
        all_here.wait(2 * LONG)
        try:
            with flights.loading():
                with lock:
                    under_way[0] += 1
                    most[0] = max(most[0], under_way[0])
                assert turned_away.wait(2 * LONG)
                with lock:
                    under_way[0] -= 1
        except Busy:
            turned_away.set()
            return False
        return True

    with ThreadPoolExecutor(20) as pool:
        done = list(pool.map(load, range(20)))
    assert most[0] == flying.AT_ONCE and True in done and False in done
    with flights.loading():
        assert flights._waiting == 0 and len(flights._began) == 1
    assert not flights._began


def test_a_private_clinics_readers_share_no_flight(either: Processes) -> None:
    there, loads = either.start(), list[str]()
    secrets = [key(there, ["demo-private"])[1] for _ in range(3)]
    there.get("demo-private/topics", headers=bearer(secrets[0]))
    before = there.counted("lock_wait")

    def ask(secret: str | None) -> int:
        headers = bearer(secret) if secret else {}
        return there.app.test_client().get("/v1/clinics/demo-private/topics", headers=headers).status_code

    there.holds(slow(0.1, loads))
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, [*secrets, None] * 2)) == [200, 200, 200, 401] * 2
    assert loads == [] and there.counted("lock_wait") == before
    assert where(there.get("demo-private/topics", headers=bearer(secrets[0]))) == "fwd=bypass"


def test_an_answer_is_never_from_before_the_publication_asked_for(running: Processes) -> None:
    there, other = running.start(), running.start()
    for number in range(5):
        other.warm(READ)
        rename(there, f"Name {number}")
        newest = newest_publication(there)
        by_query = number % 2
        address = f"{READ}&min_publication={newest}" if by_query else READ
        reply = other.get(address, headers={} if by_query else {"X-Min-Publication": str(newest)})
        assert reply.json["data"]["name"] == f"Name {number}"
    assert told(other.get(f"{READ}&min_publication=1")) == told(other.get(READ))
    wait_until(lambda: "hit" in other.how(f"{READ}&min_publication={newest}"))
    for wrong in (str(newest + 1), "0x1", "-1", "", "1e3", "9" * 30):
        for asked in ({"headers": {"X-Min-Publication": wrong}}, {"query_string": {"min_publication": wrong}}):
            reply = other.client.get("/v1/clinics/demo-south", **asked)
            assert (reply.status_code, reply.headers["Cache-Control"]) == (400, "no-store"), (wrong, asked)
    for number in (newest, 1):
        # Both are said, and one of them makes no sense.
        reply = other.get(f"{READ}&min_publication=x", headers={"X-Min-Publication": str(number)})
        assert (reply.status_code, reply.headers["Cache-Control"]) == (400, "no-store")
    other.fresh(READ)


def newest_publication(there: Any) -> int:
    with there.database.reading() as connection:
        return int(connection.exec_driver_sql("SELECT max(number) FROM publications").scalar_one())
