"""Kept replies on long walks through the house: each says what it would say made anew, and no more, whatever moves."""

from __future__ import annotations

import pytest

from tests.fronted import Processes
from tests.prove.lasting import times
from tests.trust.test_cached_walks import walked


@pytest.mark.parametrize("seed", range(101, 101 + times("WALKS", 2)))
def test_whatever_moves_a_kept_reply_says_what_it_would_say_made_anew_and_nothing_secret(
    running: Processes, seed: int
) -> None:
    walk = walked(running.start(), seed, times("WALK_STEPS", 60), 1.0)
    print(f"\nwalk {seed}: {len(walk.done)} moves, {walk.allowed} requests allowed, {walk.refused} not, "
          f"{len(list(walk.known.addresses()))} addresses")  # fmt: skip
