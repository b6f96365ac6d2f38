"""Requests that mean to spoil what others get (CA9), sent to the real server: refused, and never kept."""

from __future__ import annotations

import contextlib
import http.client
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fronted import wait_until
from tests.processes import Served, free_port, installed, serving

ITEM = "/v1/clinics/demo-south/topics/mesotherapy"
LARGE = "x" * 20_000


@pytest.fixture(scope="module", params=["without-redis", pytest.param("redis", marks=pytest.mark.long)])
def served(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, sqlite_today: Path
) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "data").mkdir()
    shutil.copy(sqlite_today, folder / "data" / "clinic-cms.sqlite")
    env = installed(folder / "bin") | {
        "CLINIC_CMS_DATA": str(folder / "data"), "PORT": str(free_port()), "CLINIC_CMS_SEED": "none",
        "CLINIC_CMS_LIMIT_ADDRESS": "0",
    }  # fmt: skip
    if request.param == "redis":
        env["REDIS_URL"] = request.getfixturevalue("redis_url")
    with serving(["clinic-cms", "serve", "--workers", "1"], env, folder / "log") as running:
        running.wait_until_ready()
        yield running


def port_of(served: Served) -> int:
    return int(served.address.rpartition(":")[2])


def sent(served: Served, request: bytes) -> tuple[int, bytes]:
    """Bytes as they are: (status, whole reply); 0 where the connection was closed without one.

    Never half closed: the server would take that for a caller who has gone, and say nothing.
    """
    with socket.create_connection(("127.0.0.1", port_of(served)), timeout=60) as there:
        got = b""
        try:
            there.sendall(request)
            while part := there.recv(65_536):
                got += part
        except OSError:
            pass
    return int(got.split(b" ", 2)[1]) if got.startswith(b"HTTP/1.") else 0, got


def asked(path: str, *lines: bytes, method: str = "GET") -> bytes:
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n".encode()
    return head + b"".join(line + b"\r\n" for line in lines) + b"\r\n"


def clean(served: Served, path: str) -> tuple[int, str | None, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port_of(served), timeout=60)
    connection.request("GET", path)
    reply = connection.getresponse()
    found = reply.status, reply.getheader("ETag"), reply.read()
    connection.close()
    return found


ATTACKS: dict[str, tuple[bytes, ...]] = {
    "20 kB in a header": (f"X-Large: {LARGE}".encode(),),
    "64 kB of cookies": (b"Cookie: a=" + b"x" * 65_536,),
    "500 headers": tuple(f"X-Canary-{number}: 1".encode() for number in range(500)),
    "a control character": (b"X-Meta: a\x01b",),
    "a null": (b"X-Meta: a\x00b",),
    "a bare carriage return": (b"X-Meta: a\rSet-Cookie: evil=1",),
    "no colon": (b"X-Meta",),
    "a space before the colon": (b"X-Meta : 1",),
    "a folded line": (b"X-Meta: a", b" b"),
    "bytes beyond ASCII": (b"X-Meta: \xff\xfe",),
    "another method": (b"X-HTTP-Method-Override: DELETE",),
    "a bad range": (b"Range: bytes=99999999-1",),
    "a bad accept": (b"Accept: ;;;\\\\",),
    "a bad encoding": (b"Accept-Encoding: \xff;q=oops",),
    "a bad length": (b"Content-Length: -1",),
    "two lengths": (b"Content-Length: 1", b"Content-Length: 2"),
    "a body that never comes": (b"Content-Length: 100",),
    "chunks and a length": (b"Transfer-Encoding: chunked", b"Content-Length: 3"),
    "an expectation": (b"Expect: 200-maybe",),
    "an upgrade": (b"Upgrade: h2c", b"HTTP2-Settings: AAAA"),
    "a condition": (b"If-Match: \"x\"",),
    "a bad credential": (b"Authorization: Bearer \xff",),
    "a large credential": (f"Authorization: Bearer {LARGE}".encode(),),
    "a large tag": (f'If-None-Match: "{LARGE}"'.encode(),),
    "an odd publication": (b"X-Min-Publication: 99999999999999999999",),
}  # fmt: skip


@pytest.mark.parametrize("name", ATTACKS)
def test_ca9_a_hostile_request_spoils_nothing_warm_or_cold(served: Served, name: str) -> None:
    right = clean(served, ITEM)
    assert right[0] == 200
    cold = f"{ITEM}?heading_level={2 + list(ATTACKS).index(name) % 5}&locale=en&view=full&include_limit[faqs]=" + str(
        list(ATTACKS).index(name) + 1
    )
    for path in (ITEM, cold):
        status, reply = sent(served, asked(path, *ATTACKS[name]))
        head = reply.partition(b"\r\n\r\n")[0].lower()
        assert status in (200, 400, 401, 431), (name, reply[:300])
        # What the server itself refuses says nothing of caches: no cache keeps a 400 or 431 that says nothing.
        if status >= 400 and b"\r\ncache-control:" in head:
            assert b"\r\ncache-control: no-store" in head, (name, head)
        assert b"evil" not in head
        after = clean(served, path)
        assert after[0] == 200, (name, path)
        assert path != ITEM or after == right


@pytest.mark.parametrize("path", [f"{ITEM}?{'x' * 9_000}", f"{ITEM}/{'y' * 9_000}", f"{ITEM}?a=%ZZ", f"{ITEM}?%00=1",
                                  f"{ITEM}%0d%0aSet-Cookie:evil=1", f"{ITEM}?locale=en%0d%0aX: evil"])  # fmt: skip
def test_ca9_a_hostile_address_is_refused_and_not_kept(served: Served, path: str) -> None:
    right = clean(served, ITEM)
    for method in ("GET", "HEAD", "POST", "DELETE"):
        status, reply = sent(served, asked(path.replace(" ", "%20"), method=method))
        assert 400 <= status < 500, reply[:300]
        assert b"evil=1" not in reply.partition(b"\r\n\r\n")[0]
    assert clean(served, ITEM) == right


def test_ca9_many_bodies_that_never_come_hold_no_reader_up(served: Served) -> None:
    right = clean(served, ITEM)
    fields = b"Content-Type: text/plain", b"Content-Length: 100"
    with contextlib.ExitStack() as stack:
        for _ in range(30):
            there = stack.enter_context(socket.create_connection(("127.0.0.1", port_of(served)), timeout=60))
            there.sendall(asked("/embed/beacon", *fields, method="POST") + b"{")
        for number in range(10):
            assert clean(served, ITEM) == right
            assert clean(served, f"{ITEM}?locale=en&include_limit[faqs]={100 - number}")[0] in (200, 400)
    whole = asked("/embed/beacon", *fields[:1], b"Content-Length: 2", method="POST") + b"{}"
    # 503 as long as the server has not noticed that the others have gone.
    wait_until(lambda: sent(served, whole)[0] == 422)
