"""The real command in a process of its own: started, asked over HTTP, stopped."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
PATIENCE = 120
"""Seconds after which what was waited for is not believed in any more; no measure of how quick anything is."""
ANSWERING_SECONDS = 60
"""How long a server that hangs is waited for; one that is well is never given up because the machine is busy."""
PORTS = range(20_000, 30_000)
"""Below those that a system hands out by itself, to whoever connects or asks for any."""
_given: list[socket.socket] = []
"""The same port of UDP, which nobody else uses: by holding it, a process keeps every other run of tests away."""
SCRIPT = """#!/bin/sh
'''exec' {} "$0" "$@"
'''
import sys
from api.cli import main
sys.exit(main())
"""
"""What the image puts on its path as `clinic-cms`. Its first line can't name a Python whose path has a space in it."""


def free_port() -> int:
    """A port at which nobody listens, and that no other test of this machine takes while this process lives."""
    while True:
        port, held, probe = secrets.choice(PORTS), socket.socket(type=socket.SOCK_DGRAM), socket.socket()
        with contextlib.suppress(OSError), probe:
            held.bind(("127.0.0.1", port))
            probe.bind(("127.0.0.1", port))
            _given.append(held)
            return port
        held.close()


def installed(folder: Path, python: str = sys.executable) -> dict[str, str]:
    """An environment in which `clinic-cms` and `python` are found, and nothing of ours is set.

    What a killed server leaves in its folder for temporary files is out of the way of every other.
    """
    folder.mkdir(exist_ok=True)
    for name, script in (("clinic-cms", SCRIPT), ("python", '#!/bin/sh\nexec {} "$@"\n')):
        (folder / name).write_text(script.format(shlex.quote(python)))
        (folder / name).chmod(0o755)
    path = f"{folder}:{os.environ.get('PATH', '/usr/bin:/bin')}"
    return {"PATH": path, "HOME": str(folder), "TMPDIR": str(folder), "PYTHONPATH": str(ROOT)}


def run(command: Sequence[str], env: Mapping[str, str], seconds: float = PATIENCE) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(command, env=dict(env), cwd=ROOT, capture_output=True, text=True, timeout=seconds)


def until(true: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """Wait for something; what it gave."""
    give_up = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < give_up, "it did not come"
        time.sleep(0.02)
    return found


@dataclass
class Served:
    """A running server and where it answers."""

    process: subprocess.Popen[bytes]
    address: str
    log: Path

    def get(self, path: str) -> tuple[int, Any]:
        """(status, JSON body) of a GET; errors are replies too."""
        try:
            with urllib.request.urlopen(self.address + path, timeout=ANSWERING_SECONDS) as reply:
                return reply.status, json.load(reply)
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, json.load(refused)

    def wait_until_ready(self) -> None:
        """Until /readyz answers at all."""

        def answers() -> bool:
            assert self.process.poll() is None, f"it ended:\n{self.log.read_text()}"
            with contextlib.suppress(OSError):
                self.get("/readyz")
                return True
            return False

        until(answers)

    def stop(self, seconds: float = PATIENCE) -> int:
        """Ask it to end, and tell its exit code. Raises TimeoutExpired if it does not."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds)

    def leaves_anyone_behind(self) -> bool:
        """Whether a process that it started stays on after it."""
        give_up = time.monotonic() + PATIENCE / 4
        while alive(-self.process.pid):
            if time.monotonic() > give_up:
                return True
            time.sleep(0.05)
        return False


def alive(pid: int) -> bool:
    """Whether a process, or for -n any of a group, is there still: more than a name that nobody has cleared away.

    In a container whose first process is no init, such names stay.
    """
    if not Path("/proc/self/stat").exists():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, 0)
            return True
        return False
    for each in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _, group = each.read_text().rpartition(")")[2].split()[:3]
            if state not in ("Z", "X") and pid in (int(each.parent.name), -int(group)):
                return True
    return False


@contextlib.contextmanager
def outlived(todo: str, *by: object) -> Iterator[None]:
    """Have a shell do something about `by` (its "$@") if this process is killed within the block, its group with it."""
    how: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "start_new_session": True}
    words = ["/bin/sh", "-c", f"read -r _; {todo}", "sh", *map(str, by)]
    # The pipe ends with this process, however it ends.
    with subprocess.Popen(words, stdin=subprocess.PIPE, **how) as shell:
        try:
            yield
        finally:
            shell.kill()


@contextlib.contextmanager
def serving(command: Sequence[str], env: Mapping[str, str], log: Path) -> Iterator[Served]:
    """Start a server that takes its port from PORT; whatever is left of it is killed in the end."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env=dict(env), cwd=ROOT, stdout=output, stderr=output, start_new_session=True
        )
    try:
        with outlived('kill -s KILL -- "$@"', -process.pid):
            yield Served(process, f"http://127.0.0.1:{env['PORT']}", log)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(PATIENCE)
