"""Recalls over HTTP: which clinics must still say that an unsafe text is gone, and each says so once."""

from __future__ import annotations

import pytest

from tests.conftest import House
from tests.managing import Desk

pytestmark = pytest.mark.either

SOUTH, NORTH = "publisher@demo-south", "editor@demo-north"


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def recalled(desk: Desk, slug: str = "light-therapy", **said: object) -> None:
    path = desk.create(slug)
    desk.publish(path)
    desk.move("medical_reviewer", path, "recall", severity="high", reason="Burns.", **said)


def test_each_clinic_confirms_a_recall_for_itself_and_once(desk: Desk) -> None:
    recalled(desk, confirm=["demo-south", "demo-north"])
    [found] = desk.done("admin", "GET", "/recalls")
    assert (found["title"], found["severity"], found["open"]) == ("Light therapy", "high", True)
    assert found["waiting_for"] == ["demo-south", "demo-north"]
    assert desk.done(SOUTH, "GET", "/recalls")[0]["waiting_for"] == ["demo-south"]
    confirm = f"/recalls/{found['id']}/confirm"
    assert desk.ask("author@demo-south", "POST", confirm, {"clinic": "demo-south"}).status_code == 403
    assert desk.ask(SOUTH, "POST", confirm, {"clinic": "demo-north"}).status_code == 404
    mine = desk.done(SOUTH, "POST", confirm, {"clinic": "demo-south"})
    assert (mine["open"], mine["waiting_for"]) == (False, []) and mine["confirmations"][0]["clinic"] == "demo-south"
    again = desk.ask(SOUTH, "POST", confirm, {"clinic": "demo-south"})
    assert (again.status_code, again.json["blockers"][0]["code"]) == (409, "already_confirmed")
    assert "demo-south" not in str(desk.done(NORTH, "GET", "/recalls"))
    assert desk.done("admin", "GET", "/recalls")[0]["open"] is True
    desk.done(NORTH, "POST", confirm, {"clinic": "demo-north"})
    [done] = desk.done("admin", "GET", "/recalls?filter[open]=false")
    assert len(done["confirmations"]) == 2 and desk.done("admin", "GET", "/recalls?filter[open]=true") == []


def test_a_clinic_that_was_not_asked_does_not_confirm_and_open_recalls_come_first(desk: Desk) -> None:
    recalled(desk, confirm=["demo-north"])
    recalled(desk, "other-light", confirm=["demo-south"])
    first, second = desk.done(SOUTH, "GET", "/recalls")
    assert (first["open"], second["open"]) == (True, False)
    refused = desk.ask(SOUTH, "POST", f"/recalls/{second['id']}/confirm", {"clinic": "demo-south"})
    assert (refused.status_code, refused.json["blockers"][0]["code"]) == (409, "not_asked")
    page = desk.ask(SOUTH, "GET", "/recalls?page[size]=1").json
    more = desk.ask(SOUTH, "GET", page["links"]["next"].removeprefix("/v1/manage")).json
    assert [page["data"][0]["id"], more["data"][0]["id"]] == [first["id"], second["id"]] and not more["links"]["next"]
