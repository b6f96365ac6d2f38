"""Releases tried out: which pages, clinics, languages and tags they touch, and what stands against them."""

from __future__ import annotations

import pytest

from tests.builders import a_topic, publications
from tests.conftest import House
from tests.managing import Desk
from tests.releasing import approved, codes, item, public, released

pytestmark = pytest.mark.either

NINE = "2026-11-01T09:00:00Z"


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def test_two_texts_that_readers_would_meet_under_one_slug_are_refused(house: House, desk: Desk) -> None:
    shared, own = approved(desk, "light"), approved(desk, "light", clinic="demo-south")
    release = released(desk, shared, own)
    seen = desk.done("publisher", "GET", f"{release}/simulate")
    assert {each["code"] for each in seen["blockers"]} == {"slug_taken"} and not seen["possible"]
    refused = desk.ask("publisher", "POST", f"{release}/moves/publish", {})
    assert {code for code, _ in codes(refused)} == {"slug_taken"}


def test_simulation_tells_pages_clinics_tags_and_dangling_references_and_writes_nothing(
    house: House, desk: Desk
) -> None:
    other = desk.create("light-two")
    path = approved(desk, "light-one", document=a_topic(related=[item(other)]))
    release = released(desk, path)
    before = len(publications(house.database))
    seen = desk.done("editor", "GET", f"{release}/simulate?at={NINE}")
    assert seen["possible"] and seen["blockers"] == [] and seen["at"] == NINE
    assert seen["clinics"] == ["demo-north", "demo-private", "demo-south"] and seen["locales"] == ["en"]
    south = next(each for each in seen["pages"] if each["clinic"] == "demo-south")
    assert (south["change"], south["was"]) == ("new", None)
    assert south["api"] == "/v1/clinics/demo-south/topics/light-one?locale=en"
    assert south["path"].endswith("light-one") and south["url"].endswith(south["path"])
    entry_id = path.split("/")[-1]
    assert seen["tags"] == [f"e:{entry_id}", "l:library:topic"]
    assert [each["code"] for each in seen["items"][0]["warnings"]] == ["reference_not_live"]
    assert len(publications(house.database)) == before and public(house, "light-one") == 404
    past = desk.ask("editor", "GET", f"{release}/simulate?at=2026-11-01T07:00:00Z")
    assert (past.status_code, past.json["errors"][0]["code"]) == (400, "past")
    together = released(desk, path, other)
    assert desk.done("editor", "GET", f"{together}/simulate")["items"][0]["warnings"] == []


def test_simulation_tells_which_page_moves_and_which_stays_as_it_is(house: House, desk: Desk) -> None:
    path = desk.create("light-one")
    desk.publish(path)
    desk.done("author", "PATCH", path, {"slug": "light-new"})
    desk.move("author", path, "submit")
    desk.move("editor", path, "approve")
    desk.publish(desk.create("other"))
    seen = desk.done("publisher", "GET", f"{released(desk, path)}/simulate")
    south = next(each for each in seen["pages"] if each["clinic"] == "demo-south")
    assert (south["change"], south["was"].split("/")[-1], south["path"].split("/")[-1]) == (
        "moved", "light-one", "light-new",
    )  # fmt: skip


def test_a_slug_that_shows_already_is_told_beforehand_and_refused(house: House, desk: Desk) -> None:
    desk.publish(desk.create("light", clinic="demo-north"))
    shared = released(desk, approved(desk, "light"), approved(desk, "other"))
    [told] = desk.done("publisher", "GET", f"{shared}/simulate")["blockers"]
    assert (told["code"], told["pointer"]) == ("slug_taken", "/items/0")
    assert codes(desk.ask("publisher", "POST", f"{shared}/moves/publish", {})) == [("slug_taken", told["id"])]
    own = released(desk, approved(desk, "light", clinic="demo-south"))
    assert desk.done("publisher", "GET", f"{own}/simulate")["possible"]
    assert desk.move("publisher", own, "publish")["state"] == "live"
