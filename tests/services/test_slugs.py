"""Slugs: held from the first draft, unique where readers would meet both, and never lost once public."""

from __future__ import annotations

import datetime as dt

import pytest

from api.errors import CmsError
from api.models import Entry, Variant
from api.rules.permissions import OPERATOR
from api.services.house.redirects import create as make_redirect
from api.services.overlays import overlays
from api.services.published import rebuild
from api.services.texts import entries
from tests.builders import (
    a_live_topic,
    a_topic,
    approve_text,
    clinic_id,
    create,
    entry_id,
    move,
    publish_text,
    revise,
    writing_as,
)
from tests.conftest import NOW, House

SLUG = "light-therapy"


def codes(error: pytest.ExceptionInfo[CmsError]) -> list[str]:
    return [each["code"] for each in error.value.extra["blockers"]]


def renamed(house: House, to: str = "lamp-therapy") -> Variant:
    """A live topic that had another slug before."""
    text = a_live_topic(house.database, SLUG)
    revise(house.database, text, a_topic(), slug=to)
    publish_text(house.database, text)
    return text


def translated(house: House, text: Variant, slug: str) -> Variant:
    """The same topic in Spanish, as a draft."""
    with writing_as(house.database, "author") as work:
        entry = work.session.get_one(Entry, text.entry_id)
        return entries.translate(work, entry, "es", slug, a_topic(title="Terapia de luz"))


def redirects(house: House) -> dict[str, str]:
    return {each["from"]: each["to"] for each in house.data("demo-south/redirects")["data"]}


def test_a_draft_holds_its_slug(house: House) -> None:
    create(house.database, SLUG)
    with pytest.raises(CmsError) as error:
        create(house.database, SLUG)
    assert (error.value.code, codes(error)) == ("conflict", ["slug_taken"])


def test_a_slug_that_a_draft_gave_up_is_free_again(house: House) -> None:
    revise(house.database, create(house.database, SLUG), a_topic(), slug="lamp-therapy")
    create(house.database, SLUG)


def test_a_slug_is_free_in_another_type_and_in_another_scope(house: House) -> None:
    create(house.database, SLUG)
    create(house.database, SLUG, {"title": "Light", "summary": "What lamps give."}, kind="term")
    create(house.database, SLUG, scope=clinic_id(house.database, "demo-south"))


@pytest.mark.parametrize("slug", ["Light", "a b", "-a", "a--b", "", "ä", "a" * 97])
def test_a_slug_that_is_none_is_refused(shared_house: House, slug: str) -> None:
    with pytest.raises(CmsError) as error:
        create(shared_house.database, slug)
    assert error.value.faults[0]["pointer"] == "/slug"


def test_a_former_slug_leads_to_the_text_as_it_is_called_now(house: House) -> None:
    renamed(house)
    reply = house.data(f"demo-south/topics/{SLUG}")
    assert reply["data"]["slug"] == "lamp-therapy"


def test_redirects_tell_of_a_former_slug_and_drop_it_when_it_is_used_again(house: House) -> None:
    renamed(house)
    assert redirects(house)[f"/treatments/{SLUG}"] == "/treatments/lamp-therapy"
    newer = a_live_topic(house.database, SLUG)
    assert house.data(f"demo-south/topics/{SLUG}")["data"]["id"] == newer.entry_id
    resolved = house.data(f"demo-south/resolve?path=/treatments/{SLUG}")["data"]
    assert (resolved["kind"], resolved["item"]["id"]) == ("item", newer.entry_id)
    assert f"/treatments/{SLUG}" not in redirects(house)


def test_an_old_path_that_leads_to_a_former_slug_ends_at_the_text_as_it_is_called_now(house: House) -> None:
    renamed(house)
    with writing_as(house.database, "admin") as work:
        for start, end in (("/light", "/way"), ("/way", f"/treatments/{SLUG}")):
            make_redirect(work, "demo-south", {"from": start, "to": end, "status": 302})
    for start in ("/light", "/way"):
        told = house.data(f"demo-south/resolve?path={start}")["data"]
        assert (told["to"], told["status"]) == ("/treatments/lamp-therapy", 302)
        assert redirects(house)[start] == told["to"]


def test_an_old_path_leads_to_the_text_though_a_redirect_was_written_from_its_new_one(house: House) -> None:
    text = a_live_topic(house.database, SLUG)
    with writing_as(house.database, "admin") as work:
        for start, end in (("/treatments/lamp-therapy", f"/treatments/{SLUG}"), ("/lamp", "/treatments/lamp-therapy")):
            make_redirect(work, "demo-south", {"from": start, "to": end})
    assert redirects(house)["/lamp"] == f"/treatments/{SLUG}"
    revise(house.database, text, a_topic(), slug="lamp-therapy")
    publish_text(house.database, text)
    for start in ("/lamp", f"/treatments/{SLUG}"):
        assert house.data(f"demo-south/resolve?path={start}")["data"]["to"] == "/treatments/lamp-therapy"
        assert redirects(house)[start] == "/treatments/lamp-therapy"
    assert "/treatments/lamp-therapy" not in redirects(house)


