"""Overlays: a clinic's wording on a library text, its hides and pins, and what a new base does to them."""

from __future__ import annotations

from typing import Any

import pytest

from api.errors import CmsError
from api.models import Entry, Variant
from api.services.overlays import overlays
from tests.builders import a_live_topic, a_section, a_topic, clinic_id, move, publish_text, revise, writing_as
from tests.conftest import House

SLUG = "light-therapy"
FACTS = [{"key": "price", "label": "Price", "text": "Ask us"}]


def seen(house: House, clinic: str) -> dict[str, Any] | None:
    reply = house.get(f"{clinic}/topics/{SLUG}?locale=en")
    return reply.json["data"] if reply.status_code == 200 else None


def titles(house: House) -> list[str | None]:
    """What demo-south and demo-north call the topic."""
    return [found["title"] if (found := seen(house, clinic)) else None for clinic in ("demo-south", "demo-north")]


def lay_over(house: House, text: Variant, patch: dict[str, Any], locale: str = "en") -> Variant:
    """What demo-north changes, published."""
    scope = clinic_id(house.database, "demo-north")
    with writing_as(house.database, "editor", "local") as work:
        made = overlays.overlay(work, work.session.get_one(Entry, text.entry_id), scope, locale, patch)
    publish_text(house.database, made)
    return made


def switch(house: House, name: str, text: Variant, *locale: str, clinic: str = "demo-north") -> None:
    """hide, show, pin or follow."""
    scope = clinic_id(house.database, clinic)
    with writing_as(house.database, "editor") as work:
        getattr(overlays, name)(work, work.session.get_one(Entry, text.entry_id), scope, *locale)


def publish_again(house: House, text: Variant, **changed: Any) -> None:
    revise(house.database, text, a_topic(facts=FACTS, **changed))
    publish_text(house.database, text)


@pytest.fixture
def text(house: House) -> Variant:
    return a_live_topic(house.database, SLUG, a_topic(facts=FACTS))


def test_an_overlay_changes_one_clinic_and_says_so(house: House, text: Variant) -> None:
    made = lay_over(house, text, {"title": "Ours", "facts": {"price": {"text": "Free"}}})
    assert titles(house) == ["Light therapy", "Ours"]
    ours, theirs = seen(house, "demo-north"), seen(house, "demo-south")
    assert ours and theirs
    assert (ours["revision"], ours["overlay_revision"], theirs["overlay_revision"]) == (1, 1, None)
    assert [each["text"] for each in ours["facts"]] == ["Free"]
    assert made.scope == clinic_id(house.database, "demo-north")


def test_an_overlay_is_reviewed_but_needs_no_doctor(house: House, text: Variant) -> None:
    with writing_as(house.database, "editor", "local") as work:
        entry = work.session.get_one(Entry, text.entry_id)
        made = overlays.overlay(work, entry, clinic_id(house.database, "demo-north"), "en", {"title": "Ours"})
    assert move(house.database, "submit", made, "author").state == "in_review"
    with pytest.raises(CmsError, match="Somebody else"):
        move(house.database, "approve", made, "editor", "local")
    assert titles(house) == ["Light therapy", "Light therapy"]


@pytest.mark.parametrize(
    ("patch", "pointer"),
    [
        ({"sections": {"overview": {"body": "Safe for all."}}}, "/document/sections"),
        ({"facts": {"numbing": {"text": "None"}}}, "/document/facts/numbing"),
        ({"kind": "condition"}, "/document/kind"),
    ],
)
def test_a_locked_field_is_refused_by_name(house: House, text: Variant, patch: dict[str, Any], pointer: str) -> None:
    with pytest.raises(CmsError) as error:
        lay_over(house, text, patch)
    assert [(each["pointer"], each["code"]) for each in error.value.faults] == [(pointer, "locked_field")]


def test_a_patch_that_breaks_the_text_is_refused(house: House, text: Variant) -> None:
    for patch in ({"title": None}, {"summary": ""}, {"position": "first"}):
        with pytest.raises(CmsError) as error:
            lay_over(house, text, patch)
        assert error.value.code == "invalid_content"


def test_a_new_base_is_live_at_once_under_a_following_overlay(house: House, text: Variant) -> None:
    lay_over(house, text, {"title": "Ours"})
    publish_again(house, text, summary="New summary.")
    ours = seen(house, "demo-north")
    assert ours and (ours["title"], ours["summary"], ours["revision"]) == ("Ours", "New summary.", 2)


def test_a_new_base_without_the_patched_part_still_goes_live(house: House, text: Variant) -> None:
    lay_over(house, text, {"title": "Ours", "facts": {"price": {"text": "Free"}}})
    revise(house.database, text, a_topic(facts=[]))
    publish_text(house.database, text)
    ours = seen(house, "demo-north")
    assert ours and (ours["title"], ours["facts"]) == ("Ours", [])


def test_a_hidden_topic_is_nowhere_at_the_clinic_and_returns_when_shown(house: House, text: Variant) -> None:
    switch(house, "hide", text)
    assert titles(house) == ["Light therapy", None]
    listed = house.data("demo-north/topics?locale=en&page[size]=100")["data"]
    assert SLUG not in [each["slug"] for each in listed]
    switch(house, "show", text)
    assert titles(house) == ["Light therapy", "Light therapy"]


def test_a_pin_holds_on_to_a_base_and_follow_lets_it_go(house: House, text: Variant) -> None:
    switch(house, "pin", text, "en")
    publish_again(house, text, title="Second")
    assert titles(house) == ["Second", "Light therapy"]
    switch(house, "follow", text, "en")
    assert titles(house) == ["Second", "Second"]


def test_what_is_not_live_can_not_be_pinned(house: House, text: Variant) -> None:
    move(house.database, "unpublish", text, "publisher")
    with pytest.raises(CmsError, match="not live"):
        switch(house, "pin", text, "en")


def test_a_withdrawn_base_goes_in_every_clinic_overlaid_or_pinned(house: House, text: Variant) -> None:
    lay_over(house, text, {"title": "Ours"})
    switch(house, "pin", text, "en", clinic="demo-south")
    move(house.database, "withdraw", text, "publisher")
    for clinic in ("demo-south", "demo-north"):
        assert house.get(f"{clinic}/topics/{SLUG}?locale=en").status_code == 410


def test_a_withdrawn_text_does_not_come_back_by_a_pin_when_a_better_one_does(house: House, text: Variant) -> None:
    switch(house, "pin", text, "en")
    move(house.database, "withdraw", text, "publisher")
    move(house.database, "restore", text, "editor")
    revise(house.database, text, a_topic(title="Corrected", sections=[a_section("risks")]))
    publish_text(house.database, text)
    assert titles(house) == ["Corrected", "Corrected"]


def test_a_withdrawn_overlay_is_gone_at_its_clinic_alone(house: House, text: Variant) -> None:
    move(house.database, "withdraw", lay_over(house, text, {"title": "Ours"}), "publisher")
    assert titles(house) == ["Light therapy", None]
    assert house.get(f"demo-north/topics/{SLUG}?locale=en").status_code == 410


def test_an_unpublished_overlay_gives_the_library_text_again(house: House, text: Variant) -> None:
    move(house.database, "unpublish", lay_over(house, text, {"title": "Ours"}), "publisher")
    assert titles(house) == ["Light therapy", "Light therapy"]


def test_an_overlay_needs_a_library_text_of_its_language(house: House, text: Variant) -> None:
    with pytest.raises(CmsError) as error:
        lay_over(house, text, {"title": "Nuestro"}, locale="es")
    assert error.value.faults[0]["code"] == "no_base"
