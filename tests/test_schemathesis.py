"""schemathesis over the whole document on both databases: no 5xx, no undocumented status, no schema mismatch."""

from __future__ import annotations

import pytest

from tests.conftest import House
from tests.fuzzing import LISTS, tries

pytestmark = pytest.mark.slow


def test_no_random_request_breaks_the_document(library: House) -> None:
    # tests/prove tries a hundred of each on both databases.
    examples, most, well = (3, 120, 30) if library.database.sqlite else (2, 80, 20)
    tried = tries(library, examples, boundaries=False)
    assert tried.failures == {}
    assert tried.count > most and tried.statuses[200] > well


@pytest.mark.long
def test_no_request_at_the_bounds_of_a_parameter_breaks_the_document(library: House) -> None:
    # The many parameters of lists take minutes at their bounds, and so does a second database: tests/prove has them.
    if not library.database.sqlite:
        pytest.skip("tests/prove tries the bounds on PostgreSQL")
    tried = tries(library, 1, fuzz=False, without=LISTS)
    assert tried.failures == {}
    assert tried.count > 2_000 and tried.statuses[200] > 500
    assert tried.statuses[405] > 0, "methods that are not there were to be tried too"
