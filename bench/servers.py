"""Server processes for measurements: the same granian flags for the service and for the reference."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
FLAGS = (
    "--interface", "wsgi", "--http", "1", "--no-ws", "--workers", "1", "--blocking-threads", "8",
    "--runtime-mode", "mt", "--no-access-log", "--log-level", "error",
)  # fmt: skip
STARTING_SECONDS = 30


@dataclass(frozen=True)
class Server:
    """A running server: its port, and its process with all its children."""

    port: int
    process: subprocess.Popen[bytes]

    def cpu(self) -> float:
        """Seconds of processor time used so far by the server and its workers."""
        return sum(_cpu(each) for each in _family(self.process.pid))


@contextlib.contextmanager
def serving(target: str, env: Mapping[str, str], path: str) -> Iterator[Server]:
    """Start granian for a target until the block ends; returns once `path` answers."""
    port = free_port()
    command = [sys.executable, "-m", "granian", target, "--host", "127.0.0.1", "--port", str(port), *FLAGS]
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    process = subprocess.Popen(command, cwd=ROOT, env={**kept, "PYTHONPATH": str(ROOT), **env})
    try:
        wait(port, path, process)
        yield Server(port, process)
    finally:
        process.terminate()
        process.wait(20)


def wait(port: int, path: str, process: subprocess.Popen[bytes]) -> None:
    """Return once the path answers 200."""
    for _ in range(STARTING_SECONDS * 10):
        if process.poll() is not None:
            raise SystemExit(f"The server ended with {process.returncode} before it answered.")
        with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as reply:
            if reply.status == 200:
                return
        time.sleep(0.1)
    raise SystemExit(f"The server did not answer {path} within {STARTING_SECONDS} s.")


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children")
    found = [int(each) for each in children.read_text().split()] if children.exists() else []
    return [pid, *(each for child in found for each in _family(child))]


def _cpu(pid: int) -> float:
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return 0.0