@pytest.mark.parametrize("start", ["/", "/treatments", "/concerns/acne-scars", "/treatments/mesotherapy"])
def test_what_stands_under_a_path_comes_before_a_redirect_in_both_answers(house: House, start: str) -> None:
    with writing_as(house.database, "admin") as work:
        make_redirect(work, "demo-south", {"from": start, "to": "/elsewhere"})
    assert house.data(f"demo-south/resolve?path={start}")["data"]["kind"] in ("home", "list", "item")
    assert start not in redirects(house)


def test_a_slug_taken_back_is_no_redirect_to_itself(house: House) -> None:
    text = renamed(house)
    revise(house.database, text, a_topic(), slug=SLUG)
    publish_text(house.database, text)
    assert redirects(house).get(f"/treatments/{SLUG}") is None
    assert house.data("demo-south/topics/lamp-therapy")["data"]["slug"] == SLUG


@pytest.mark.parametrize("library_first", [True, False])
def test_library_and_clinic_may_draft_one_slug_but_readers_meet_one_text(house: House, library_first: bool) -> None:
    own = create(house.database, SLUG, scope=clinic_id(house.database, "demo-south"))
    shared = create(house.database, SLUG)
    first, second = (shared, own) if library_first else (own, shared)
    publish_text(house.database, first)
    approve_text(house.database, second)
    with pytest.raises(CmsError) as error:
        move(house.database, "publish", second, "publisher")
    assert codes(error) == ["slug_taken"]


def test_a_planned_text_counts_as_a_reader_will_meet_it(house: House) -> None:
    own = create(house.database, SLUG, scope=clinic_id(house.database, "demo-south"))
    publish_text(house.database, own, at=dt.datetime.fromtimestamp(NOW + 60, dt.UTC))
    shared = create(house.database, SLUG)
    approve_text(house.database, shared)
    with pytest.raises(CmsError) as error:
        move(house.database, "publish", shared, "publisher")
    assert codes(error) == ["slug_taken"]


def test_two_clinics_may_use_one_slug(house: House) -> None:
    for slug in ("demo-south", "demo-north"):
        a_live_topic(house.database, SLUG, a_topic(title=slug), clinic_id(house.database, slug))
    for slug in ("demo-south", "demo-north"):
        assert house.data(f"{slug}/topics/{SLUG}?locale=en")["data"]["title"] == slug


def test_a_planned_change_of_slug_is_followed_even_when_the_ended_row_is_dropped(house: House) -> None:
    text = a_live_topic(house.database, SLUG)
    revise(house.database, text, a_topic(), slug="lamp-therapy")
    publish_text(house.database, text, at=dt.datetime.fromtimestamp(NOW + 60, dt.UTC))
    assert house.data(f"demo-south/topics/{SLUG}")["data"]["slug"] == SLUG
    house.at(60)
    assert house.data("demo-south/topics/lamp-therapy")["data"]["slug"] == "lamp-therapy"
    a_live_topic(house.database, "a-publication")
    rebuild.everything(house.database, OPERATOR)
    assert house.data(f"demo-south/topics/{SLUG}")["data"]["slug"] == "lamp-therapy"
    assert redirects(house)[f"/treatments/{SLUG}"] == "/treatments/lamp-therapy"


def test_a_slug_that_went_live_by_plan_is_held_before_anyone_counted_it(house: House) -> None:
    text = a_live_topic(house.database, SLUG)
    revise(house.database, text, a_topic(), slug="lamp-therapy")
    publish_text(house.database, text, at=dt.datetime.fromtimestamp(NOW + 60, dt.UTC))
    house.at(61)
    revise(house.database, text, a_topic(), slug="third-name")
    with pytest.raises(CmsError) as error:
        create(house.database, "lamp-therapy")
    assert codes(error) == ["slug_taken"]


def test_a_former_slug_stays_one_while_a_draft_wants_it_back(house: House) -> None:
    text = renamed(house)
    revise(house.database, text, a_topic(), slug=SLUG)
    assert house.data(f"demo-south/topics/{SLUG}")["data"]["slug"] == "lamp-therapy"
    assert redirects(house)[f"/treatments/{SLUG}"] == "/treatments/lamp-therapy"
    with pytest.raises(CmsError) as error:
        create(house.database, SLUG)
    assert codes(error) == ["slug_taken"]


