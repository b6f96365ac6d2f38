"""Releases over HTTP: many texts go live together or not at all, are tried out before, and are taken back together."""

from __future__ import annotations

import pytest

from tests.builders import a_topic, publications
from tests.conftest import House
from tests.managing import Desk
from tests.releasing import approved, codes, item, public, released

pytestmark = pytest.mark.either

NINE = "2026-11-01T09:00:00Z"
"""An hour after NOW."""


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def test_all_go_live_at_one_instant(house: House, desk: Desk) -> None:
    paths = [approved(desk, f"light-{number}") for number in range(3)]
    release = released(desk, *paths)
    assert [public(house, f"light-{number}") for number in range(3)] == [404] * 3
    before = len(publications(house.database))
    told = desk.move("publisher", release, "publish")
    assert (told["state"], told["at"], told["moves"]) == ("live", "2026-11-01T08:00:00Z", ["revert"])
    assert [each["live_revision"] for each in told["items"]] == [1, 1, 1]
    assert [public(house, f"light-{number}") for number in range(3)] == [200] * 3
    new = publications(house.database)[before:]
    assert len(new) == 3 and len({each.at for each in new}) == 1


def test_one_that_is_not_ready_keeps_all_back_and_each_is_told_why(house: House, desk: Desk) -> None:
    ready, draft = approved(desk, "light-one"), desk.create("light-two")
    gone = approved(desk, "light-three")
    desk.move("publisher", gone, "publish")
    desk.move("publisher", gone, "withdraw")
    release = released(desk, ready, draft, gone)
    refused = desk.ask("publisher", "POST", f"{release}/moves/publish", {})
    assert {code for code, _ in codes(refused)} == {"wrong_state", "medical_approval_missing", "approval_missing",
                                                    "withdrawn"}  # fmt: skip
    assert {each for _, each in codes(refused)} == {draft.split("/")[-1], gone.split("/")[-1]}
    assert public(house, "light-one") == 404
    assert desk.done("publisher", "GET", release)["state"] == "draft"


def test_a_schedule_is_exact_when_read_without_any_worker(house: House, desk: Desk) -> None:
    paths = [approved(desk, f"light-{number}") for number in range(2)]
    release = released(desk, *paths, at=NINE)
    told = desk.move("publisher", release, "publish")
    assert (told["state"], told["at"]) == ("scheduled", NINE)
    house.at(3599)
    assert [public(house, f"light-{number}") for number in range(2)] == [404, 404]
    assert desk.done("publisher", "GET", release)["state"] == "scheduled"
    house.at(3600)
    assert [public(house, f"light-{number}") for number in range(2)] == [200, 200]
    assert desk.done("publisher", "GET", release)["state"] == "live"
    listed = desk.done("publisher", "GET", "/releases?filter[state]=live")
    assert [each["state"] for each in listed] == ["live"]
    assert desk.done("publisher", "GET", "/releases?filter[state]=scheduled") == []


def test_null_publishes_now_whatever_was_planned(house: House, desk: Desk) -> None:
    release = released(desk, approved(desk, "light-one"), at=NINE)
    assert desk.move("publisher", release, "publish", at=None)["state"] == "live"
    assert public(house, "light-one") == 200


def test_a_planned_instant_that_has_passed_is_not_taken_for_now(house: House, desk: Desk) -> None:
    release = released(desk, approved(desk, "light-one"), at=NINE)
    house.at(7200)
    refused = desk.ask("publisher", "POST", f"{release}/moves/publish", {})
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/at")


def test_unscheduling_cancels_the_release_and_nothing_else(house: House, desk: Desk) -> None:
    path = approved(desk, "light-one")
    release = released(desk, path)
    desk.move("publisher", release, "publish", at=NINE)
    desk.done("publisher", "GET", path)
    desk.move("publisher", path, "publish", at=NINE, until="2026-11-01T10:00:00Z")
    assert desk.move("publisher", release, "unschedule")["state"] == "draft"
    planned = desk.done("publisher", "GET", path)["scheduled"]
    assert [(each["move"], each["at"]) for each in planned] == [("unpublish", "2026-11-01T10:00:00Z")]
    house.at(3600)
    assert public(house, "light-one") == 404


