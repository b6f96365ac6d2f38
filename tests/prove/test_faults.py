"""Faults under load: Redis and PostgreSQL killed, hung and set back, workers and servers ended; readers see nothing."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.prove import faulty
from tests.prove.breaking import Redis, breakable_postgres, breakable_redis
from tests.prove.fleet import Fleet, again, fleet
from tests.prove.lasting import lasting, times


def seconds() -> float:
    """How long each fault lasts."""
    return float(times("FAULT_SECONDS", 5))


@pytest.fixture
def stack() -> Iterator[contextlib.ExitStack]:
    with contextlib.ExitStack() as made:
        yield made


def killed(store: Redis) -> None:
    store.kill()
    time.sleep(seconds())
    store.start()


def hung(store: Redis) -> None:
    store.hang()
    time.sleep(seconds())
    store.go_on()


def yesterday(store: Redis) -> None:
    store.remember()
    time.sleep(seconds())
    store.put_back()


def flushed(store: Redis) -> None:
    with store.client() as client:
        for _ in range(20):
            client.flushall()
            time.sleep(seconds() / 20)


def full(store: Redis) -> None:
    with store.client() as client:
        client.config_set("maxmemory-policy", "noeviction")
        client.config_set("maxmemory", 1)
        time.sleep(seconds())
        client.config_set("maxmemory", 0)


def read_only(store: Redis) -> None:
    with store.client() as client:
        client.config_set("replica-serve-stale-data", "yes")
        client.execute_command("REPLICAOF", "127.0.0.1", "1")
        time.sleep(seconds())
        client.execute_command("REPLICAOF", "NO", "ONE")


def foreign(store: Redis) -> None:
    """Values that are cut, of another key, of another kind, or nobody's."""
    with store.client() as client:
        until = time.monotonic() + seconds()
        while time.monotonic() < until:
            names = [each for each in client.scan_iter("cc:*") if client.type(each) == b"string"]
            values = [client.get(each) or b"" for each in names]
            for number, name in enumerate(names):
                kind = number % 4
                if kind == 3:
                    client.delete(name)
                    client.rpush(name, "not", "a", "value")
                else:
                    client.set(name, (b"\x80garbage", values[number][:-9], values[number - 1])[kind], ex=60)
            time.sleep(0.2)


FAULTS: dict[str, Callable[[Redis], None]] = {
    each.__name__: each for each in (killed, hung, yesterday, flushed, full, read_only, foreign)
}


@pytest.mark.parametrize("fault", FAULTS)
def test_readers_see_nothing_of_what_happens_to_redis(
    fault: str, stack: contextlib.ExitStack, tmp_path: Path, sqlite_today: Path
) -> None:
    house = stack.enter_context(lasting("postgresql", tmp_path, sqlite_today))
    store = stack.enter_context(breakable_redis())
    running = stack.enter_context(fleet(house, redis_url=store.url))
    with faulty.watched(running) as seen, faulty.moving(seen):
        FAULTS[fault](store)
        time.sleep(seconds() / 2)
    print(f"\nRedis {fault}: {seen.line()}")
    seen.holds()


@pytest.mark.parametrize("fault", ["killed", "hung"])
def test_what_is_kept_is_served_without_postgresql_and_fresh_once_it_is_back(
    fault: str, stack: contextlib.ExitStack, tmp_path: Path, sqlite_today: Path
) -> None:
    house = stack.enter_context(lasting("postgresql", tmp_path, sqlite_today))
    store = stack.enter_context(breakable_redis())
    database = stack.enter_context(breakable_postgres(house.env["DATABASE_URL"]))
    running = stack.enter_context(fleet(house, redis_url=store.url))
    with faulty.watched(running) as seen:
        seen.mover.withdraw("k0")
        line = running.servers[0].line()
        for each in faulty.STEADY:
            # A withdrawal drops all that may have named the text, a menu that counts it too.
            assert line.get(f"/v1/clinics/{each}").status == 200
        line.close()
        (database.kill if fault == "killed" else database.hang)()
        time.sleep(seconds() * 2)
        (database.start if fault == "killed" else database.go_on)()
        began = time.monotonic()
        back = back_after(running, began)
        with faulty.moving(seen):
            time.sleep(seconds())
    print(f"\nPostgreSQL {fault}: {seen.line()}; whole again after {back:.1f} s")
    seen.holds(lost=True)
    assert 503 in seen.cold.statuses
    if fault == "hung":
        assert seen.steady.slowest < 3, "what is kept waits for no look at a database that hangs"


def back_after(running: Fleet, began: float) -> float:
    """Seconds until every server loads again."""
    for server in running.servers:
        line, number = server.line(), 0
        while line.get(f"/v1/clinics/demo-south/search?locale=en&q=back{server.port}x{number}").status != 200:
            number += 1
            assert time.monotonic() - began < 30
            time.sleep(0.02)
    return time.monotonic() - began


def a_worker(running: Fleet) -> int:
    """One of the second server's, once both answer. Readers keep the connections they have, so it is asked anew."""
    give_up = time.monotonic() + 60
    while len(found := running.workers(running.servers[1])) < 2:
        assert time.monotonic() < give_up, "the killed worker did not come back"
        line = running.servers[1].line()
        with contextlib.suppress(OSError):
            line.get("/healthz")
        line.close()
        time.sleep(0.1)
    return found[0]


@pytest.mark.parametrize("kind", ["postgresql", "sqlite"])
def test_a_killed_worker_costs_nobody_a_reply(
    kind: str, stack: contextlib.ExitStack, tmp_path: Path, sqlite_today: Path
) -> None:
    house = stack.enter_context(lasting(kind, tmp_path, sqlite_today))
    running = stack.enter_context(fleet(house))
    kills = times("WORKER_KILLS", 10)
    with faulty.watched(running) as seen, faulty.moving(seen):
        for number in range(kills):
            # Not of the server that the moves go through: a move under way there is rightly lost.
            os.kill(a_worker(running), signal.SIGKILL)
            time.sleep(2 + number % 2)
    print(f"\n{kills} workers killed, {kind}: {seen.line()}")
    seen.holds()


@pytest.mark.parametrize("kind", ["postgresql", "sqlite"])
def test_servers_are_stopped_one_after_the_other_and_no_request_fails(
    kind: str, stack: contextlib.ExitStack, tmp_path: Path, sqlite_today: Path
) -> None:
    house = stack.enter_context(lasting(kind, tmp_path, sqlite_today))
    running = stack.enter_context(fleet(house))
    codes = []
    # One that was just started has nothing at hand yet, and may be too busy: it says so, and the other one answers.
    with faulty.watched(running, elsewhere=True) as seen:
        for number in [0, 1] * times("RESTARTS", 2):
            codes.append(running.servers[number].served.stop(15))
            again(stack, running, number)
            time.sleep(1)
    print(f"\n{len(codes)} servers stopped, {kind}: exit codes {codes}; {seen.line()}")
    assert set(codes) == {0}
    seen.holds()
