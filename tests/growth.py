"""How the time that work takes grows with what it is given: for texts that are made to be dear."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

TIMES = 4
BOUND = 9
"""Work in proportion takes 4 times as long for 4 times as much, work by the square 16 times."""
TRIES = 6
LEAST = 1e-4
"""Seconds below which the clock and the call itself are most of what is measured."""


def grows_in_proportion(work: Callable[[int], object], size: int) -> bool:
    """Whether `work(4 * size)` takes some 4 times as long as `work(size)` at most, by this thread's processor time.

    By that of this thread: others of the process may be at work too. A ratio within one run, so that no slow machine
    fails it; once is enough, since noise only ever adds.
    """
    return any(_took(work, TIMES * size) <= BOUND * max(LEAST, _took(work, size)) for _ in range(TRIES))


def _took(work: Callable[[int], object], size: int) -> float:
    """Seconds, the least of three runs, with nothing collected in between."""
    gc.collect(0)
    gc.disable()
    try:
        return min(_once(work, size) for _ in range(3))
    finally:
        gc.enable()


def _once(work: Callable[[int], object], size: int) -> float:
    began = time.thread_time()
    work(size)
    return time.thread_time() - began
