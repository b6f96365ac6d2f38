"""Saving the same words again: no revision, and no review that begins anew."""

from __future__ import annotations

import pytest

from tests.conftest import House
from tests.managing import Desk

pytestmark = pytest.mark.either

WORDS = {"document": {"title": "Laser, as it is"}}


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_a_text_that_is_saved_again_stays_in_review_and_keeps_its_tag(desk: Desk, method: str) -> None:
    path = desk.create("laser")
    desk.done("author", "PATCH", path, WORDS)
    submitted = desk.move("author", path, "submit")
    tag, body = desk.etags[path], WORDS
    if method == "PUT":
        body = {"slug": submitted["slug"], "document": submitted["document"]}
    again = desk.ask("author", method, path, body)
    assert (again.status_code, again.headers["ETag"]) == (200, tag)
    told = again.json["data"]
    assert (told["revision"]["number"], told["state"]) == (2, "medical_review")
    assert desk.done("medical_reviewer", "POST", f"{path}/moves/approve", {}, If_Match=tag)["state"] == "approved"


def test_who_saves_the_same_words_again_wrote_nothing_and_may_approve(desk: Desk) -> None:
    path = desk.create("laser")
    desk.move("author", path, "submit")
    desk.move("medical_reviewer", path, "approve")
    desk.done("author", "PATCH", path, {"document": {"summary": "What it may do."}})
    desk.move("author", path, "submit")
    desk.done("editor", "PATCH", path, {"document": {"summary": "What it may do."}})
    assert desk.move("editor", path, "approve")["state"] == "approved"


def test_a_translation_is_brought_up_to_its_source_though_no_word_changes(desk: Desk) -> None:
    path = desk.create("laser")
    desk.done("author", "POST", f"{path}/translations", {"locale": "es", "slug": "laser", "copy_from": "en"})
    desk.done("author", "PATCH", path, WORDS)
    spanish = f"{path}?locale=es"
    desk.done("author", "GET", spanish)
    told = desk.done("author", "PATCH", spanish, {"document": {}, "source_revision": 2})
    assert told["revision"]["number"] == 2
    assert [each["source_changed"] for each in told["translations"]] == [False, False]


def test_the_words_of_an_old_revision_are_a_new_draft_though_they_are_those_of_now(desk: Desk) -> None:
    path = desk.create("laser")
    desk.publish(path)
    told = desk.done("author", "POST", f"{path}/revisions/1/copy", {}, If_Match=desk.etags[path])
    assert (told["revision"]["number"], told["state"]) == (2, "draft")


def test_a_clinics_words_that_are_saved_again_stay_in_review(desk: Desk) -> None:
    path = desk.create("laser")
    desk.publish(path)
    own = f"{path}/overlays/demo-south"
    desk.done("editor", "GET", own)
    desk.done("editor", "PATCH", own, {"document": {"summary": "As we do it."}})
    desk.move("editor", own, "submit")
    told = desk.done("editor", "PATCH", own, {"document": {"summary": "As we do it."}})
    assert (told["revision"]["number"], told["state"]) == (1, "in_review")
