"""What a process counts is written down once, though its clock and a request for the numbers may coincide."""

from __future__ import annotations

import threading

import pytest

from tests.fronted import Processes
from tests.racing_fills import READ


def test_two_who_write_the_numbers_down_at_once_add_each_of_them_once(
    alone: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = alone.start()
    metrics = there.built.metrics
    assert metrics is not None
    there.warm(READ)
    metrics.flush()
    stored, others = metrics._events.labels("stored"), list[threading.Thread]()
    before, add = stored._value.get(), stored.inc

    def slowly(more: float) -> None:
        if not others:
            others.append(threading.Thread(target=metrics.flush))
            others[0].start()
            others[0].join(0.05)
        add(more)

    monkeypatch.setattr(stored, "inc", slowly)
    there.forget(READ)
    there.warm(READ)
    metrics.flush()
    others[0].join()
    assert stored._value.get() == before + 1
