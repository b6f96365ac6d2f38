"""What waits for a review and what is planned: one list each, of every type, with what clinics lay over the library."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import a_term
from tests.conftest import House
from tests.managing import Desk
from tests.releasing import released

pytestmark = pytest.mark.either

NINE, TEN = "2026-11-01T09:00:00Z", "2026-11-01T10:00:00Z"


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def told(desk: Desk, name: str, path: str, *fields: str) -> list[tuple[Any, ...]]:
    return [tuple(each[field] for field in fields) for each in desk.done(name, "GET", path)]


def overlaid(desk: Desk, path: str, clinic: str, document: dict[str, Any]) -> str:
    """A draft of what a clinic lays over a text; its path."""
    own = f"{path}/overlays/{clinic}"
    desk.done("editor", "GET", own)
    desk.done("editor", "PATCH", own, {"document": document})
    return own


def test_a_reviewer_finds_all_that_waits_in_one_list(desk: Desk) -> None:
    live = desk.create("light-therapy")
    desk.publish(live)
    term, topic = desk.create("lumen", a_term(title="Lumen"), kind="term"), desk.create("laser")
    own = overlaid(desk, live, "demo-south", {"summary": "As we do it here."})
    for path, name in ((term, "author"), (topic, "author"), (own, "editor")):
        desk.move(name, path, "submit", note="Please.")
    waiting = told(desk, "medical_reviewer", "/reviews/waiting", "type", "title", "clinic", "overlay", "state", "note")
    assert waiting == [
        ("term", "Lumen", None, False, "in_review", "Please."),
        ("topic", "Light therapy", None, False, "medical_review", "Please."),
        ("topic", "Light therapy", "demo-south", True, "in_review", "Please."),
    ]
    doctor = "/reviews/waiting?filter[state]=medical_review"
    assert told(desk, "medical_reviewer", doctor, "slug", "live_revision") == [("laser", None)]
    assert told(desk, "editor@demo-south", "/reviews/waiting", "clinic", "overlay") == [("demo-south", True)]
    assert told(desk, "editor@demo-north", "/reviews/waiting", "clinic") == []
    assert told(desk, "editor", "/reviews/waiting?filter[clinic]=library&filter[type]=term", "slug") == [("lumen",)]


def test_what_a_clinic_lays_over_is_never_told_by_a_draft_of_the_library(desk: Desk) -> None:
    live = desk.create("light-therapy")
    desk.publish(live)
    own = overlaid(desk, live, "demo-south", {"summary": "As we do it here."})
    desk.done("author", "PATCH", live, {"document": {"title": "Not to be told yet"}})
    desk.move("editor", own, "submit")
    assert told(desk, "editor@demo-south", "/reviews/waiting", "title") == [("Light therapy",)]
    desk.move("publisher", live, "unpublish")
    assert told(desk, "editor@demo-south", "/reviews/waiting", "title") == [("",)]


def test_what_was_decided_on_or_written_anew_waits_no_more(desk: Desk) -> None:
    one, two = desk.create("laser"), desk.create("lamp")
    for path in (one, two):
        desk.move("author", path, "submit")
    assert told(desk, "editor", "/reviews/waiting", "slug") == [("laser",), ("lamp",)]
    desk.move("medical_reviewer", one, "approve")
    desk.done("author", "PATCH", two, {"document": {"title": "Another lamp"}})
    assert told(desk, "editor", "/reviews/waiting", "slug") == []


def test_the_tag_of_what_waits_is_the_one_that_a_decision_sends(desk: Desk) -> None:
    path = desk.create("laser")
    desk.move("author", path, "submit")
    [(tag,)] = told(desk, "medical_reviewer", "/reviews/waiting", "etag")
    assert desk.done("medical_reviewer", "POST", f"{path}/moves/approve", {}, If_Match=tag)["state"] == "approved"


def test_what_is_planned_is_found_in_order_of_its_instant_whatever_is_written_since(house: House, desk: Desk) -> None:
    one, two = desk.create("laser"), desk.create("lamp")
    for path in (one, two):
        desk.move("author", path, "submit")
        desk.move("medical_reviewer", path, "approve")
    release = released(desk, two, at=NINE)
    desk.move("publisher", release, "publish")
    desk.move("publisher", one, "publish", at=NINE, until=TEN)
    desk.done("author", "PATCH", one, {"document": {"title": "A draft meanwhile"}})
    planned = told(desk, "editor", "/planned", "at", "move", "slug", "title", "revision", "release")
    assert planned == [
        (NINE, "publish", "lamp", "Light therapy", 1, release.rpartition("/")[2]),
        (NINE, "publish", "laser", "Light therapy", 1, None),
        (TEN, "unpublish", "laser", "Light therapy", 1, None),
    ]
    assert told(desk, "editor@demo-south", "/planned", "slug") == []
    house.at(3_600)
    assert told(desk, "editor", "/planned", "move", "slug") == [("unpublish", "laser")]


def test_the_queues_go_on_page_by_page(desk: Desk) -> None:
    for number in range(3):
        path = desk.create(f"laser-{number}")
        desk.move("author", path, "submit")
        if number:
            desk.move("medical_reviewer", path, "approve")
            desk.move("publisher", path, "publish", at=TEN if number == 1 else NINE)
    first = desk.ask("editor", "GET", "/planned?page[size]=1").json
    assert [each["slug"] for each in first["data"]] == ["laser-2"]
    following = first["links"]["next"].removeprefix("/v1/manage")
    assert [each["slug"] for each in desk.done("editor", "GET", following)] == ["laser-1"]
    refused = desk.ask("editor", "GET", "/reviews/waiting?filter[state]=draft")
    assert refused.json["errors"][0]["allowed"] == ["medical_review", "in_review"]


def test_the_words_of_each_decision_stay_with_it_whatever_is_said_later(desk: Desk) -> None:
    path = desk.create("laser")
    desk.move("author", path, "submit", note="The first try.")
    desk.move("medical_reviewer", path, "reject", note="Name the risks.")
    desk.move("author", path, "submit", note="They are named in the second section.")
    desk.move("medical_reviewer", path, "approve")
    [revision] = desk.done("author", "GET", f"{path}/revisions")
    assert [(each["decision"], each["note"]) for each in revision["reviews"]] == [
        ("rejected", "Name the risks."), ("approved", None)
    ]  # fmt: skip
    assert revision["note"] == "They are named in the second section."
