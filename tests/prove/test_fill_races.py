"""A thousand forced races of a reader's fill and a writer's publish (CA14): the past is never stored."""

from __future__ import annotations

import os
import time

from tests.fronted import Processes
from tests.racing_fills import race

RACES = int(os.environ.get("PROVE_RACES", "1000"))


def test_of_a_thousand_fills_that_were_overtaken_none_stayed(running: Processes) -> None:
    here, elsewhere = running.start(), running.start()
    began = time.monotonic()
    stale = race(here, here, RACES // 2, others=(elsewhere,)) + race(here, elsewhere, RACES - RACES // 2)
    place = f"{here.database.writer.dialect.name}, {'with' if running.redis_url else 'without'} Redis"
    print(f"\nCA14, {place}: {RACES} forced fill races in {time.monotonic() - began:.0f} s, {stale} stayed old")
    assert stale == 0
