"""Reviews that fall due are renewed: a text submitted then goes to the doctor, though no clinical word changed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import House
from tests.managing import Desk

pytestmark = pytest.mark.either

DAY = 86_400
PUBLIC = "demo-south/topics/light-therapy"


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


@pytest.fixture
def path(desk: Desk) -> str:
    """A live topic whose review is due on 1 November 2027."""
    made = desk.create("light-therapy")
    desk.publish(made)
    return made


def renewed(desk: Desk, path: str) -> Any:
    """The same words as a new draft, submitted."""
    read = desk.ask("author", "GET", path)
    number = read.json["data"]["live_revision"]
    desk.done("author", "POST", f"{path}/revisions/{number}/copy", {}, If_Match=read.headers["ETag"])
    desk.done("author", "GET", path)
    return desk.move("author", path, "submit")


@pytest.mark.parametrize("days", [336, 366, 500])
def test_a_text_whose_review_is_due_goes_to_the_doctor_and_comes_back_with_a_new_date(
    house: House, desk: Desk, path: str, days: int
) -> None:
    house.at(days * DAY)
    assert path.rpartition("/")[2] in [each["id"] for each in desk.done("editor", "GET", "/reviews/due?page[size]=100")]
    assert renewed(desk, path)["state"] == "medical_review"
    assert desk.ask("editor", "POST", f"{path}/moves/approve", {}).status_code == 403
    assert desk.move("medical_reviewer", path, "approve")["publication"]["id"] > 0
    review = house.data(PUBLIC)["data"]["review"]
    assert review["status"] == "current" and review["next_due"] > "2028-09"
    due = desk.done("editor", "GET", "/reviews/due?page[size]=100")
    assert path.rpartition("/")[2] not in [each["id"] for each in due]


def test_a_renewal_that_is_taken_back_leaves_the_old_date(house: House, desk: Desk, path: str) -> None:
    house.at(366 * DAY)
    before = house.data(PUBLIC)["data"]["review"]
    renewed(desk, path)
    desk.move("medical_reviewer", path, "approve")
    assert house.data(PUBLIC)["data"]["review"]["status"] == "current"
    assert desk.move("medical_reviewer", path, "reject", note="Not yet.")["publication"]["id"] > 0
    assert house.data(PUBLIC)["data"]["review"] == before


def test_a_text_whose_review_is_good_for_months_goes_to_an_editor(house: House, desk: Desk, path: str) -> None:
    house.at(330 * DAY)
    assert renewed(desk, path)["state"] == "in_review"
