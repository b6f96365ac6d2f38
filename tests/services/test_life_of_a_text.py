"""The life of a text: written, refused, approved, published, changed, taken down, brought back."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from api.errors import CmsError
from api.models import Variant
from api.services.texts.facts import newest_of
from tests.builders import (
    a_live_topic,
    a_section,
    a_topic,
    approve_text,
    create,
    move,
    publications,
    publish_text,
    revise,
    the_text,
    writing_as,
)
from tests.conftest import NOW, House

SLUG = "light-therapy"
PATH = f"demo-south/topics/{SLUG}"


def at(seconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(NOW + seconds, dt.UTC)


def refused(house: House, name: str, variant: Variant, role: str, who: str | None = None, **options: Any) -> list[str]:
    """The codes with which a move is refused: its blockers', or the problem's own."""
    with pytest.raises(CmsError) as error:
        move(house.database, name, variant, role, who, **options)
    return [each["code"] for each in error.value.extra.get("blockers", ())] or [error.value.code]


def state(house: House, variant: Variant) -> str:
    with writing_as(house.database, "author") as work:
        return newest_of(the_text(work, variant)).state


def shown(house: House) -> str | None:
    """The title that readers see, None where they see nothing."""
    reply = house.get(PATH)
    assert reply.status_code in (200, 404)
    return reply.json["data"]["title"] if reply.status_code == 200 else None


def test_a_text_is_seen_only_when_others_have_approved_and_published_it(house: House) -> None:
    text = create(house.database, SLUG)
    assert "wrong_state" in refused(house, "publish", text, "publisher")
    assert move(house.database, "submit", text, "author").state == "medical_review"
    assert refused(house, "approve", text, "editor") == ["forbidden"]
    assert refused(house, "approve", text, "admin") == ["forbidden"]
    assert refused(house, "approve", text, "medical_reviewer", "author") == ["own_text"]
    assert move(house.database, "approve", text, "medical_reviewer").state == "approved"
    assert shown(house) is None
    assert refused(house, "publish", text, "author") == ["forbidden"]
    move(house.database, "publish", text, "publisher")
    assert shown(house) == "Light therapy"


def test_a_refused_move_leaves_no_trace(house: House) -> None:
    text = create(house.database, SLUG)
    before = len(publications(house.database))
    refused(house, "publish", text, "publisher")
    assert (state(house, text), len(publications(house.database))) == ("draft", before)


def test_an_edit_leaves_the_live_text_alone_until_it_is_published(house: House) -> None:
    text = a_live_topic(house.database, SLUG)
    revise(house.database, text, a_topic(title="New title"))
    approve_text(house.database, text)
    assert shown(house) == "Light therapy"
    move(house.database, "publish", text, "publisher")
    assert shown(house) == "New title"
    assert house.data(PATH)["data"]["revision"] == 2


def test_a_clinical_edit_goes_to_the_doctor_and_another_does_not(house: House) -> None:
    text = a_live_topic(house.database, SLUG)
    revise(house.database, text, a_topic(title="Other words"))
    assert move(house.database, "submit", text, "author").state == "in_review"
    move(house.database, "approve", text, "editor")
    move(house.database, "publish", text, "publisher")
    revise(house.database, text, a_topic(sections=[a_section("risks")]))
    assert move(house.database, "submit", text, "author").state == "medical_review"


def test_four_eyes_look_back_to_the_last_approved_revision(house: House) -> None:
    text = create(house.database, SLUG)
    revise(house.database, text, a_topic(summary="By another."), who="second")
    move(house.database, "submit", text, "author", "third")
    for writer in ("author", "second"):
        assert refused(house, "approve", text, "medical_reviewer", writer) == ["own_text"]
    move(house.database, "approve", text, "medical_reviewer", "third")
    revise(house.database, text, a_topic(summary="By the third."), who="third")
    move(house.database, "submit", text, "author")
    assert refused(house, "approve", text, "editor", "third") == ["own_text"]
    assert move(house.database, "approve", text, "editor", "second").state == "approved"


def test_a_text_that_is_not_clinical_needs_an_editor_alone(house: House) -> None:
    document = {"title": "Lumen", "summary": "A measure of light."}
    text = create(house.database, "lumen", document, kind="term")
    assert move(house.database, "submit", text, "author").state == "in_review"
    move(house.database, "approve", text, "editor")
    move(house.database, "publish", text, "publisher")
    assert house.data("demo-south/terms/lumen")["data"]["title"] == "Lumen"


def test_a_rejected_text_is_a_draft_again_and_its_approvals_are_void(house: House) -> None:
    text = create(house.database, SLUG)
    approve_text(house.database, text)
    assert move(house.database, "reject", text, "medical_reviewer").state == "draft"
    assert move(house.database, "submit", text, "author").state == "medical_review"
    assert refused(house, "reject", text, "editor") == ["forbidden"]


def test_a_rejected_text_does_not_go_live_as_it_was_planned(house: House) -> None:
    text = create(house.database, SLUG)
    publish_text(house.database, text, at=at(60))
    move(house.database, "reject", text, "medical_reviewer")
    house.at(120)
    assert shown(house) is None


def test_the_live_revision_is_not_rejected(house: House) -> None:
    text = a_live_topic(house.database, SLUG)
    assert refused(house, "reject", text, "medical_reviewer") == ["live"]
    assert shown(house) == "Light therapy"


def test_a_schedule_comes_and_goes_at_its_seconds_with_nothing_running(house: House) -> None:
    publish_text(house.database, create(house.database, SLUG), at=at(60), until=at(120))
    seen = []
    for second in (59, 60, 119, 120):
        house.at(second)
        seen.append(shown(house) is not None)
    assert seen == [False, True, True, False]


def test_a_schedule_pins_its_revision_and_a_later_edit_leaves_it_alone(house: House) -> None:
    text = create(house.database, SLUG)
    publish_text(house.database, text, at=at(60))
    revise(house.database, text, a_topic(title="Not this one"))
    house.at(60)
    assert shown(house) == "Light therapy"


def test_an_unscheduled_text_stays_away(house: House) -> None:
    text = create(house.database, SLUG)
    publish_text(house.database, text, at=at(60))
    move(house.database, "unschedule", text, "publisher")
    house.at(60)
    assert shown(house) is None
    assert refused(house, "unschedule", text, "publisher") == ["not_scheduled"]


def test_times_that_make_no_sense_are_refused(house: House) -> None:
    text = create(house.database, SLUG)
    approve_text(house.database, text)
    assert refused(house, "publish", text, "publisher", at=at(0)) == ["invalid_content"]
    assert refused(house, "publish", text, "publisher", at=at(60), until=at(60)) == ["invalid_content"]


def test_an_unpublished_text_is_not_found_and_may_return(house: House) -> None:
    text = a_live_topic(house.database, SLUG)
    move(house.database, "unpublish", text, "publisher")
    assert shown(house) is None
    assert refused(house, "unpublish", text, "publisher") == ["not_live"]
    move(house.database, "publish", text, "publisher")
    assert shown(house) == "Light therapy"


@pytest.mark.parametrize(("severity", "kind", "role"), [(None, "withdrawn", "publisher"),
                                                        ("high", "recalled", "medical_reviewer")])
def test_a_withdrawn_or_recalled_text_says_why(house: House, severity: str | None, kind: str, role: str) -> None:
    text = a_live_topic(house.database, SLUG)
    move(house.database, "withdraw", text, role, reason="A wrong dose.", severity=severity)
    reply = house.get(PATH)
    told = reply.json["withdrawal"]
    assert (reply.status_code, told["kind"], told["reason"]) == (410, kind, "A wrong dose.")
    assert told["severity"] == severity


def test_a_publisher_withdraws_but_does_not_recall(house: House) -> None:
    text = a_live_topic(house.database, SLUG)
    assert refused(house, "withdraw", text, "publisher", severity="high") == ["forbidden"]


def test_a_withdrawal_stops_what_was_planned(house: House) -> None:
    text = a_live_topic(house.database, SLUG)
    revise(house.database, text, a_topic(title="Planned"))
    publish_text(house.database, text, at=at(60))
    move(house.database, "withdraw", text, "publisher")
    house.at(60)
    assert house.get(PATH).status_code == 410


def test_a_text_whose_schedule_has_come_is_withdrawn_before_anyone_counted_it(house: House) -> None:
    text = create(house.database, SLUG)
    publish_text(house.database, text, at=at(60))
    house.at(61)
    move(house.database, "withdraw", text, "publisher")
    assert house.get(PATH).status_code == 410


def test_a_restored_text_waits_for_new_approvals_and_stays_gone_meanwhile(house: House) -> None:
    text = a_live_topic(house.database, SLUG)
    move(house.database, "withdraw", text, "publisher")
    assert "withdrawn" in refused(house, "publish", text, "publisher")
    assert move(house.database, "restore", text, "editor").state == "draft"
    assert "medical_approval_missing" in refused(house, "publish", text, "publisher")
    assert house.get(PATH).status_code == 410
    assert refused(house, "publish", text, "publisher", revision=1) == ["medical_approval_missing", "approval_missing"]
    publish_text(house.database, text)
    assert shown(house) == "Light therapy"
    assert refused(house, "restore", text, "editor") == ["not_withdrawn"]
