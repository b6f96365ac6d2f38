"""DR12: what happens to a text whose review is overdue, by its type's policy: it is withdrawn, or bears a banner."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from api.errors import CmsError
from api.models import Person
from api.rules.permissions import OPERATOR
from api.services.published import read_model
from api.services.work import writing
from api.worker import Worker
from schemas.content import content_type
from schemas.content_type import ReviewPolicy
from tests.builders import a_live_topic, move, publications, the_text, writing_as
from tests.conftest import NOW, House

DAY = 86_400
GONE = 395 * DAY
"""Seconds after NOW: a year, and the 30 days of grace, to the day."""


def at(seconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(NOW + seconds, dt.UTC)


@pytest.fixture(autouse=True)
def policy(request: pytest.FixtureRequest) -> Iterator[None]:
    """What is done to topics when their review is overdue."""
    kind = content_type("topic")
    usual = kind.review
    object.__setattr__(kind, "review", ReviewPolicy(at_expiry=request.param))
    yield
    object.__setattr__(kind, "review", usual)


@pytest.mark.parametrize(("policy", "banner"), [("warn", False), ("banner", True)], indirect=["policy"])
def test_dr12_an_overdue_text_says_so_in_every_form_as_its_policy_will(house: House, banner: bool) -> None:
    with writing_as(house.database, "medical_reviewer") as work:
        reviewer = work.session.get_one(Person, "prs_medical_reviewer")
        reviewer.demo, reviewer.name = False, "Test Reviewer"
    a_live_topic(house.database, "light-one")
    public = "demo-south/topics/light-one"
    for seconds, status in ((364 * DAY, "current"), (366 * DAY, "due"), (GONE, "overdue")):
        house.at(seconds)
        review = house.data(public)["data"]["review"]
        assert (review["status"], bool(review["banner"])) == (status, banner and status == "overdue")
        graph = house.get(f"{public}.jsonld").json["@graph"]
        assert [each["lastReviewed"] for each in graph if "lastReviewed" in each] == [review["last_reviewed"]]
        assert review["line"] in house.get(f"{public}.md").text


@pytest.mark.parametrize("policy", ["withdraw"], indirect=True)
def test_dr12_an_overdue_text_goes_at_its_day_without_any_worker_and_its_going_is_numbered_once(house: House) -> None:
    text = a_live_topic(house.database, "light-one")
    public = "demo-south/topics/light-one"
    house.at(GONE - 9 * 3_600)
    assert house.get(public).status_code == 200
    house.at(GONE)
    told = house.get(public)
    assert (told.status_code, told.json["withdrawal"]["kind"]) == (410, "review_expired")
    Worker(house.database).once()
    Worker(house.database).once()
    mine = [each for each in publications(house.database) if each.entry_id == text.entry_id]
    assert [(each.kind, each.at.isoformat()[:10]) for each in mine[1:]] == [
        ("review_due", "2027-11-01"), ("expire", "2027-12-01"),
    ]  # fmt: skip
    for again in ({"at": at(GONE + DAY)}, {}):
        with pytest.raises(CmsError) as refused:
            move(house.database, "publish", text, "publisher", **again)
        assert [each["code"] for each in refused.value.extra["blockers"]] == ["medical_approval_missing"]
    with writing(house.database, OPERATOR) as work:
        read_model.rewrite(work, the_text(work, text).entry)
    assert house.get(public).status_code == 410
