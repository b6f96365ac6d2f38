"""Durability: PostgreSQL as it must be set, and a flush to the disk before each write is acknowledged."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.builders import create
from tests.prove.lasting import KINDS, Lasting, lasting

COMMITS = 50


@pytest.fixture(params=KINDS)
def house(request: pytest.FixtureRequest, tmp_path: Path, sqlite_today: Path) -> Iterator[Lasting]:
    with lasting(request.param, tmp_path, sqlite_today) as made:
        yield made


def test_every_writing_session_commits_to_the_disk(house: Lasting) -> None:
    with house.database.transaction() as session:
        if house.kind == "sqlite":
            found = {name: session.scalar(text(f"PRAGMA {name}")) for name in ("synchronous", "journal_mode")}
            assert found == {"synchronous": 2, "journal_mode": "wal"}
        else:
            names = ("fsync", "synchronous_commit", "full_page_writes")
            found = {name: session.scalar(text(f"SHOW {name}")) for name in names}
            assert found == dict.fromkeys(names, "on")
    print(f"\ndurability, {house.kind}: {found}")


def writing_process(house: Lasting) -> int:
    """The process that flushes what a transaction of ours wrote: our own, or the server's for our connection."""
    if house.kind == "sqlite":
        return os.getpid()
    with house.database.transaction() as session:
        return int(session.execute(text("SELECT pg_backend_pid()")).scalar_one())


def test_each_commit_is_flushed_before_it_is_acknowledged(house: Lasting, tmp_path: Path) -> None:
    if (strace := shutil.which("strace")) is None:
        pytest.skip("there is no strace here")
    create(house.database, "flush")
    told = tmp_path / "strace.txt"
    command = [strace, "-f", "-qq", "-e", "trace=fsync,fdatasync", "-o", str(told), "-p", str(writing_process(house))]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as tracer:
        time.sleep(1)
        if tracer.poll() is not None:
            pytest.skip(f"strace may not attach: {(tracer.stderr.read() if tracer.stderr else b'').decode()[:200]}")
        for number in range(COMMITS):
            create(house.database, f"flush-{number}")
        tracer.send_signal(signal.SIGINT)
        tracer.wait(10)
    flushes = len(re.findall(r"f(?:data)?sync\(", told.read_text()))
    print(f"\nflushes, {house.kind}: {COMMITS} commits, {flushes} calls of fsync or fdatasync")
    assert flushes >= COMMITS
