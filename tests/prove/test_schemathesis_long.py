"""The long run of schemathesis: every operation at its bounds, and with many random requests."""

from __future__ import annotations

import time

import pytest

from tests.conftest import House
from tests.fuzzing import management_tried_as, previews_tried, tries
from tests.managing import Desk
from tests.trust.desk import key

EXAMPLES = 100


def test_no_request_breaks_the_document(library: House) -> None:
    began = time.monotonic()
    tried = tries(library, EXAMPLES)
    database = library.database.writer.dialect.name
    told = ", ".join(f"{count} x {status}" for status, count in sorted(tried.statuses.items()))
    print(f"\nschemathesis, {database}: {tried.count} requests in {time.monotonic() - began:.0f} s: {told}")
    assert tried.failures == {}
    assert tried.count > 10_000


@pytest.mark.parametrize("who", ["author", "medical_reviewer", "publisher", "admin", "author@demo-north"])
def test_no_write_breaks_the_document(house: House, who: str) -> None:
    began = time.monotonic()
    tried = management_tried_as(house, who, 25)
    database = house.database.writer.dialect.name
    told = ", ".join(f"{count} x {status}" for status, count in sorted(tried.statuses.items()))
    print(f"\nschemathesis as {who}, {database}: {tried.count} requests in {time.monotonic() - began:.0f} s: {told}")
    assert tried.failures == {}


def test_no_preview_breaks_the_document(house: House) -> None:
    Desk(house).create("tried-draft")
    tried = previews_tried(house, key(house, ["demo-south"], "preview")[1], 8)
    told = ", ".join(f"{count} x {status}" for status, count in sorted(tried.statuses.items()))
    print(f"\nschemathesis of previews, {house.database.writer.dialect.name}: {tried.count} requests: {told}")
    assert tried.failures == {}
