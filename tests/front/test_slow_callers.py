"""Whoever sends or takes bytes slowly holds few threads of a process; the others go on answering."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from api.errors import CmsError
from api.front import holding
from api.front.holding import ALL, ANYONE, WHOLE, Coming, Crowded, Holding
from tests.fronted import Fronted, Processes, where
from tests.processes import PATIENCE
from tests.racing_fills import READ
from tests.trust.desk import bearer, key

BEACON = "/embed/beacon"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holding, "WAIT_SECONDS", {True: 0.02, False: 0.0})


class Trickle(io.RawIOBase):
    """A body that stops in the middle until it is let go."""

    def __init__(self) -> None:
        self.read_from, self.go = threading.Event(), threading.Event()

    def read(self, size: int = -1) -> bytes:
        self.read_from.set()
        assert self.go.wait(PATIENCE)
        return b""


def sent(there: Fronted, body: Any, **headers: str) -> Any:
    return there.app.test_client().open(
        BEACON, method="POST", headers={"Content-Type": "text/plain", **headers},
        environ_overrides={"CONTENT_LENGTH": "50", "wsgi.input": body, "wsgi.input_terminated": True},
    )  # fmt: skip


def test_bodies_that_never_come_leave_threads_for_others(alone: Processes) -> None:
    there, slow = alone.start(), [Trickle() for _ in range(ANYONE)]
    there.warm(READ)
    waiting = [threading.Thread(target=sent, args=(there, each)) for each in slow]
    for thread, each in zip(waiting, slow, strict=True):
        thread.start()
        assert each.read_from.wait(PATIENCE)
    assert there.built.flights._passing == {}, "who waits for a body takes no turn of those who have theirs"
    refused = sent(there, io.BytesIO(b"{}"))
    assert (refused.status_code, refused.json["code"], refused.headers["Retry-After"]) == (503, "unavailable", "1")
    assert where(there.get(READ)) == "hit; detail=process" and there.get("demo-south/topics").status_code == 200
    _, secret = key(there, ["demo-south"])
    keyed = there.client.post("/v1/manage/entries/topic", json={}, headers=bearer(secret))
    assert keyed.status_code in (401, 403), "who has a key finds a place"
    for each in slow:
        each.go.set()
    for thread in waiting:
        thread.join()
    assert sent(there, io.BytesIO(b"{}")).status_code == 422


class Sips:
    """A large reply; knows whether the server is done with it."""

    def __init__(self, size: int = 50_000) -> None:
        self.closed, self._parts = False, iter([b"x" * size] * 40)

    def __iter__(self) -> Iterator[bytes]:
        return self._parts

    def close(self) -> None:
        self.closed = True


def test_large_replies_take_places_until_they_are_closed_and_small_ones_none() -> None:
    places, open_ones = Holding(), []
    for _ in range(ANYONE):
        open_ones.append(places.going(Sips(), 2_000_000, keyed=False))
    last = Sips()
    with pytest.raises(Crowded):
        places.going(last, 2_000_000, keyed=False)
    assert last.closed
    small = Sips(10)
    assert places.going(small, WHOLE, keyed=False) == [b"x" * 400] and small.closed
    assert places.going([b"whole"], None, keyed=False) == [b"whole"]
    open_ones += [places.going(Sips(), None, keyed=True) for _ in range(ALL - ANYONE)]
    with pytest.raises(Crowded):
        places.going(Sips(), None, keyed=True)
    for each in open_ones:
        assert len(list(each)) == 40
        each.close()  # type: ignore[attr-defined]
        each.close()  # type: ignore[attr-defined]
    assert [places.take(keyed=False) for _ in range(ANYONE)]


def test_a_place_is_given_back_with_the_last_byte_and_not_held_while_the_body_is_worked_on() -> None:
    places = Holding()
    for size in (-1, 4, 64):
        for _ in range(2 * ALL):
            body = Coming(io.BytesIO(b"12345678"), 8, lambda: places.take(keyed=False))
            got = b""
            while part := body.read(size):
                got += part
            assert got == b"12345678"
    environ = {"CONTENT_LENGTH": "8", "wsgi.input": io.BytesIO(b"12345678")}
    with places.coming(environ, keyed=False):
        assert environ["wsgi.input"].read(4) == b"1234"  # type: ignore[attr-defined]
    assert len([places.take(keyed=False) for _ in range(ANYONE)]) == ANYONE
    with pytest.raises(CmsError, match="slow"):
        Coming(io.BytesIO(b"1"), 1, lambda: places.take(keyed=False)).read()
    for odd in ({}, {"CONTENT_LENGTH": ""}, {"CONTENT_LENGTH": "0"}, {"CONTENT_LENGTH": "-1"}, {"CONTENT_LENGTH": "x"}):
        untouched = io.BytesIO(b"")
        environ = {**odd, "wsgi.input": untouched}
        with places.coming(environ, keyed=False):
            assert environ["wsgi.input"] is untouched
