"""Server processes for measurements: the same granian flags for the service and for the reference."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from api.process import THREADS
from api.server import BACKLOG

ROOT = Path(__file__).parent.parent
FLAGS = (
    "--interface", "wsgi", "--http", "1", "--no-ws", "--blocking-threads", str(THREADS), "--backlog", str(BACKLOG),
    "--runtime-mode", "mt", "--no-access-log", "--log-level", "error",
)  # fmt: skip
"""What `clinic-cms serve` starts granian with."""
STARTING_SECONDS = 120
UNLIMITED = {
    "CLINIC_CMS_LIMIT_ADDRESS": "0", "CLINIC_CMS_LIMIT_BROWSER": "0", "CLINIC_CMS_LIMIT_SERVER": "0",
    "CLINIC_CMS_ACCESS_LOG": "none", "CLINIC_CMS_SEED": "none",
}  # fmt: skip
"""Loopback is one address, and would soon be over its limit."""
UNCACHED = {**UNLIMITED, "CLINIC_CMS_CACHE_MEGABYTES": "0"}
"""Every read asks the database."""


@dataclass(frozen=True)
class Server:
    """A running server: its port, and its process with all its children."""

    port: int
    process: subprocess.Popen[bytes]

    def cpu(self) -> float:
        """Seconds of processor time used so far by the server and its workers."""
        return sum(_cpu(each) for each in family(self.process.pid))

    def memory(self) -> dict[int, int]:
        """Bytes by process that are its own: what is mapped from a database's file is no process's."""
        return {each: size for each in family(self.process.pid) if (size := _own(each))}


@contextlib.contextmanager
def serving(target: str, env: Mapping[str, str], path: str | None, workers: int = 1) -> Iterator[Server]:
    """Start granian for a target until the block ends; returns once `path` answers."""
    port = free_port()
    there = ("--host", "127.0.0.1", "--port", str(port), "--workers", str(workers))
    with running([sys.executable, "-m", "granian", target, *there, *FLAGS], env, port, path) as server:
        yield server


@contextlib.contextmanager
def clinic_cms(env: Mapping[str, str], workers: int = 2) -> Iterator[Server]:
    """Start the service as operators do, without limits and access log unless `env` says otherwise."""
    port = free_port()
    command = [sys.executable, "-c", "from api.cli import main; main()", "serve", "--workers", str(workers)]
    with running(command, {**UNLIMITED, "PORT": str(port), **env}, port, "/readyz") as server:
        yield server


@contextlib.contextmanager
def running(command: Sequence[str], env: Mapping[str, str], port: int, path: str | None) -> Iterator[Server]:
    """Run a server's command until the block ends; returns once `path` answers, without a path once it listens."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    where = {**kept, "PYTHONPATH": str(ROOT), **env}
    process = subprocess.Popen(command, cwd=ROOT, env=where, stdout=subprocess.DEVNULL)
    try:
        wait(port, path, process)
        yield Server(port, process)
    finally:
        process.terminate()
        process.wait(20)


def wait(port: int, path: str | None, process: subprocess.Popen[bytes]) -> None:
    """Return once the path answers 200; without a path once anything is answered."""
    for _ in range(STARTING_SECONDS * 10):
        if process.poll() is not None:
            raise SystemExit(f"The server ended with {process.returncode} before it answered.")
        with contextlib.suppress(OSError):
            if _status(port, path or "/") == 200 or path is None:
                return
        time.sleep(0.1)
    raise SystemExit(f"The server did not answer {path} within {STARTING_SECONDS} s.")


def _status(port: int, path: str) -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as reply:
            return int(reply.status)
    except urllib.error.HTTPError as refused:
        return refused.code


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def family(pid: int) -> list[int]:
    """A process and all that came of it."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    found = [int(each) for each in children.read_text().split()] if children.exists() else []
    return [pid, *(each for child in found for each in family(child))]


def _cpu(pid: int) -> float:
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return 0.0


def _own(pid: int) -> int:
    with contextlib.suppress(OSError, StopIteration):
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("RssAnon")).split()[1]) * 1024
    return 0
