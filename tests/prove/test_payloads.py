"""Every payload in every text field, on every surface: no executable node (IN10, IN11, IN12)."""

from __future__ import annotations

import time

import pytest

from schemas.content import CONTENT_TYPES
from tests.conftest import House
from tests.hostile_documents import whole_document
from tests.hostile_houses import HostileHouse
from tests.hostile_texts import Hostile, Tried
from tests.managing import Desk
from tests.payloads import payloads
from tests.prove.lasting import times

NUMBERS = range(min(times("PAYLOADS", 10_000), len(payloads())))


@pytest.mark.parametrize("kind", [each.name for each in CONTENT_TYPES])
def test_in10_in11_in12_no_payload_in_a_text_runs_anywhere(house: House, kind: str) -> None:
    began = time.monotonic()
    tried = Hostile(Desk(house), kind, payloads()).try_all(NUMBERS)
    told(house, f"{kind}, {len(whole_document(kind)[1])} fields", tried, began)


def test_in11_no_payload_in_what_a_house_says_beside_its_texts_runs_anywhere(house: House) -> None:
    began, hostile = time.monotonic(), HostileHouse(Desk(house), payloads())
    tried = hostile.try_all(NUMBERS)
    told(house, f"the house, {sum(len(each.places) for each in hostile.written)} fields, and requests", tried, began)


def told(house: House, what: str, tried: Tried, began: float) -> None:
    counts = f"{tried.taken} taken, {tried.refused} refused, {tried.looked_at} replies looked at"
    print(f"\n{house.database.writer.dialect.name}, {what}: {len(NUMBERS)} payloads in each, {counts}, "
          f"{len(tried.found)} executable nodes, {time.monotonic() - began:.0f} s")  # fmt: skip
    assert tried.found == [] and not {status for status in tried.statuses if status >= 500}
