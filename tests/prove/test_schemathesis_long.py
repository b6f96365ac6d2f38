"""The long run of schemathesis: every operation at its bounds, and with many random requests."""

from __future__ import annotations

import time

from tests.conftest import House
from tests.fuzzing import tries

EXAMPLES = 100


def test_no_request_breaks_the_document(library: House) -> None:
    began = time.monotonic()
    tried = tries(library, EXAMPLES)
    database = library.database.writer.dialect.name
    told = ", ".join(f"{count} x {status}" for status, count in sorted(tried.statuses.items()))
    print(f"\nschemathesis, {database}: {tried.count} requests in {time.monotonic() - began:.0f} s: {told}")
    assert tried.failures == {}
    assert tried.count > 10_000
