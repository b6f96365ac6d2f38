"""Every payload in every field of every type, on every surface: no executable node (IN10, IN11, IN12)."""

from __future__ import annotations

import os

import pytest

from schemas.content import CONTENT_TYPES
from tests.conftest import House
from tests.hostile_texts import Tried, try_one
from tests.managing import Desk
from tests.payloads import payloads

MOST = int(os.environ.get("PROVE_PAYLOADS", "10000"))


@pytest.mark.parametrize("kind", [each.name for each in CONTENT_TYPES])
def test_no_payload_runs_anywhere(house: House, kind: str) -> None:
    desk, tried, words = Desk(house), Tried(), payloads()
    for number in range(min(MOST, len(words))):
        try_one(desk, kind, number, words, tried)
    counts = f"{tried.taken} taken, {tried.refused} refused, {tried.looked_at} replies looked at"
    print(f"\n{house.database.writer.dialect.name}, {kind}: {len(words)} payloads in every field, {counts}, "
          f"{len(tried.found)} executable nodes")  # fmt: skip
    assert tried.found == [] and set(tried.statuses) <= {200, 201, 422}