def test_at_its_instant_it_is_live_and_cannot_be_cancelled(house: House, desk: Desk) -> None:
    release = released(desk, approved(desk, "light-one"))
    desk.move("publisher", release, "publish", at=NINE)
    house.at(3600)
    assert codes(desk.ask("publisher", "POST", f"{release}/moves/unschedule", {})) == [("wrong_state", "")]
    assert desk.move("publisher", release, "revert")["state"] == "reverted"
    assert public(house, "light-one") == 404


@pytest.mark.parametrize("move", ["unschedule", "reject"])
def test_a_text_that_drops_out_halts_the_whole_release(house: House, desk: Desk, move: str) -> None:
    one, two = approved(desk, "light-one"), approved(desk, "light-two")
    release = released(desk, one, two)
    desk.move("publisher", release, "publish", at=NINE)
    desk.done("publisher", "GET", one)
    desk.move("publisher" if move == "unschedule" else "medical_reviewer", one, move, note="Not yet.")
    told = desk.done("publisher", "GET", release)
    assert (told["state"], told["at"]) == ("draft", NINE)
    assert desk.done("publisher", "GET", two)["scheduled"] == []
    house.at(3600)
    assert [public(house, each) for each in ("light-one", "light-two")] == [404, 404]


def test_a_release_that_was_halted_is_meant_for_its_instant_still_and_never_goes_live_by_accident(
    house: House, desk: Desk
) -> None:
    one, two = approved(desk, "light-one"), approved(desk, "light-two")
    release = released(desk, one, two, at=NINE)
    desk.move("publisher", release, "publish")
    [planned] = desk.done("publisher", "GET", one)["scheduled"]
    assert (planned["at"], planned["release"]) == (NINE, release.rpartition("/")[2])
    desk.move("publisher", one, "unschedule")
    desk.done("publisher", "GET", release)
    again = desk.move("publisher", release, "publish")
    assert (again["state"], again["at"], public(house, "light-one")) == ("scheduled", NINE, 404)
    desk.move("publisher", release, "unschedule")
    house.at(3600)
    refused = desk.ask("publisher", "POST", f"{release}/moves/publish", {})
    assert (refused.status_code, refused.json["errors"][0]["code"]) == (422, "past")
    assert desk.move("publisher", release, "publish", at=None)["state"] == "live"


def test_revert_brings_back_what_was_live_before(house: House, desk: Desk) -> None:
    old, new = desk.create("light-one"), approved(desk, "light-two")
    desk.publish(old)
    desk.done("author", "PATCH", old, {"document": {"title": "Changed"}})
    desk.move("author", old, "submit")
    desk.move("medical_reviewer", old, "approve")
    release = released(desk, old, new)
    assert [each["before"] for each in desk.done("publisher", "GET", release)["items"]] == [1, None]
    desk.move("publisher", release, "publish")
    assert house.data("demo-south/topics/light-one")["data"]["title"] == "Changed"
    told = desk.move("publisher", release, "revert")
    assert (told["state"], [each["before"] for each in told["items"]]) == ("reverted", [1, None])
    assert house.data("demo-south/topics/light-one")["data"]["title"] == "Light therapy"
    assert public(house, "light-two") == 404
    desk.move("publisher", release, "publish")
    assert house.data("demo-south/topics/light-one")["data"]["title"] == "Changed"


def test_revert_is_refused_where_something_has_moved_on(house: House, desk: Desk) -> None:
    one, two = approved(desk, "light-one"), approved(desk, "light-two")
    release = released(desk, one, two)
    desk.move("publisher", release, "publish")
    desk.done("publisher", "GET", two)
    desk.move("publisher", two, "unpublish")
    refused = desk.ask("publisher", "POST", f"{release}/moves/revert", {})
    assert codes(refused) == [("moved_on", two.split("/")[-1])]
    assert public(house, "light-one") == 200


