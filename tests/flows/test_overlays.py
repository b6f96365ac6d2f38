"""Overlays over HTTP: a clinic's words on a library text, its hides and pins, and what a new base asks of it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import a_term, a_topic
from tests.conftest import House
from tests.managing import Desk

pytestmark = pytest.mark.either

FACTS = [{"key": "price", "label": "Price", "text": "Ask us"}, {"key": "pain", "label": "Pain", "text": "Little"}]
LOCAL = "editor@demo-south"


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


@pytest.fixture
def path(desk: Desk) -> str:
    """A live library topic."""
    made = desk.create("light-therapy", a_topic(facts=FACTS))
    desk.publish(made)
    return made


def there(path: str, clinic: str = "demo-south") -> str:
    return f"{path}/overlays/{clinic}"


def lay_over(desk: Desk, path: str, patch: dict[str, Any], clinic: str = "demo-south") -> Any:
    """What a clinic says, through review and live."""
    place, who = there(path, clinic), f"@{clinic}"
    desk.done(f"editor{who}", "GET", place)
    desk.done(f"editor{who}", "PUT", place, {"document": patch})
    desk.move(f"editor{who}", place, "submit")
    desk.move(f"editor:other{who}", place, "approve")
    return desk.move(f"publisher{who}", place, "publish")


def renew(desk: Desk, path: str, **changed: Any) -> None:
    """The library says something else."""
    desk.done("author", "PATCH", path, {"document": changed})
    desk.publish(path)


def seen(house: House, clinic: str = "demo-south") -> Any:
    return house.data(f"{clinic}/topics/light-therapy?locale=en")["data"]


def code(reply: Any) -> tuple[int, list[str]]:
    return reply.status_code, [each["code"] for each in reply.json.get("blockers", reply.json.get("errors", []))]


def test_a_clinic_lays_its_words_over_a_library_text_and_goes_through_its_own_review(
    house: House, desk: Desk, path: str
) -> None:
    place = there(path)
    before = desk.ask(LOCAL, "GET", place)
    assert before.status_code == 200 and before.headers["ETag"]
    told = before.json["data"]
    assert (told["state"], told["patch"], told["base"]["revision"]) == (None, {}, 1)
    assert told["document"]["title"] == "Light therapy" and told["moves"] == ["hide", "pin"]
    drafted = desk.done(LOCAL, "PUT", place, {"document": {"title": "Light, our way"}})
    assert (drafted["state"], drafted["document"]["title"]) == ("draft", "Light, our way")
    assert desk.move(LOCAL, place, "submit")["state"] == "in_review"
    assert desk.ask(LOCAL, "POST", f"{place}/moves/approve", {}).json["blockers"][0]["code"] == "own_text"
    assert desk.ask("author@demo-south", "POST", f"{place}/moves/approve", {}).status_code == 403
    assert desk.move("editor:other@demo-south", place, "approve")["state"] == "approved"
    live = desk.move("publisher@demo-south", place, "publish")
    assert live["state"] == "live" and live["publication"]["id"] > 0 and live["overlay_revision"] == 1
    assert seen(house)["title"] == "Light, our way" and seen(house, "demo-north")["title"] == "Light therapy"


def test_what_a_clinic_says_is_patched_and_null_gives_the_librarys_word_back(desk: Desk, path: str) -> None:
    place = there(path)
    desk.done(LOCAL, "GET", place)
    desk.done(LOCAL, "PUT", place, {"document": {"title": "Ours", "facts": {"price": {"text": "Free"}}}})
    told = desk.done(LOCAL, "PATCH", place, {"document": {"facts": {"price": {"text": None}}, "summary": "In short."}})
    assert told["patch"] == {"title": "Ours", "summary": "In short."}
    assert told["document"]["facts"][0]["text"] == "Ask us"
    listed = desk.done(LOCAL, "GET", f"{place}/revisions")
    assert [(each["number"], each["base_revision"]) for each in listed] == [(2, 1), (1, 1)]


def test_locked_and_broken_words_are_refused_by_name(desk: Desk, path: str) -> None:
    place = there(path)
    desk.done(LOCAL, "GET", place)
    patch = {"sections": {"overview": {"body": "Safe for all."}}, "facts": {"pain": {"text": "None"}}, "kind": "x"}
    refused = desk.ask(LOCAL, "PUT", place, {"document": patch})
    named = {each["pointer"] for each in refused.json["errors"]}
    assert named == {"/document/sections", "/document/facts/pain", "/document/kind"}
    assert code(refused) == (422, ["locked_field"] * 3)
    assert code(desk.ask(LOCAL, "PUT", place, {"document": {"colour": "red"}})) == (422, ["unknown_field"])
    for wrong in ({"title": None}, {"title": 3}, {"summary": ""}, {"facts": {"price": 3}}, {"seo": []}, {"": {}}):
        assert desk.ask(LOCAL, "PUT", place, {"document": wrong}).status_code == 422, wrong


def test_every_write_needs_the_tag_and_hide_and_pin_change_it(desk: Desk, path: str) -> None:
    place = there(path)
    first = tag = desk.ask(LOCAL, "GET", place).headers["ETag"]
    desk.etags.clear()
    assert desk.ask(LOCAL, "PUT", place, {"document": {}}).status_code == 428
    assert desk.ask(LOCAL, "DELETE", place).status_code == 428
    tags = {first}
    for move in ("hide", "show", "pin", "follow"):
        reply = desk.ask(LOCAL, "POST", f"{place}/moves/{move}", {}, If_Match=tag)
        assert reply.status_code == 200, reply.text
        tag = reply.headers["ETag"]
        assert tag not in tags
        tags.add(tag)
    stale = desk.ask(LOCAL, "PUT", place, {"document": {}}, If_Match=first)
    assert stale.status_code == 412 and stale.json["current"]["etag"] == tag


def test_hide_show_pin_and_follow_twice_are_no_second_publication(house: House, desk: Desk, path: str) -> None:
    place = there(path)
    desk.done(LOCAL, "GET", place)
    for move, refused in (("hide", "already_hidden"), ("pin", "already_pinned")):
        done = desk.move(LOCAL, place, move)
        assert done["publication"]["id"] > 0
        assert code(desk.ask(LOCAL, "POST", f"{place}/moves/{move}", {})) == (409, [refused])
    assert done["hidden"] is True and done["pinned"] == 1
    assert house.get("demo-south/topics/light-therapy").status_code == 404
    for move, refused in (("show", "not_hidden"), ("follow", "not_pinned")):
        desk.move(LOCAL, place, move)
        assert code(desk.ask(LOCAL, "POST", f"{place}/moves/{move}", {})) == (409, [refused])
    assert desk.ask("author@demo-south", "POST", f"{place}/moves/hide", {}).status_code == 403
    assert house.get("demo-south/topics/light-therapy").status_code == 200


def test_a_pin_that_a_withdrawal_ended_may_be_set_again(desk: Desk, path: str) -> None:
    place = there(path)
    desk.done(LOCAL, "GET", place)
    desk.move(LOCAL, place, "pin")
    desk.move("publisher", path, "withdraw", reason="Wrong.")
    assert desk.done(LOCAL, "GET", place)["pinned"] is None
    assert code(desk.ask(LOCAL, "POST", f"{place}/moves/pin", {})) == (409, ["not_live"])
    desk.move("editor", path, "restore")
    desk.publish(path)
    assert desk.move(LOCAL, place, "pin")["pinned"] == 2


def test_origin_says_whose_words_each_field_holds(desk: Desk, path: str) -> None:
    place = there(path)
    desk.done(LOCAL, "GET", place)
    desk.done(LOCAL, "PUT", place, {"document": {"title": "Ours", "facts": {"price": {"text": "Free"}}}})
    told = desk.done(LOCAL, "GET", f"{place}?explain=origin")["origin"]
    whose = {each["path"]: (each["from"], each["locked"]) for each in told}
    assert whose["title"] == ("clinic", False) and whose["summary"] == ("library", False)
    assert whose["sections"] == whose["facts"] == ("library", True)
    assert whose["facts.price"] == ("clinic", False)


def test_delete_gives_the_librarys_words_back_at_once_and_keeps_the_history(
    house: House, desk: Desk, path: str
) -> None:
    lay_over(desk, path, {"title": "Ours"})
    place = there(path)
    assert seen(house)["title"] == "Ours"
    gone = desk.done(LOCAL, "DELETE", place)
    assert gone["publication"]["id"] > 0 and (gone["state"], gone["patch"]) == (None, {})
    assert seen(house)["title"] == "Light therapy" and seen(house)["overlay_revision"] is None
    assert code(desk.ask(LOCAL, "DELETE", place)) == (409, ["no_overlay"])
    assert [each["document"] for each in desk.done(LOCAL, "GET", f"{place}/revisions")] == [{}, {"title": "Ours"}]


def test_withdrawn_words_stay_gone_until_they_are_restored_and_published(house: House, desk: Desk, path: str) -> None:
    lay_over(desk, path, {"title": "Ours"})
    place = there(path)
    gone = desk.move("publisher@demo-south", place, "withdraw", reason="Wrong price.")
    assert gone["state"] == "withdrawn" and gone["withdrawal"]["reason"] == "Wrong price."
    assert house.get("demo-south/topics/light-therapy").status_code == 410
    assert house.get("demo-north/topics/light-therapy").status_code == 200
    assert code(desk.ask(LOCAL, "DELETE", place)) == (409, ["withdrawn"])
    desk.move(LOCAL, place, "restore")
    assert code(desk.ask(LOCAL, "DELETE", place)) == (409, ["withdrawn"])
    desk.done(LOCAL, "PUT", place, {"document": {}})
    desk.move(LOCAL, place, "submit")
    desk.move("editor:other@demo-south", place, "approve")
    desk.move("publisher@demo-south", place, "publish")
    assert seen(house)["title"] == "Light therapy"


def test_a_clinic_sees_of_the_library_only_what_is_live(desk: Desk, path: str) -> None:
    hidden = desk.create("secret-therapy", a_topic(title="SECRET"))
    random = desk.ask(LOCAL, "GET", "/entries/topic/top_0000000/overlays/demo-south")
    for method, body in (("GET", None), ("PUT", {"document": {}})):
        assert desk.ask(LOCAL, method, there(hidden), body).json["detail"] == random.json["detail"]
    assert desk.ask(LOCAL, "GET", hidden).status_code == 404 and desk.ask(LOCAL, "GET", path).status_code == 404
    desk.done("author", "PATCH", path, {"document": {"title": "SECRET"}})
    desk.done("author", "POST", f"{path}/translations", {"locale": "es", "copy_from": "en"})
    read = desk.ask(LOCAL, "GET", there(path))
    assert read.status_code == 200 and "SECRET" not in read.text
    spanish = desk.ask(LOCAL, "GET", f"{there(path)}?locale=es")
    assert spanish.status_code == 404 and spanish.json["available_locales"] == ["en"]
    desk.move("publisher", path, "unpublish")
    assert desk.done(LOCAL, "GET", there(path))["base"] is None
    assert code(desk.ask(LOCAL, "PUT", there(path), {"document": {}})) == (409, ["not_live"])


def test_the_list_of_overlays_names_the_clinics_that_the_caller_sees(desk: Desk, path: str) -> None:
    lay_over(desk, path, {"title": "Ours"})
    desk.done("editor", "GET", there(path, "demo-north"))
    desk.move("editor", there(path, "demo-north"), "hide")
    mine = desk.done(LOCAL, "GET", f"{path}/overlays")
    assert [(each["clinic"], each["hidden"], each["texts"][0]["state"]) for each in mine] == [
        ("demo-south", False, "live")
    ]  # fmt: skip
    every = desk.done("editor", "GET", f"{path}/overlays")
    assert [(each["clinic"], each["hidden"], len(each["texts"])) for each in every] == [
        ("demo-south", False, 1), ("demo-north", True, 0)
    ]  # fmt: skip


def test_a_search_suggests_no_word_that_the_clinic_hides_or_replaced(house: House, desk: Desk, path: str) -> None:
    def told(clinic: str, q: str) -> tuple[list[Any], str | None]:
        query = house.data(f"{clinic}/search?q={q}&locale=en")["meta"]["query"]
        return query["expanded"], query["did_you_mean"]

    term = desk.create("lumen", a_term(title="Lumen", synonyms=["brightgauge"]), kind="term")
    desk.publish(term)
    renew(desk, path, title="Xanthic light")
    assert told("demo-north", "brightgauge") == ([{"from": "brightgauge", "to": "lumen"}], None)
    assert told("demo-north", "brightgauje")[1] == "brightgauge"
    assert told("demo-south", "xanthik") == ([], "xanthic")
    desk.done("editor", "GET", there(term, "demo-north"))
    desk.move("editor", there(term, "demo-north"), "hide")
    lay_over(desk, path, {"title": "Our light"})
    assert told("demo-north", "brightgauge") == told("demo-north", "brightgauje") == ([], None)
    assert told("demo-south", "xanthik") == ([], None)
