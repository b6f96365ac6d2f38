"""At the address of Redis something else answers: readers see nothing of it, and operators are told that it is lost."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.cache.redis_tier import RedisTier, Unreachable, about
from tests.fronted import Processes, processes
from tests.racing_fills import READ

ANSWERS = {
    "hangs-up": b"",
    "a-web-server": b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n",
    "says-ok-to-all": b"+OK\r\n",
    "says-one-to-all": b":1\r\n",
    "says-nothing-to-all": b"$-1\r\n",
    "says-more-than-asked": b"+PONG\r\n+OK\r\n$3\r\nabc\r\n",
    "wants-a-password": b"-NOAUTH Authentication required.\r\n",
    "bytes": b"\xff\xfe\x00\x01\r\n$abc\r\n",
}
ADDRESSES = ("demo-south/topics/mesotherapy", "demo-south/topics?locale=en", READ)


@contextlib.contextmanager
def answering(said: bytes) -> Iterator[int]:
    """A port where every request is answered the same."""

    def answer(client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            while said and client.recv(65_536):
                client.sendall(said)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=answer, args=(server.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=accept, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


@pytest.fixture(params=ANSWERS)
def beside(request: pytest.FixtureRequest, tmp_path: Path, sqlite_seeded: Path) -> Iterator[Processes]:
    (tmp_path / "house.sqlite").write_bytes(sqlite_seeded.read_bytes())
    with answering(ANSWERS[request.param]) as port:
        url = f"redis://127.0.0.1:{port}/0"
        with processes(f"sqlite:///{tmp_path / 'house.sqlite'}", tmp_path, url) as made:
            yield made


def test_readers_are_answered_whatever_stands_where_redis_should(beside: Processes) -> None:
    there = beside.start()
    shared = there.built.shared
    assert shared is not None and there.redis_url is not None
    for _ in range(3):
        there.built.tier.clear()
        shared._lost_until = 0.0
        there.fresh(*ADDRESSES)
    told = there.client.get("/readyz")
    assert (told.status_code, told.json["parts"]["redis"]) == (200, "lost")
    assert about(there.redis_url) is None
    with pytest.raises(Unreachable):
        RedisTier(there.redis_url).erase(lambda _: False)