def test_reverting_over_a_withdrawn_text_leaves_it_withdrawn(house: House, desk: Desk) -> None:
    path = approved(desk, "light-one")
    desk.move("publisher", path, "publish")
    desk.move("publisher", path, "withdraw", reason="Wrong dose.")
    desk.move("editor", path, "restore")
    desk.move("author", path, "submit")
    desk.move("medical_reviewer", path, "approve")
    release = released(desk, path)
    desk.move("publisher", release, "publish")
    assert public(house, "light-one") == 200
    desk.move("publisher", release, "revert")
    gone = house.get("demo-south/topics/light-one")
    assert (gone.status_code, gone.json["withdrawal"]["reason"]) == (410, "Wrong dose.")


def test_a_release_that_was_changed_meanwhile_is_not_published(house: House, desk: Desk) -> None:
    release = released(desk, approved(desk, "light-one"))
    tag = desk.etags[release]
    desk.done("publisher", "PATCH", release, {"title": "Winter"})
    stale = desk.ask("publisher", "POST", f"{release}/moves/publish", {}, If_Match=tag)
    assert (stale.status_code, stale.json["current"]["title"]) == (412, "Winter")
    del desk.etags[release]
    assert desk.ask("publisher", "POST", f"{release}/moves/publish", {}).status_code == 428


def test_items_are_replaced_whole_and_what_is_wrong_is_named(house: House, desk: Desk) -> None:
    one, two = approved(desk, "light-one"), approved(desk, "light-two")
    release = released(desk, one)
    told = desk.done("publisher", "PATCH", release, {"items": [item(two), item(one)]})
    assert [each["id"] for each in told["items"]] == [two.split("/")[-1], one.split("/")[-1]]
    told = desk.done("publisher", "PUT", release, {"title": "Winter", "items": [item(one, revision=1)]})
    assert (told["title"], [each["revision"] for each in told["items"]]) == ("Winter", [1])
    never = {"type": "topic", "id": "top_nobody00"}
    wrong = [item(one), item(one), item(two, revision=9), never, item(two, locale="es")]
    refused = desk.ask("publisher", "PATCH", release, {"items": wrong})
    assert refused.status_code == 422
    assert [(each["pointer"], each["code"]) for each in refused.json["errors"]] == [
        ("/items/1", "twice"), ("/items/2/revision", "invalid"), ("/items/3", "unknown_text"),
        ("/items/4", "unknown_text"),
    ]  # fmt: skip


def test_a_clinics_patch_of_a_library_text_goes_with_it(house: House, desk: Desk) -> None:
    path = desk.create("light-one")
    desk.publish(path)
    overlay = f"{path}/overlays/demo-south"
    desk.done("editor", "GET", overlay)
    desk.done("editor", "PUT", overlay, {"document": {"title": "Light, our way"}})
    desk.move("editor", overlay, "submit")
    desk.move("editor:second", overlay, "approve")
    release = released(desk, name="publisher@demo-south", clinic="demo-south", items=[item(path, clinic="demo-south")])
    seen = desk.done("publisher@demo-south", "GET", f"{release}/simulate")
    assert [(each["clinic"], each["change"]) for each in seen["pages"]] == [("demo-south", "changed")]
    told = desk.move("publisher@demo-south", release, "publish")
    assert [(each["clinic"], each["live_revision"]) for each in told["items"]] == [("demo-south", 1)]
    assert house.data("demo-south/topics/light-one")["data"]["overlay_revision"] == 1
    desk.move("publisher@demo-south", release, "revert")
    assert house.data("demo-south/topics/light-one")["data"]["overlay_revision"] is None


