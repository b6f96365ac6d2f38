"""Conflicts over HTTP: the library changes beneath a clinic's words, and the clinic decides field by field."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event

from api.models import Variant
from api.rules.permissions import OPERATOR
from api.services.moves import publishing
from api.services.overlays import overlays
from api.services.texts import entries
from api.services.work import writing
from tests.builders import a_live_topic, a_topic, move, the_text
from tests.conftest import House
from tests.flows.test_overlays import LOCAL, code, lay_over, renew, seen, there
from tests.managing import Desk

pytestmark = pytest.mark.either

FACTS = [{"key": "price", "label": "Price", "text": "Ask us"}]


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


@pytest.fixture
def path(desk: Desk) -> str:
    """A live library topic."""
    made = desk.create("light-therapy", a_topic(facts=FACTS))
    desk.publish(made)
    return made


def conflicts(desk: Desk, who: str = LOCAL, **asked: str) -> Any:
    query = "&".join(f"filter[{name}]={value}" for name, value in asked.items())
    return desk.done(who, "GET", f"/conflicts?{query}")


def resolve(desk: Desk, found: Any, **said: Any) -> Any:
    return desk.ask(LOCAL, "POST", f"/conflicts/{found['id']}/resolve", said, If_Match=found["etag"])


def test_a_new_base_opens_a_conflict_of_the_fields_that_both_changed(house: House, desk: Desk, path: str) -> None:
    lay_over(desk, path, {"title": "Ours", "summary": "Our summary.", "facts": {"price": {"text": "Free"}}})
    renew(desk, path, summary="New summary.", facts={"price": {"text": "100"}}, seo={"title": "Light"})
    [found] = conflicts(desk, open="true")
    assert (found["clinic"], found["base_was"], found["base_is"]) == ("demo-south", 1, 2)
    assert found["paths"] == ["facts.price.text", "summary"]
    assert desk.done(LOCAL, "GET", there(path))["conflicts"] == [found["id"]]
    told = desk.done(LOCAL, "GET", f"/conflicts/{found['id']}")
    assert told["changes"][0] == {
        "path": "facts.price.text", "pointer": "/document/facts/price/text", "base_was": "Ask us", "base_is": "100",
        "clinic": "Free",
    }  # fmt: skip
    assert seen(house)["summary"] == "Our summary." and seen(house)["revision"] == 2


def test_a_conflict_is_resolved_field_by_field_and_what_is_taken_becomes_a_draft(
    house: House, desk: Desk, path: str
) -> None:
    lay_over(desk, path, {"title": "Ours", "summary": "Our summary."})
    renew(desk, path, title="New title", summary="New summary.")
    [found] = conflicts(desk)
    assert code(resolve(desk, found, keep=["title"])) == (422, ["required"])
    assert code(resolve(desk, found, keep=["title", "summary"], take=["title"])) == (422, ["contradiction"])
    assert code(resolve(desk, found, keep=["title", "kind"], take=["summary"])) == (422, ["not_allowed"])
    assert desk.ask(LOCAL, "POST", f"/conflicts/{found['id']}/resolve", {"keep": []}).status_code == 428
    assert desk.ask("author@demo-south", "POST", f"/conflicts/{found['id']}/resolve",
                    {"keep": ["title", "summary"]}, If_Match=found["etag"]).status_code == 403  # fmt: skip
    done = resolve(desk, found, keep=["title"], take=["/document/summary"])
    assert done.status_code == 200, done.text
    assert (done.json["data"]["resolution"], done.json["data"]["draft"]) == ("mixed", 2)
    told = desk.done(LOCAL, "GET", there(path))
    assert (told["state"], told["patch"], told["conflicts"]) == ("draft", {"title": "Ours"}, [])
    assert seen(house)["summary"] == "Our summary."
    again = resolve(desk, done.json["data"], keep=["title", "summary"])
    assert code(again) == (409, ["already_resolved"])
    assert conflicts(desk, open="true") == [] and len(conflicts(desk, open="false")) == 1


def test_a_conflict_whose_words_are_all_kept_just_closes(desk: Desk, path: str) -> None:
    lay_over(desk, path, {"title": "Ours"})
    renew(desk, path, title="New title")
    [found] = conflicts(desk)
    assert resolve(desk, found, keep=["title"]).json["data"]["draft"] is None
    renew(desk, path, summary="Another thing.")
    assert conflicts(desk, open="true") == []


def test_a_change_elsewhere_opens_nothing_and_a_second_change_tells_of_both(desk: Desk, path: str) -> None:
    lay_over(desk, path, {"title": "Ours", "summary": "Our summary."})
    renew(desk, path, seo={"title": "Light"})
    assert conflicts(desk) == []
    renew(desk, path, title="Second")
    renew(desk, path, summary="Third.")
    [found] = conflicts(desk, open="true")
    assert (found["base_was"], found["base_is"], found["paths"]) == (2, 4, ["summary", "title"])
    renew(desk, path, title="Light therapy", summary="What light may do for skin.")
    assert conflicts(desk, open="true") == []


def test_a_pinned_clinic_is_asked_when_it_follows_again(desk: Desk, path: str) -> None:
    lay_over(desk, path, {"title": "Ours"})
    place = there(path)
    desk.done(LOCAL, "GET", place)
    desk.move(LOCAL, place, "pin")
    renew(desk, path, title="Second")
    renew(desk, path, title="Third")
    assert conflicts(desk) == []
    desk.move(LOCAL, place, "follow")
    [found] = conflicts(desk)
    assert (found["base_was"], found["base_is"]) == (1, 3)


def test_a_draft_that_nobody_published_is_in_conflict_too_and_delete_ends_it(desk: Desk, path: str) -> None:
    place = there(path)
    desk.done(LOCAL, "GET", place)
    desk.done(LOCAL, "PUT", place, {"document": {"title": "Ours"}})
    renew(desk, path, title="Second")
    assert len(conflicts(desk, open="true")) == 1
    desk.done(LOCAL, "DELETE", place)
    assert conflicts(desk, open="true") == []


def test_a_planned_base_opens_its_conflict_when_it_comes(house: House, desk: Desk, path: str) -> None:
    lay_over(desk, path, {"title": "Ours"})
    desk.done("author", "PATCH", path, {"document": {"title": "Second"}})
    desk.publish(path, at="2026-11-01T09:00:00Z")
    assert conflicts(desk) == []
    house.at(3600)
    desk.create("another-topic")
    desk.publish("/entries/topic/" + desk.done("editor", "GET", "/entries/topic?q=another-topic")[0]["id"])
    assert len(conflicts(desk)) == 1


def test_another_clinics_conflict_is_as_if_it_never_was(desk: Desk, path: str) -> None:
    lay_over(desk, path, {"title": "Ours"})
    renew(desk, path, title="Second")
    [found] = conflicts(desk)
    other = "editor@demo-north"
    assert conflicts(desk, other) == []
    assert desk.ask(other, "GET", "/conflicts?filter[clinic]=demo-south").status_code == 404
    never = desk.ask(other, "GET", "/conflicts/cnf_0000000").json["detail"]
    for method, rest, body in (("GET", "", None), ("POST", "/resolve", {"keep": ["title"]})):
        reply = desk.ask(other, method, f"/conflicts/{found['id']}{rest}", body, If_Match=found["etag"])
        assert (reply.status_code, reply.json["detail"]) == (404, never)


def test_publishing_beneath_many_overlays_asks_no_more_of_the_database_than_beneath_few(house: House) -> None:
    asked: list[str] = []

    def counted(few: int) -> int:
        text = _live_beneath(house, f"topic-{few}", few)
        with writing(house.database, OPERATOR) as work:
            variant = the_text(work, text)
            entries.revise(work, variant, f"topic-{few}", a_topic(title="Second"))
        move(house.database, "submit", text, "author")
        move(house.database, "approve", text, "medical_reviewer")
        asked.clear()
        with writing(house.database, OPERATOR) as work:
            publishing.publish(work, the_text(work, text))
            work.endings.clear()  # The read model's rows are one for each clinic; they are counted elsewhere.
            work.flush()
            return len(asked)

    note: Callable[..., None] = lambda *said: asked.append(said[2])  # noqa: E731
    event.listen(house.database.writer, "before_cursor_execute", note)
    try:
        assert counted(1) >= counted(12)
    finally:
        event.remove(house.database.writer, "before_cursor_execute", note)


def _live_beneath(house: House, slug: str, many: int) -> Variant:
    text = a_live_topic(house.database, slug)
    with writing(house.database, OPERATOR) as work:
        for number in range(many):
            overlays.overlay(work, the_text(work, text).entry, f"cln_{slug}{number}", "en", {"title": f"Ours {number}"})
    return text
