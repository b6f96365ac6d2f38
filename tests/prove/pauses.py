"""How long the machine itself keeps a process waiting that wants to run: what a busy host adds to every delay."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

STEP = 0.005
LEAST = 0.005
"""Seconds of oversleeping that are worth a note."""
WATCH = f"""
import sys, time
before = time.monotonic()
while True:
    time.sleep({STEP})
    now = time.monotonic()
    if now - before > {STEP + LEAST}:
        print(before, now - before - {STEP}, flush=True)
    before = now
"""


@dataclass
class Pauses:
    """What was noted so far: (when on the monotonic clock, seconds)."""

    noted: list[tuple[float, float]] = field(default_factory=list)

    @property
    def longest(self) -> float:
        return max((seconds for _, seconds in self.noted), default=0.0)

    def between(self, begins: float, ends: float) -> float:
        """Seconds of pauses that touch a time."""
        return sum(seconds for at, seconds in self.noted if at < ends and at + seconds > begins)


@contextlib.contextmanager
def noting() -> Iterator[Pauses]:
    """Note pauses until the block ends."""
    pauses = Pauses()
    process = subprocess.Popen([sys.executable, "-c", WATCH], stdout=subprocess.PIPE, text=True)
    output = process.stdout
    assert output is not None

    def read() -> None:
        for line in output:
            at, seconds = line.split()
            pauses.noted.append((float(at), float(seconds)))

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        yield pauses
    finally:
        process.kill()
        process.wait(10)
        reader.join(10)
