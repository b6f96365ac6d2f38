"""The life of a topic over HTTP, as its author, an editor, a medical reviewer and a publisher live it."""

from __future__ import annotations

import pytest

from tests.builders import a_section, a_topic
from tests.conftest import House
from tests.managing import Desk


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def test_a_topic_is_written_refused_approved_scheduled_and_seen_at_the_second(house: House, desk: Desk) -> None:
    path = desk.create("light-therapy")
    public = "demo-south/topics/light-therapy"
    assert desk.move("author", path, "submit")["state"] == "medical_review"
    assert desk.ask("author", "POST", f"{path}/moves/approve", {}).status_code == 403
    assert desk.move("medical_reviewer", path, "approve")["state"] == "approved"
    planned = desk.move("publisher", path, "publish", at="2026-11-01T09:00:00+00:00")
    assert planned["state"] == "approved" and planned["publication"] is None
    assert planned["scheduled"] == [
        {"move": "publish", "revision": 1, "at": "2026-11-01T09:00:00Z", "release": None}
    ]
    house.at(3599)
    assert house.get(public).status_code == 404
    house.at(3600)
    assert house.data(public)["data"]["title"] == "Light therapy"
    assert desk.done("author", "GET", path)["state"] == "live"


def test_an_author_never_approves_the_own_text_whatever_roles_they_hold(house: House, desk: Desk) -> None:
    path = desk.create("light-therapy", name="admin")
    desk.move("admin", path, "submit")
    refused = desk.ask("admin", "POST", f"{path}/moves/approve", {})
    assert (refused.status_code, refused.json["code"]) == (403, "forbidden")


def test_a_typo_passes_by_name_and_reason_and_a_change_of_meaning_does_not(house: House, desk: Desk) -> None:
    path = desk.create("light-therapy", a_topic(sections=[a_section("overview", "Light is shone on teh skin.")]))
    desk.publish(path)
    due = house.data("demo-south/topics/light-therapy")["data"]["review"]["next_due"]
    fixed = {"document": {"sections": {"overview": {"body": "Light is shone on the skin."}}}}
    desk.done("author", "PATCH", path, fixed)
    said = {"code": "typo", "reason": "Letters in the wrong order."}
    assert desk.ask("editor", "POST", f"{path}/moves/waive", said).status_code == 403
    assert desk.move("medical_reviewer", path, "waive", **said)["state"] == "approved"
    desk.move("publisher", path, "publish")
    shown = house.data("demo-south/topics/light-therapy")["data"]
    assert "the skin" in shown["sections"][0]["body"]["value"] and shown["review"]["next_due"] == due
    turned = {"document": {"sections": {"overview": {"body": "Light is not shone on the skin."}}}}
    desk.done("author", "PATCH", path, turned)
    refused = desk.ask("medical_reviewer", "POST", f"{path}/moves/waive", said)
    assert [each["code"] for each in refused.json["blockers"]] == ["not_a_typo"]


def test_a_clinical_edit_voids_the_doctors_word_and_another_does_not(house: House, desk: Desk) -> None:
    path = desk.create("light-therapy")
    desk.publish(path)
    desk.done("author", "PATCH", path, {"document": {"seo": {"title": "Light, explained"}}})
    assert desk.move("author", path, "submit")["state"] == "in_review"
    assert desk.move("editor", path, "approve")["state"] == "approved"
    desk.done("author", "PATCH", path, {"document": {"sections": {"risks": {**a_section("risks")}}}})
    assert desk.move("author", path, "submit")["state"] == "medical_review"
    assert desk.ask("publisher", "POST", f"{path}/moves/publish", {}).status_code == 409
    assert house.data("demo-south/topics/light-therapy")["data"]["revision"] == 1


def test_what_is_withdrawn_is_gone_with_its_replacement_and_comes_back_only_anew(house: House, desk: Desk) -> None:
    path, other = desk.create("light-therapy"), desk.create("better-light")
    desk.publish(path)
    desk.publish(other)
    replacement = {"type": "topic", "id": other.rpartition("/")[2]}
    gone = desk.move("publisher", path, "withdraw", reason="Replaced by a newer text.", replacement=replacement)
    assert gone["state"] == "withdrawn" and gone["publication"]["id"] > 0
    told = house.get("demo-south/topics/light-therapy")
    assert told.status_code == 410 and told.json["withdrawal"]["replacement"]["slug"] == "better-light"
    blocked = desk.ask("publisher", "POST", f"{path}/moves/publish", {})
    assert [each["code"] for each in blocked.json["blockers"]] == ["withdrawn"]
    restored = desk.move("editor", path, "restore")
    assert restored["state"] == "draft" and restored["withdrawal"]["reason"] == "Replaced by a newer text."
    assert house.get("demo-south/topics/light-therapy").status_code == 410
    assert desk.publish(path)["withdrawal"] is None
    assert house.get("demo-south/topics/light-therapy").status_code == 200
