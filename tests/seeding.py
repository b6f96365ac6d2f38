"""The seeded library that tests start from: made once in a run on each database, by whichever process comes first."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from tests.engines import fresh_postgres_database, libpq, postgres_tools


def made_once(name: str, factory: pytest.TempPathFactory, make: Callable[[Path], None]) -> Path:
    """A file that the first process of the run makes, while the others wait for it.

    Where that one fails or dies the next begins anew, with nothing of what was half made, and fails for its own reason.
    """
    there = _shared(factory) / name
    with _lock(there).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not there.exists():
            with tempfile.TemporaryDirectory(dir=there.parent) as folder:
                make(finished := Path(folder) / name)
                finished.rename(there)
    return there


def another_makes(name: str, factory: pytest.TempPathFactory) -> bool:
    """Whether another process is about to make that file, so that there is time for something else."""
    with _lock(_shared(factory) / name).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def seeded_postgres(server: str, factory: pytest.TempPathFactory, seed: Callable[[str], None]) -> str:
    """The address of a seeded database on this process's server, its tables counted as autovacuum would in time."""
    url = fresh_postgres_database(server)
    if "TEST_DATABASE_URL" in os.environ:
        seed(url)  # Its version may be one that our tools cannot dump.
    else:
        _seed_or_copy(url, factory, seed)
    with psycopg.connect(libpq(url), autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
    return url


def _seed_or_copy(url: str, factory: pytest.TempPathFactory, seed: Callable[[str], None]) -> None:
    mine = []

    def make(there: Path) -> None:
        seed(url)
        _run("pg_dump", "--file", there, libpq(url))
        mine.append(there)

    dump = made_once("seeded.sql", factory, make)
    if not mine:
        _run("psql", "-q", "-X", "-v", "ON_ERROR_STOP=1", "-o", os.devnull, "-f", dump, libpq(url))


def seeded_sqlite(name: str, folder: Path, factory: pytest.TempPathFactory, seed: Callable[[str], None]) -> Path:
    """A seeded file for this process alone; `name` is that of the one it is copied from."""
    mine = folder / "house.sqlite"
    shutil.copy(made_once(name, factory, lambda there: seed(f"sqlite:///{there}")), mine)
    return mine


def _run(program: str, *words: str | Path) -> None:
    subprocess.run([postgres_tools() / program, *words], check=True, capture_output=True, env={"PATH": "/usr/bin:/bin"})


def _shared(factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of the run know."""
    mine = factory.getbasetemp()
    return mine.parent if "PYTEST_XDIST_WORKER" in os.environ else mine


def _lock(there: Path) -> Path:
    return there.with_name(f"{there.name}.lock")
