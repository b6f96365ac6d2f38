"""A disk without room ends no process: one that is started then counts for itself alone."""

from __future__ import annotations

from pathlib import Path

from api.process import METRICS_FOLDER
from tests.processes import installed, run

COUNTS = """
import os, sys
from api.front import metrics
metrics.ROOM = int(sys.argv[1])
from api.cache.counters import Counters
from api.cache.tier import Tier
from api.cache.coherence import Coherence
from api.config import from_env
from api.db import connect
there = Coherence(connect(from_env()), print, print)
counters = Counters()
counters.add("hit")
made = metrics.Metrics(counters, Tier(), there, None)
print(made.text({}).decode())
"""


def numbers(tmp_path: Path, room: int) -> tuple[str, list[Path]]:
    """What a new process tells of one hit where its files may take so many bytes, and the files that it made."""
    folder = tmp_path / f"numbers-{room}"
    folder.mkdir()
    env = installed(tmp_path / "bin") | {METRICS_FOLDER: str(folder), "CLINIC_CMS_DATA": str(folder)}
    told = run(["python", "-c", COUNTS, str(room)], env)
    assert told.returncode == 0, told.stderr
    return told.stdout, list(folder.glob("*.db"))


def test_a_process_that_finds_no_room_for_its_numbers_makes_no_file_and_tells_its_own(tmp_path: Path) -> None:
    for room, files in ((1_000, True), (1 << 60, False)):
        told, made = numbers(tmp_path, room)
        assert 'clinic_cms_cache_events_total{event="hit"} 1.0' in told
        assert bool(made) is files
