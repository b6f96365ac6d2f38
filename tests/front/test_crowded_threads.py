"""Threads that wait for a database: so many, and no thread twice; the others answer from what is kept."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Event
from time import monotonic
from typing import Any

import pytest
from sqlalchemy import text

from api.cache import flights
from api.front import fetching
from api.front.loading import Application, Environ, StartResponse
from api.process import THREADS
from tests.fronted import LONG, Fronted, Processes, lost, slow, wait_until
from tests.racing_fills import READ
from tests.trust.desk import bearer, key

LONGEST = 2 * LONG
UNAVAILABLE = (503, "unavailable", "1")


def told(reply: Any) -> tuple[int, str, str]:
    return reply.status_code, reply.json["code"], reply.headers["Retry-After"]


def in_vain(loads: list[str], go: Event) -> Any:
    """Around the application: a load waits until it is let go, and brings nothing."""

    def wrapped(_: Application) -> Application:
        def call(environ: Environ, start_response: StartResponse) -> Any:
            loads.append(environ["PATH_INFO"])
            assert go.wait(LONGEST)
            start_response("503 SERVICE UNAVAILABLE", [("Content-Type", "text/plain"), ("Retry-After", "1")])
            return [b"lost"]

        return call

    return wrapped


def waiting_for_another(there: Fronted, pool: ThreadPoolExecutor, loads: list[str]) -> list[Any]:
    """Two readers of one address, of whom the second waits for what the first loads."""
    first = pool.submit(there.app.test_client().get, f"/v1/clinics/{READ}")
    wait_until(lambda: bool(loads))
    before = there.counted("lock_wait")
    second = pool.submit(there.app.test_client().get, f"/v1/clinics/{READ}")
    wait_until(lambda: there.counted("lock_wait") > before)
    return [first, second]


def test_who_waited_for_a_long_load_that_brought_nothing_does_not_wait_for_the_same_again(
    alone: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    there, loads, go = alone.start(), list[str](), Event()
    there.holds(in_vain(loads, go))
    monkeypatch.setattr(fetching, "SLOW_SECONDS", 0.0)
    with ThreadPoolExecutor(2) as pool:
        replies = waiting_for_another(there, pool, loads)
        go.set()
        assert [each.result(LONGEST).status_code for each in replies] == [503, 503]
    assert len(loads) == 1


def test_nobody_waits_twice_where_the_database_does_not_answer(
    alone: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    there, loads, go = alone.start(), list[str](), Event()
    there.holds(slow(0.0, loads, go))
    with ThreadPoolExecutor(2) as pool, monkeypatch.context() as patch:
        lost(there, patch)
        patch.setattr(flights, "WAIT_SECONDS", 0.05)
        replies = waiting_for_another(there, pool, loads)
        assert told(replies[1].result(LONGEST)) == UNAVAILABLE
        assert len(loads) == 1
        go.set()


def test_a_key_that_cant_be_looked_up_holds_no_reader_up_and_goes_on_being_good(alone_on_postgres: Processes) -> None:
    there = alone_on_postgres.start()
    keyring = there.built.keyring
    _, secret = key(there, ["demo-south"])
    header = bearer(secret)["Authorization"]
    caller = keyring.bearer(header)
    assert caller is not None and caller.kind == "server"
    with there.database.writer.begin() as other:
        other.execute(text("LOCK TABLE keys"))
        keyring._known[header].looked_up -= LONGEST
        assert keyring.bearer(header) == caller
        assert keyring._settled(None), "for a while nobody tries it again"
        assert keyring.bearer(f"{header}x") is None
        other.rollback()
    keyring._known[header].shown = monotonic()
    wait_until(lambda: not keyring._settled(None))
    assert keyring.bearer(header) == caller


def test_writers_that_wait_long_leave_threads_for_readers(alone: Processes, monkeypatch: pytest.MonkeyPatch) -> None:
    there = alone.start()
    there.warm(READ)
    held, go = list[str](), Event()

    def hold(_: int) -> None:
        with there.built.flights.passing(writes=True):
            held.append("a thread")
            assert go.wait(LONGEST)

    with ThreadPoolExecutor(THREADS) as pool, ExitStack() as ends:
        ends.callback(go.set)
        busy = [pool.submit(hold, number) for number in range(THREADS)]
        wait_until(lambda: len(held) == flights.WRITING)
        monkeypatch.setattr(flights, "LONG_SECONDS", 0.0)
        wait_until(lambda: sum(each.done() for each in busy) == THREADS - flights.WRITING)
        assert len(held) == flights.WRITING
        for _ in range(5):
            assert told(there.client.post("/v1/manage/entries/topic", json={})) == UNAVAILABLE
            assert there.how(READ) == "hit; detail=process"
        assert there.client.get("/healthz").status_code == 200
        assert there.client.get("/v1/manage/people").status_code == 401, "nor do readers with a key wait behind writers"
        assert there.get("demo-south/categories").status_code == 200, "what has to be loaded finds a thread too"
    assert there.client.post("/v1/manage/entries/topic", json={}).status_code == 401
