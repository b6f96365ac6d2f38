"""IN10 to IN12: active content in every field of every type is refused or stays text on every surface.

tests/prove tries every payload in every field, on both databases; here is a walk through some of them.
"""

from __future__ import annotations

import pytest

from schemas.content import CONTENT_TYPES
from tests.conftest import House
from tests.hostile_documents import whole_document
from tests.hostile_houses import HostileHouse
from tests.hostile_texts import Hostile
from tests.managing import Desk
from tests.payloads import TAGS, active, payloads

pytestmark = pytest.mark.either


def test_the_judge_sees_what_can_run() -> None:
    harmless = [each for each in TAGS if each[0] == "<" and not active(each)]
    assert harmless == []
    assert active('<p>x <a href="https://e.example">y</a> <span data-term="d">z</span></p>') == []


def test_there_are_more_than_five_hundred_payloads() -> None:
    assert len(payloads()) == len(set(payloads())) >= 500


def test_every_text_field_of_every_type_is_tried() -> None:
    counted = {each.name: len(whole_document(each.name)[1]) for each in CONTENT_TYPES}
    assert counted == {"topic": 25, "faq": 8, "guide": 31, "term": 4}


@pytest.mark.parametrize("kind", [each.name for each in CONTENT_TYPES])
def test_in10_in11_in12_what_is_taken_runs_nowhere(house: House, kind: str) -> None:
    words = payloads()
    tried = Hostile(Desk(house), kind, words).try_all(range(0, len(words), len(words) // 2))
    assert tried.found == []
    assert tried.taken > 1 and set(tried.statuses) <= {200, 201, 422}


def test_in11_what_a_house_says_beside_its_texts_and_what_is_asked_of_it_runs_nowhere(house: House) -> None:
    words = payloads()
    tried = HostileHouse(Desk(house), words).try_all(range(0, len(words), len(words) // 2))
    assert tried.found == []
    assert tried.taken > 40 and set(tried.statuses) <= {200, 400, 403, 404, 422}
