"""CC9 in the long run: many schedules, four workers, and kills across the instants; each is numbered, none twice."""

from __future__ import annotations

import contextlib
import datetime as dt
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from api.models import Promise, Publication, Transition
from tests.builders import approve_text, create, move
from tests.processes import ROOT
from tests.prove.lasting import KINDS, Lasting, lasting, times, whole

WORKERS = 4
LEASE = "3"


@pytest.fixture(params=KINDS)
def house(request: pytest.FixtureRequest, tmp_path: Path, sqlite_today: Path) -> Iterator[Lasting]:
    with lasting(request.param, tmp_path, sqlite_today) as made:
        yield made


def start(house: Lasting) -> subprocess.Popen[bytes]:
    command = ["clinic-cms", "worker", "--lease", LEASE]
    with (house.folder / "workers.log").open("ab") as log:
        return subprocess.Popen(command, env=house.env, cwd=ROOT, stdout=log, stderr=log)


@contextlib.contextmanager
def workers(house: Lasting) -> Iterator[list[subprocess.Popen[bytes]]]:
    running = [start(house) for _ in range(WORKERS)]
    try:
        yield running
    finally:
        for each in running:
            each.send_signal(signal.SIGTERM)
        for each in running:
            # One that was just started may have been told before it could listen.
            assert each.wait(15) in (0, -signal.SIGTERM)


def planned(house: Lasting, schedules: int, spread: int) -> set[int]:
    """Schedules over so many seconds, the first a little ahead; their transitions."""
    texts = [create(house.database, f"prove-{number}") for number in range(schedules)]
    for text in texts:
        approve_text(house.database, text)
    begins = int(time.time() + 5 + schedules / 10)
    found = set()
    for number, text in enumerate(texts):
        at = dt.datetime.fromtimestamp(begins + number * spread // schedules, dt.UTC)
        found.add(move(house.database, "publish", text, "publisher", at=at).id)
    return found


def numbered(house: Lasting, transitions: set[int]) -> list[Any]:
    with house.database.reading() as connection:
        asked = select(Publication.transition_id, Publication.at).where(Publication.transition_id.in_(transitions))
        return list(connection.execute(asked))


def killed_at_instants(house: Lasting, running: list[subprocess.Popen[bytes]], kills: int, spread: int) -> int:
    """SIGKILL one after the other just when something falls due, and start another in its place; how many."""
    pause = max(1.0, spread / kills)
    for number in range(kills):
        chosen = number % WORKERS  # The oldest: it has long been working.
        running[chosen].kill()
        running[chosen].wait()
        running[chosen] = start(house)
        wake = time.time() + pause
        time.sleep(max(0.0, int(wake) - time.time()) + random.uniform(0.0, 0.15))
    return kills


def test_every_schedule_is_numbered_once_though_workers_are_killed(house: Lasting) -> None:
    schedules, kills = times("SCHEDULES", 200), times("KILLS", 20)
    spread = max(kills * 2, 10)
    transitions = planned(house, schedules, spread)
    began = time.monotonic()
    with workers(house) as running:
        time.sleep(max(0.0, _first(house, transitions) - time.time()))
        done = killed_at_instants(house, running, kills, spread)
        give_up = time.monotonic() + 60
        while len(numbered(house, transitions)) < schedules and time.monotonic() < give_up:
            time.sleep(0.1)
    found = numbered(house, transitions)
    twice = len(found) - len({each.transition_id for each in found})
    print(
        f"\nschedules, {house.kind}: {schedules} schedules, {WORKERS} workers, {done} kills in "
        f"{time.monotonic() - began:.0f} s: {len(found)} transitions numbered, {twice} twice"
    )
    assert len(found) == schedules and twice == 0
    with house.database.reading() as connection:
        at = {row.id: row.at for row in connection.execute(select(Transition.id, Transition.at))}
        left = select(func.count(Promise.id)).where(Promise.kind == "mature", Promise.kept_at.is_(None))
        assert connection.scalar(left) == 0
        aside = select(func.count(Promise.id)).where(Promise.set_aside_at.is_not(None))
        assert connection.scalar(aside) == 0
    assert [each for each in found if each.at != at[each.transition_id]] == []
    whole(house)
    assert "Traceback" not in (house.folder / "workers.log").read_text()


def _first(house: Lasting, transitions: set[int]) -> float:
    with house.database.reading() as connection:
        first = connection.scalar(select(func.min(Transition.at)).where(Transition.id.in_(transitions)))
        assert first is not None
        return float(first.timestamp())
