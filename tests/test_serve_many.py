"""A server of two processes, of either kind: it caches, writes, counts exactly, and takes its leave properly."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import sqlite3
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.processes import PATIENCE, Served, free_port, installed, run, serving, until

TOPIC = "/v1/clinics/demo-south/topics/mesotherapy"


@pytest.fixture
def env(tmp_path: Path, sqlite_today: Path) -> dict[str, str]:
    """A seeded data folder, a free port, no limits, and a folder for temporary files."""
    for name in ("data", "temporary"):
        (tmp_path / name).mkdir()
    (tmp_path / "data" / "clinic-cms.sqlite").write_bytes(sqlite_today.read_bytes())
    mine = {"PORT": str(free_port()), "CLINIC_CMS_DATA": str(tmp_path / "data"), "CLINIC_CMS_SEED": "none"}
    # The server copies its environment into each request's: whatever is not its own must not look like a header.
    mine |= {"HTTP_AUTHORIZATION": "Bearer nobody", "HTTP_X_MIN_PUBLICATION": "999999999"}
    return installed(tmp_path / "bin") | mine | {"CLINIC_CMS_LIMIT_ADDRESS": "0", "TMPDIR": str(tmp_path / "temporary")}


@contextlib.contextmanager
def two(env: dict[str, str], folder: Path, *more: str) -> Iterator[Served]:
    """Two processes, both of which have been asked something."""
    with serving(["clinic-cms", "serve", "--workers", "2", *more], env, folder / "log") as served:
        served.wait_until_ready()
        until(lambda: many(served, "/v1/clinics", 16) and len(listed(env)) == 2)
        yield served


def many(served: Served, path: str, count: int) -> list[str]:
    """So many GETs, eight at once, each on a connection of its own; what each says of the cache."""

    def one(_: int) -> str:
        while True:
            try:
                with urllib.request.urlopen(served.address + path, timeout=PATIENCE) as reply:
                    reply.read()
                    return str(reply.headers["Cache-Status"])
            except urllib.error.HTTPError as refused:
                # So it answers where loads take a second, as they do on a machine that stands still for one.
                refused.close()
                if refused.code != 503:
                    raise
                time.sleep(float(refused.headers["Retry-After"]))

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(one, range(count)))


def kept_by_both(served: Served) -> list[str]:
    """Ask for the topic until both processes keep it; what all replies said of the cache."""
    told: list[str] = []
    while not (_kept(served) == 2 and all("; hit; detail=process" in each for each in told[-60:])):
        assert len(told) < 100_000, told[-60:]
        told += many(served, TOPIC, 60)
    return told


def listed(env: dict[str, str]) -> list[str]:
    """The processes that are on the list of those that keep replies."""
    with contextlib.closing(sqlite3.connect(Path(env["CLINIC_CMS_DATA"]) / "clinic-cms.sqlite")) as database:
        return [row[0] for row in database.execute("SELECT id FROM listeners ORDER BY id")]


def numbers(served: Served) -> dict[str, float]:
    """What /metrics says, by name with labels."""
    with urllib.request.urlopen(served.address + "/metrics", timeout=PATIENCE) as reply:
        lines = reply.read().decode().splitlines()
    found = [re.fullmatch(r"(\S+) (\S+)", line) for line in lines if not line.startswith("#")]
    return {each[1]: float(each[2]) for each in found if each}


def event(told: dict[str, float], *names: str) -> int:
    return int(sum(told[f'clinic_cms_cache_events_total{{event="{name}"}}'] for name in names))


def counts(served: Served, told: list[str]) -> bool:
    """Whether the numbers are those of these replies. Each process writes its own down once a second."""
    found, missed = numbers(served), sum("; fwd=miss" in each for each in told)
    return (event(found, "stored"), event(found, "hit", "stale")) == (missed, len(told) - missed)


def manage_key(env: dict[str, str]) -> str:
    words = ["clinic-cms", "keys", "create", "--kind", "manage", "--name", "ci", "--json"]
    return str(json.loads(run(words, env).stdout)["key"])


def drafted(served: Served, key: str, slug: str) -> tuple[int, Any]:
    """(status, body) of a draft that is written."""
    connection = http.client.HTTPConnection(served.address.removeprefix("http://"), timeout=PATIENCE)
    document = {"title": slug, "summary": "A measure of light."}
    body = json.dumps({"locale": "en", "slug": slug, "document": document})
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    connection.request("POST", "/v1/manage/entries/term", body, headers)
    reply = connection.getresponse()
    return reply.status, json.load(reply)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["granian", pytest.param("gunicorn", marks=pytest.mark.long)])
def test_two_processes_cache_write_count_and_leave(env: dict[str, str], tmp_path: Path, kind: str) -> None:
    with two(env, tmp_path, "--server", kind) as served:
        told = kept_by_both(served)
        assert sum("; fwd=miss; stored" in each for each in told) >= 2, "once in each"
        status, made = drafted(served, manage_key(env), "lumen")
        assert status == 201, made
        until(lambda: counts(served, told))
        assert all(counts(served, told) for _ in range(6)), "whichever of them answers"
        [folder] = (tmp_path / "temporary").glob("clinic-cms-numbers-*")
        assert list(folder.glob("counter_*.db"))
        assert served.stop() == 0, served.log.read_text()
        assert listed(env) == [] and not folder.exists()
        assert "Traceback" not in served.log.read_text()


@pytest.mark.slow
def test_a_process_that_dies_is_replaced_again_and_again_and_what_it_measured_counts_no_more(
    env: dict[str, str], tmp_path: Path
) -> None:
    with two(env, tmp_path) as served:
        told = kept_by_both(served)
        until(lambda: counts(served, told))
        known = set[str]()
        for deaths in range(3):
            [victim, *_] = sorted(set(listed(env)) - known)
            known = set(listed(env))
            os.kill(int(victim.split("-")[-2]), signal.SIGKILL)
            if deaths == 0:
                until(lambda: _kept(served) == 1)
                assert counts(served, told), "what it counted stays"
            until(lambda: _asked(served) and len(set(listed(env)) - known) == 1)  # noqa: B023
        assert served.get(TOPIC)[0] == 200 and served.process.poll() is None
        assert served.stop() == 0


def _asked(served: Served) -> bool:
    """Whether all of some requests were answered: those that a killed process had taken are not."""
    with contextlib.suppress(OSError):
        return bool(many(served, "/v1/clinics", 16))
    return False


def _kept(served: Served) -> int:
    with contextlib.suppress(OSError):
        return int(numbers(served)["clinic_cms_cache_entries"])
    return -1


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["granian", pytest.param("gunicorn", marks=pytest.mark.long)])
@pytest.mark.long
def test_a_request_under_way_is_finished_before_the_end(env: dict[str, str], tmp_path: Path, kind: str) -> None:
    with two(env, tmp_path, "--server", kind) as served:
        key, answers = manage_key(env), []
        file = Path(env["CLINIC_CMS_DATA"]) / "clinic-cms.sqlite"
        with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as database:
            database.execute("BEGIN IMMEDIATE")
            writing = threading.Thread(target=lambda: answers.append(drafted(served, key, "candela")))
            writing.start()
            time.sleep(1)
            served.process.send_signal(signal.SIGTERM)
            time.sleep(1)
            assert answers == []
            database.execute("COMMIT")
        writing.join(PATIENCE)
        assert [status for status, _ in answers] == [201]
        assert served.process.wait(PATIENCE) == 0


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.parametrize("kind", ["granian", "gunicorn"])
def test_heads_and_bodies_have_their_limits(env: dict[str, str], tmp_path: Path, kind: str) -> None:
    with two(env, tmp_path, "--server", kind) as served:
        host, _, port = served.address.removeprefix("http://").partition(":")
        for head, expected in ((b"X-Large: " + b"x" * 8_000, (200,)), (b"X-Large: " + b"x" * 400_000, (400, 431, None)),
                               (b"\r\n".join(b"X-%d: y" % each for each in range(150)), (400, 431, None))):  # fmt: skip
            assert _status(host, int(port), head) in expected, head[:20]
            assert served.get(TOPIC)[0] == 200
        connection = http.client.HTTPConnection(host, int(port), timeout=PATIENCE)
        headers = {"Authorization": f"Bearer {manage_key(env)}", "Content-Type": "application/json"}
        # A server may answer and close before all of it was sent.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.request("POST", "/v1/manage/entries/term", b" " * 1_000_001, headers)
        assert connection.getresponse().status == 413
        assert served.get(TOPIC)[0] == 200


def _status(host: str, port: int, head: bytes) -> int | None:
    """The status of a GET with a head; None where the connection was closed without one."""
    with socket.create_connection((host, port), timeout=PATIENCE) as connection:
        with contextlib.suppress(OSError):
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + head + b"\r\nConnection: close\r\n\r\n")
        with contextlib.suppress(OSError):
            said = connection.recv(20)
            return int(said.split()[1]) if said else None
    return None