@pytest.mark.parametrize("planned", [True, False])
def test_an_unpublished_texts_slug_leads_to_the_language_that_stands_in(house: House, planned: bool) -> None:
    text = a_live_topic(house.database, SLUG)
    spanish = translated(house, text, "terapia-de-luz")
    if planned:
        publish_text(house.database, spanish, until=dt.datetime.fromtimestamp(NOW + 60, dt.UTC))
        house.at(60)
    else:
        publish_text(house.database, spanish)
        assert house.data("demo-south/topics/terapia-de-luz?locale=es")["meta"]["locale"]["fallback"] is False
        move(house.database, "unpublish", spanish, "publisher")
    asked = "demo-south/topics/terapia-de-luz?locale=es"
    reply = house.data(asked)
    assert (reply["data"]["slug"], reply["meta"]["locale"]["served"]) == (SLUG, "en")
    alone = house.get(f"{asked}&fallback=none")
    assert (alone.status_code, alone.json["code"], alone.json["available_locales"]) == (404, "not_in_locale", ["en"])
    assert "/es/tratamientos/terapia-de-luz" not in redirects(house)
    assert house.get("demo-south/resolve?path=/es/tratamientos/terapia-de-luz").status_code == 404


def test_a_draft_translations_slug_leads_nowhere(house: House) -> None:
    translated(house, a_live_topic(house.database, SLUG), "terapia-de-luz")
    assert house.get("demo-south/topics/terapia-de-luz?locale=es").status_code == 404


def test_a_draft_slug_leads_nowhere(house: House) -> None:
    revise(house.database, a_live_topic(house.database, SLUG), a_topic(), slug="lamp-therapy")
    assert house.get("demo-south/topics/lamp-therapy").status_code == 404


def test_a_text_that_the_clinic_hides_holds_no_old_path(house: House) -> None:
    renamed(house)
    newer = a_live_topic(house.database, SLUG)
    with writing_as(house.database, "admin") as work:
        for start, end in (("/light", f"/treatments/{SLUG}"), ("/other", "/treatments/mesotherapy"),
                           ("/treatments/mesotherapy", "/elsewhere")):  # fmt: skip
            make_redirect(work, "demo-south", {"from": start, "to": end})
    assert redirects(house)["/light"] == f"/treatments/{SLUG}"
    assert redirects(house)["/other"] == "/treatments/mesotherapy"
    with writing_as(house.database, "editor") as work:
        clinic = clinic_id(house.database, "demo-south")
        for hidden in (newer.entry_id, entry_id(house.database, "mesotherapy")):
            overlays.hide(work, work.session.get_one(Entry, hidden), clinic)
    for start, end in ((f"/treatments/{SLUG}", "/treatments/lamp-therapy"), ("/light", "/treatments/lamp-therapy"),
                       ("/treatments/mesotherapy", "/elsewhere"), ("/other", "/elsewhere")):  # fmt: skip
        told = house.get(f"demo-south/resolve?path={start}")
        assert told.status_code == 200 and told.json["data"]["to"] == end, (start, told.text)
        assert redirects(house).get(start) == end


def test_a_new_slug_holds_no_path_at_a_clinic_that_holds_on_to_the_text_before(house: House) -> None:
    text = a_live_topic(house.database, SLUG)
    with writing_as(house.database, "editor") as work:
        overlays.pin(work, work.session.get_one(Entry, text.entry_id), clinic_id(house.database, "demo-south"), "en")
    revise(house.database, text, a_topic(), slug="lamp-therapy")
    publish_text(house.database, text)
    with writing_as(house.database, "admin") as work:
        for start, end in (("/lamp", "/treatments/lamp-therapy"), ("/treatments/lamp-therapy", "/elsewhere")):
            make_redirect(work, "demo-south", {"from": start, "to": end})
    assert house.data(f"demo-south/resolve?path=/treatments/{SLUG}")["data"]["kind"] == "item"
    for start in ("/lamp", "/treatments/lamp-therapy"):
        assert house.data(f"demo-south/resolve?path={start}")["data"]["to"] == "/elsewhere"
        assert redirects(house)[start] == "/elsewhere"


def test_a_slug_that_two_texts_had_leads_everywhere_to_the_one_that_had_it_last(house: House) -> None:
    for number in range(4):
        for name in ("first", "last"):
            text = a_live_topic(house.database, f"old-{number}")
            revise(house.database, text, a_topic(title=name), f"{name}-{number}")
            publish_text(house.database, text)
            house.at(2 * number + (1 if name == "first" else 2))
    for number in range(4):
        path = f"/treatments/old-{number}"
        assert house.data(f"demo-south/topics/old-{number}")["data"]["slug"] == f"last-{number}"
        assert house.data(f"demo-south/resolve?path={path}")["data"]["to"] == f"/treatments/last-{number}"
        assert redirects(house)[path] == f"/treatments/last-{number}"


def test_a_slug_leads_to_a_text_that_is_live_though_one_that_is_withdrawn_had_it_later(house: House) -> None:
    texts = []
    for name in ("first", "last"):
        texts.append(a_live_topic(house.database, "old"))
        revise(house.database, texts[-1], a_topic(title=name), name)
        publish_text(house.database, texts[-1])
        house.at(len(texts))
    move(house.database, "withdraw", texts[1], "publisher", reason="Replaced.")
    assert house.data("demo-south/topics/old")["data"]["slug"] == "first"
    assert redirects(house)["/treatments/old"] == "/treatments/first"