def test_a_patch_without_a_title_is_told_by_the_one_that_its_readers_would_see(house: House, desk: Desk) -> None:
    path = desk.create("light-one", a_topic(title="Light"))
    desk.publish(path)
    overlay = f"{path}/overlays/demo-south"
    desk.done("editor", "GET", overlay)
    desk.done("editor", "PUT", overlay, {"document": {"seo": {"title": "Light in town"}}})
    alone = released(desk, name="publisher@demo-south", clinic="demo-south", items=[item(path, clinic="demo-south")])

    def titles(release: str) -> list[str]:
        told, seen = (desk.done("publisher", "GET", f"{release}{more}")["items"] for more in ("", "/simulate"))
        assert [each["title"] for each in told] == [each["title"] for each in seen]
        return [each["title"] for each in told]

    assert titles(alone) == ["Light"]
    desk.done("author", "PATCH", path, {"document": {"title": "New light"}})
    both = released(desk, items=[item(path, clinic="demo-south"), item(path)])
    assert titles(alone) == ["Light"] and titles(both) == ["New light", "New light"]
    desk.move("editor", overlay, "pin")
    desk.publish(path)
    assert titles(both) == ["Light", "New light"] and titles(alone) == ["Light"]
    desk.done("editor", "PATCH", overlay, {"document": {"title": "Ours"}})
    newest = item(path, clinic="demo-south", revision=2)
    assert titles(released(desk, items=[newest])) == ["Ours"]


def test_drafts_are_deleted_and_what_went_live_is_not(house: House, desk: Desk) -> None:
    path = approved(desk, "light-one")
    release = released(desk, path)
    assert desk.done("publisher", "DELETE", release)["deleted"] is True
    assert desk.ask("publisher", "GET", release).status_code == 404
    release = released(desk, path)
    desk.move("publisher", release, "publish")
    assert codes(desk.ask("publisher", "DELETE", release)) == [("wrong_state", "")]
    assert codes(desk.ask("publisher", "PATCH", release, {"title": "Other"})) == [("wrong_state", "")]


def test_only_publishers_of_its_scope_move_it_and_others_do_not_see_it(house: House, desk: Desk) -> None:
    path = approved(desk, "light-one", clinic="demo-south")
    mine = released(desk, path, name="publisher@demo-south", clinic="demo-south")
    assert desk.ask("editor", "POST", f"{mine}/moves/publish", {}).status_code == 403
    assert desk.ask("editor", "POST", "/releases", {"title": "x", "items": []}).status_code == 403
    foreign = desk.ask("publisher@demo-north", "GET", mine)
    never = desk.ask("publisher@demo-north", "GET", "/releases/rel_00000000")
    assert foreign.status_code == never.status_code == 404 and foreign.json["detail"] == never.json["detail"]
    assert desk.done("publisher@demo-north", "GET", "/releases") == []
    assert desk.move("publisher@demo-south", mine, "publish")["state"] == "live"


def test_a_clinics_release_holds_only_its_own_texts_and_foreign_ones_read_as_unknown(
    house: House, desk: Desk
) -> None:
    shared, north = approved(desk, "light-one"), approved(desk, "light-two", clinic="demo-north")
    body = {"title": "x", "clinic": "demo-south", "items": [item(shared), item(north)]}
    asked = desk.ask("publisher@demo-south", "POST", "/releases", body)
    assert [each["code"] for each in asked.json["errors"]] == ["unknown_text", "unknown_text"]
    asked = desk.ask("publisher", "POST", "/releases", body)
    assert [each["code"] for each in asked.json["errors"]] == ["wrong_scope", "wrong_scope"]


def test_a_repeated_publish_with_its_key_happens_once(house: House, desk: Desk) -> None:
    release = released(desk, approved(desk, "light-one"))
    before = len(publications(house.database))
    sent = {"If_Match": desk.etags[release], "Idempotency_Key": "one"}
    replies = [desk.ask("publisher", "POST", f"{release}/moves/publish", {}, **sent) for _ in range(2)]
    assert [each.status_code for each in replies] == [200, 200] and replies[0].json == replies[1].json
    assert len(publications(house.database)) == before + 1


def test_lists_go_page_by_page_newest_first(house: House, desk: Desk) -> None:
    for number in range(3):
        house.at(number)
        released(desk, title=f"Number {number}")
    first = desk.ask("author", "GET", "/releases?page[size]=2").json
    assert [each["title"] for each in first["data"]] == ["Number 2", "Number 1"]
    second = desk.ask("author", "GET", first["links"]["next"].removeprefix("/v1/manage")).json
    assert [each["title"] for each in second["data"]] == ["Number 0"] and second["links"]["next"] is None
