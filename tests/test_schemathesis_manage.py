"""schemathesis over management with the keys of an author, a doctor, an admin and another clinic's author."""

from __future__ import annotations

import pytest

from tests.conftest import House
from tests.fuzzing import management_tried_as, partner_tried

pytestmark = [pytest.mark.either, pytest.mark.slow]
WHO = {"sqlite": ("author", "medical_reviewer"), "postgresql": ("author@demo-north", "admin")}
"""Two on each database; tests/prove has everybody on both, and the bounds of every parameter."""


@pytest.mark.parametrize("number", [0, 1])
def test_no_random_write_breaks_the_document(house: House, number: int) -> None:
    who = WHO[house.database.writer.dialect.name][number]
    tried = management_tried_as(house, who, 1, boundaries=False)
    assert tried.failures == {}
    assert tried.count > 60


def test_no_random_request_of_a_partner_breaks_the_document(house: House) -> None:
    tried = partner_tried(house, 5)
    assert tried.failures == {}
    assert tried.count > 100 and tried.statuses[200] > 20
