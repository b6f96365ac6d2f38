"""How much whom is allowed to ask: by address or key, without a database call for a hit, with or without Redis."""

from __future__ import annotations

import re
import time
from types import SimpleNamespace
from typing import Any

import pytest

from api.front import buckets as counting
from api.front.buckets import WINDOW, Buckets
from api.front.limits import address_of
from api.services.house import keys
from tests.fronted import Fronted, Processes, lost, wait_until, where
from tests.racing_fills import READ
from tests.trust.desk import bearer, desk, key

LIST = "demo-south/topics"


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that limits go by stand still, however long a test takes, and are moved by hand."""
    now = [1_000.0]
    monkeypatch.setattr(counting, "time", SimpleNamespace(monotonic=lambda: now[0]))
    return now


def misses(there: Fronted, count: int, name: str = "never", **more: Any) -> list[int]:
    """So many different addresses, one after the other."""
    return [there.get(f"{LIST}/{name}-{number}", **more).status_code for number in range(count)]


def test_what_redis_had_is_not_counted(tiered: Processes) -> None:
    there, other = tiered.start({"address": 30}), tiered.start({"address": 5})
    # Somebody else asks there: what one caller spent in one process counts in the others, once they hear of it.
    elsewhere = {"environ_overrides": {"REMOTE_ADDR": "192.0.2.7"}}
    assert set(misses(there, 20, **elsewhere)) == {404}
    assert set(misses(other, 20)) == {404}, "the other process has them from Redis"
    assert misses(other, 6, "own")[-1] == 429


def test_an_address_over_its_limit_is_told_when_to_come_back(either: Processes) -> None:
    there = either.start({"address": 10})
    assert misses(there, 12)[-1] == 429
    reply = there.get(f"{LIST}?locale=es")
    assert (reply.status_code, reply.json["code"]) == (429, "rate_limited")
    assert reply.headers["Cache-Control"] == "no-store" and reply.content_type == "application/problem+json"
    assert 1 <= int(reply.headers["Retry-After"]) <= 60
    assert reply.headers["RateLimit-Policy"] == '"address";q=10;w=60'
    assert re.fullmatch(r'"address";r=0;t=\d+', reply.headers["RateLimit"])
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
    assert there.get(f"{LIST}?locale=es", environ_overrides=elsewhere).status_code == 200
    for free in ("/healthz", "/readyz"):
        assert there.get(free).status_code == 200


def test_hits_and_304_are_not_counted(alone: Processes) -> None:
    there = alone.start({"address": 20})
    there.warm(READ)
    tag = there.get(READ).headers["ETag"]
    for _ in range(200):
        assert there.get(READ).status_code == 200
        assert there.get(READ, headers={"If-None-Match": tag}).status_code == 304
    assert misses(there, 15) == [404] * 15
    for _ in range(100):
        assert there.get(f"{LIST}/never-3").status_code == 404
    assert 429 in misses(there, 20, "more")
    # Who is over the limit still gets what is kept.
    assert there.how(READ) == "hit; detail=process"
    reply = there.get(READ)
    assert "RateLimit" not in reply.headers and "RateLimit-Policy" not in reply.headers


def test_a_search_counts_as_five(alone: Processes) -> None:
    there = alone.start({"address": 30})
    told = [there.get(f"demo-south/search?q=scars+{number}").status_code for number in range(8)]
    assert told.count(200) in (5, 6) and told[-1] == 429


def test_a_text_that_is_called_search_counts_as_any_other(alone: Processes) -> None:
    there = alone.start({"address": 30})
    kinds, clinics = ("topics", "faqs", "guides", "terms"), ("demo-south", "demo-north")
    asked = [f"{clinic}/{kind}/search?locale={code}" for clinic in clinics for kind in kinds for code in ("en", "es")]
    assert {there.get(each).status_code for each in asked} == {404}


def test_writes_and_bad_requests_are_counted_too(alone: Processes) -> None:
    there = alone.start({"address": 6})
    told = [there.get(f"{LIST}?where={number}").status_code for number in range(4)]
    told += [there.client.post("/v1/manage/entries/topic", json={}).status_code for _ in range(5)]
    assert told[0] == 400 and told[-1] == 429 and 401 in told
    assert there.client.get("/v1/openapi.json").status_code == 429


def test_what_a_browser_asks_beforehand_is_not_counted(alone: Processes) -> None:
    there = alone.start({"address": 6})
    asked = {"Origin": "https://a.example", "Access-Control-Request-Method": "GET"}
    told = [there.client.options(f"/v1/clinics/{LIST}?page[size]={n}", headers=asked).status_code for n in range(1, 20)]
    assert set(told) == {200}
    assert misses(there, 9)[-1] == 429
    assert there.client.options(f"/v1/clinics/{LIST}/more", headers=asked).status_code == 200


def test_each_key_has_a_quota_of_its_own_and_is_told_of_it(either: Processes) -> None:
    there = either.start({"address": 3, "server": 8, "browser": 5})
    _, server = key(there, ["demo-south"])
    _, browser = key(there, ["demo-south"], "browser")
    for secret, limit in ((server, 8), (browser, 5)):
        for number in range(limit - 1):
            reply = there.get(f"{LIST}?page[size]={number + 1}&count={limit == 8}".lower(), headers=bearer(secret))
            assert reply.status_code == 200
            assert reply.headers["RateLimit-Policy"] == f'"key";q={limit};w=60'
            assert re.fullmatch(r'"key";r=\d+;t=\d+', reply.headers["RateLimit"])
        assert misses(there, 4, f"none-{limit}", headers=bearer(secret))[-1] == 429
        hit = there.get(f"{LIST}?page[size]=1&count={limit == 8}".lower(), headers=bearer(secret))
        assert hit.status_code == 200 and where(hit).startswith("hit") and "RateLimit" in hit.headers
    assert there.get(f"{LIST}/another").status_code == 404


def test_a_false_key_has_the_limit_of_its_address(alone: Processes) -> None:
    there = alone.start({"address": 5})
    told = [there.get(READ, headers=bearer(f"ck_sec_{number}")).status_code for number in range(9)]
    assert told[:4] == [401] * 4 and told[-1] == 429


def test_a_revoked_key_is_refused_within_a_second_though_its_hits_come_from_memory(running: Processes) -> None:
    there, other = running.start(), running.start()
    key_id, secret = key(there, ["demo-private"])
    for each in (there, other):
        each.warm(READ)
        for _ in range(3):
            assert where(each.get(READ, headers=bearer(secret))).startswith("hit")
    with desk(there) as demo:
        keys.revoke(demo.work, key_id)
    began = time.monotonic()
    for each in (there, other):
        wait_until(lambda each=each: each.get(READ, headers=bearer(secret)).status_code == 401)  # type: ignore[misc]
        assert each.get("demo-private/topics", headers=bearer(secret)).status_code == 401
        assert each.get(READ).status_code == 200
    print(f"refused after {time.monotonic() - began:.2f} s")


def test_a_hit_with_a_key_asks_the_database_for_nothing(alone: Processes, monkeypatch: pytest.MonkeyPatch) -> None:
    there = alone.start({"server": 1_000})
    _, secret = key(there, ["demo-south"])
    there.warm(READ)
    assert there.get(READ, headers=bearer(secret)).status_code == 200
    asked = []
    reading = there.database.reading

    def noted() -> Any:
        asked.append(1)
        return reading()

    monkeypatch.setattr(there.database, "reading", noted)
    began = time.monotonic()
    for _ in range(50):
        assert where(there.get(READ, headers=bearer(secret))).startswith("hit")
        assert where(there.get(READ)).startswith("hit")
    # Now and then the keys in use are looked up again in the background.
    assert len(asked) <= 2 + (time.monotonic() - began) / 0.3


def test_a_key_goes_on_being_good_while_the_database_is_lost(
    alone: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = alone.start({"server": 1_000})
    _, secret = key(there, ["demo-south"])
    there.warm(READ)
    assert there.get(READ, headers=bearer(secret)).status_code == 200
    lost(there, monkeypatch)
    for _ in range(5):
        assert "stale-if-error" in where(there.get(READ, headers=bearer(secret)))
        assert there.get(READ).status_code == 200


def test_what_one_process_let_through_counts_in_the_other_when_redis_tells(tiered: Processes) -> None:
    limits = {"address": 40}
    there, other = tiered.start(limits), tiered.start(limits)
    shared = [each.built.shared for each in (there, other)]
    assert shared[0] and shared[1]
    address = {"environ_overrides": {"REMOTE_ADDR": f"198.51.{time.monotonic_ns() % 250}.{time.monotonic_ns() % 241}"}}
    assert set(misses(there, 38, **address)) == {404}
    assert misses(other, 1, "other", **address) == [404]
    for each, tier in zip((there, other), shared, strict=True):
        each.built.limits.share(tier, each.built.codec.counter)
    # How old the count in Redis is goes by the clock of Redis, which does not stand still: a few more than are left.
    assert misses(other, 15, "more", **address)[-1] == 429
    fresh = tiered.start(limits)
    assert misses(fresh, 1, "first", **address) == [404]
    fresh.built.limits.share(shared[0], fresh.built.codec.counter)
    assert misses(fresh, 15, "fresh", **address)[-1] == 429, "whoever starts anew hears of it too"


def test_buckets_fill_again_and_forget_who_is_gone(clock: list[float]) -> None:
    buckets = Buckets()
    assert [buckets.spend("a", 6, 1) for _ in range(6)] == [None] * 6
    assert buckets.spend("a", 6, 1) == 10 and buckets.left("a", 6) == (0, 60)
    clock[0] += 10
    assert buckets.spend("a", 6, 1) is None and buckets.spend("a", 6, 1) == 10
    assert buckets.spend("b", 6, 5) is None and buckets.spend("b", 6, 5) is not None
    clock[0] += WINDOW
    assert buckets.left("a", 6) == (6, 0)


@pytest.mark.parametrize(("hops", "forwarded", "address"), [
    (0, "192.0.2.1", "10.0.0.1"), (1, "192.0.2.1", "192.0.2.1"), (1, "6.6.6.6, 192.0.2.1", "192.0.2.1"),
    (2, "6.6.6.6, 192.0.2.1, 192.0.2.2", "192.0.2.1"), (2, "192.0.2.1", "10.0.0.1"), (1, "", "10.0.0.1"),
    (1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"), (1, "x" * 500, "x" * 64), (1, " , ", "10.0.0.1"),
    (1, "::ffff:192.0.2.1", "192.0.2.1"), (1, "192.0.2.1:5432", "192.0.2.1"), (1, "fe80::1%eth0", "fe80::/64"),
    (1, "[2001:db8:1:2:3::6]:443", "2001:db8:1:2::/64"), (1, "[2001:db8::6]", "2001:db8::/64"), (1, "[]:1", "[]:1"),
])  # fmt: skip
def test_the_address_is_as_many_proxies_away_as_is_set(hops: int, forwarded: str, address: str) -> None:
    assert address_of({"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": forwarded}, hops) == address
