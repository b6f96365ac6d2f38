"""A withdrawal that says too little, or the wrong thing: its reason and replacement are changed while it stands."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import a_topic
from tests.conftest import House
from tests.managing import Desk

pytestmark = pytest.mark.either

PUBLIC = "demo-south/topics/light-therapy"


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


@pytest.fixture
def path(house: House, desk: Desk) -> str:
    """A topic that was withdrawn without a word, a minute ago."""
    made = desk.create("light-therapy")
    desk.publish(made)
    desk.move("publisher", made, "withdraw")
    house.at(60)
    return made


def gone(house: House, address: str = PUBLIC) -> dict[str, Any]:
    reply = house.get(address)
    assert reply.status_code == 410, reply.text
    return dict(reply.json["withdrawal"])


def test_reason_and_replacement_come_later_and_the_instant_stays(house: House, desk: Desk, path: str) -> None:
    before = gone(house)
    assert (before["reason"], before["replacement"]) == (None, None)
    lamp = desk.create("lamp", a_topic(title="Lamps"))
    desk.publish(lamp)
    stands_in = {"type": "topic", "id": lamp.rpartition("/")[2]}
    told = desk.move("publisher", path, "withdraw", reason="Out of date.", replacement=stands_in)
    assert told["publication"]["id"] > 0 and told["state"] == "withdrawn"
    after = gone(house)
    assert (after["reason"], after["replacement"]["slug"], after["at"]) == ("Out of date.", "lamp", before["at"])
    desk.move("publisher", path, "withdraw", reason="It was wrong.")
    assert gone(house)["replacement"]["slug"] == "lamp", "what is left out stays"
    desk.move("publisher", path, "withdraw", replacement=None)
    assert (gone(house)["reason"], gone(house)["replacement"]) == ("It was wrong.", None)
    lines = desk.done("admin", "GET", "/audit?filter[verb]=reword_withdrawal")
    assert [each["details"]["before"] for each in lines][:2] == [
        {"replacement_id": stands_in["id"]}, {"reason": "Out of date."}
    ]  # fmt: skip


def test_the_same_words_and_none_are_refused_and_so_are_those_of_who_may_not(desk: Desk, path: str) -> None:
    desk.move("publisher", path, "withdraw", reason="Out of date.")
    for said in ({}, {"reason": "Out of date."}):
        reply = desk.ask("publisher", "POST", f"{path}/moves/withdraw", said)
        assert (reply.status_code, reply.json["blockers"][0]["code"]) == (409, "not_live")
        assert "another reason" in reply.json["blockers"][0]["detail"]
    assert desk.ask("author", "POST", f"{path}/moves/withdraw", {"reason": "Mine."}).status_code == 403
    unknown = {"type": "topic", "id": "top_0000000"}
    assert desk.ask("publisher", "POST", f"{path}/moves/withdraw", {"replacement": unknown}).status_code == 422


def test_a_recall_stays_one_and_its_words_and_severity_are_the_doctors(house: House, desk: Desk) -> None:
    path = desk.create("light-therapy")
    desk.publish(path)
    desk.move("medical_reviewer", path, "recall", severity="low", reason="Burns.", confirm=["demo-south"])
    grave = {"severity": "critical", "reason": "Deep burns."}
    assert desk.ask("publisher", "POST", f"{path}/moves/recall", grave).status_code == 403
    assert desk.ask("publisher", "POST", f"{path}/moves/withdraw", {"reason": "Nothing."}).status_code == 409
    more = desk.ask("medical_reviewer", "POST", f"{path}/moves/recall", {**grave, "confirm": ["demo-north"]})
    assert (more.status_code, more.json["errors"][0]["pointer"]) == (422, "/confirm")
    desk.move("medical_reviewer", path, "recall", **grave)
    assert {name: gone(house)[name] for name in ("kind", *grave)} == {"kind": "recalled", **grave}
    [recall] = desk.done("admin", "GET", "/recalls")
    assert {name: recall[name] for name in grave} == grave and recall["waiting_for"] == ["demo-south"]


def test_all_languages_that_are_gone_and_what_a_clinic_took_down_say_other_words(house: House, desk: Desk) -> None:
    path = desk.create("light-therapy")
    body = {"locale": "es", "slug": "terapia-de-luz", "document": a_topic(title="Terapia de luz")}
    desk.done("author", "POST", f"{path}/translations", body)
    for locale in ("en", "es"):
        desk.done("author", "GET", f"{path}?locale={locale}")
        desk.publish(path, locale=locale)
    desk.move("publisher", path, "withdraw", locale="*")
    desk.move("publisher", path, "withdraw", locale="*", reason="Out of date.")
    assert [gone(house, f"{PUBLIC}?locale={locale}")["reason"] for locale in ("en", "es")] == ["Out of date."] * 2
    own = f"{desk.create('lamp')}/overlays/demo-south"
    desk.publish(own.partition("/overlays")[0])
    desk.done("editor", "GET", own)
    desk.done("editor", "PUT", own, {"document": {"title": "Our lamp"}})
    for who, move in (("editor", "submit"), ("editor:second", "approve"), ("publisher", "publish")):
        desk.move(who, own, move)
    desk.move("publisher", own, "withdraw")
    desk.move("publisher", own, "withdraw", reason="Not here.")
    assert gone(house, "demo-south/topics/lamp")["reason"] == "Not here."
