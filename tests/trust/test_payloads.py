"""IN10 to IN12: active content in every field of every type is refused or stays text on every surface.

tests/prove tries every payload in every field, on both databases; here is a walk through some of them.
"""

from __future__ import annotations

import pytest

from schemas.content import CONTENT_TYPES
from tests.conftest import House
from tests.hostile_texts import Tried, try_one
from tests.managing import Desk
from tests.payloads import TAGS, active, payloads

pytestmark = pytest.mark.either


def test_the_judge_sees_what_can_run() -> None:
    harmless = [each for each in TAGS if each[0] == "<" and not active(each)]
    assert harmless == []
    assert active('<p>x <a href="https://e.example">y</a> <span data-term="d">z</span></p>') == []


def test_there_are_more_than_five_hundred_payloads() -> None:
    assert len(payloads()) == len(set(payloads())) >= 500


@pytest.mark.parametrize("kind", [each.name for each in CONTENT_TYPES])
def test_in10_in11_in12_what_is_taken_runs_nowhere(house: House, kind: str) -> None:
    desk, tried, words = Desk(house), Tried(), payloads()
    for number in range(0, len(words), len(words) // 2):
        try_one(desk, kind, number, words, tried)
    assert tried.found == []
    assert tried.taken > 1 and set(tried.statuses) <= {200, 201, 422}
