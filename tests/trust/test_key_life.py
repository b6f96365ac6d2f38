"""The life of a key: made, rotated, used, listed, ended."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import func, select

from api.models import ApiKey, AuditEntry
from api.services.processes import usage
from tests.conftest import NOW, House
from tests.managing import Desk
from tests.trust.desk import bearer, clinic_id, key

pytestmark = pytest.mark.either


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def test_a_key_is_rotated_with_an_overlap_and_then_only_the_new_one_works(house: House, desk: Desk) -> None:
    made = desk.done("admin", "POST", "/keys", {"kind": "server", "name": "site", "clinics": ["demo-private"]})
    path, private = f"/keys/{made['id']}", "demo-private/topics"
    desk.done("admin", "GET", path)
    too_long = desk.ask("admin", "POST", f"{path}/rotate", {"overlap_seconds": 604_801}, If_Match="*")
    assert too_long.status_code == 422
    assert desk.ask("admin", "POST", f"{path}/rotate", {}).status_code == 428
    new = desk.done("admin", "POST", f"{path}/rotate", {"overlap_seconds": 60}, If_Match="*")
    assert new["rotated_from"] == made["id"] and new["clinics"] == ["demo-private"] and new["key"] != made["key"]
    assert [house.get(private, headers=bearer(each["key"])).status_code for each in (made, new)] == [200, 200]
    house.at(60)
    assert [house.get(private, headers=bearer(each["key"])).status_code for each in (made, new)] == [401, 200]
    refused = desk.ask("admin", "POST", f"{path}/rotate", {}, If_Match="*")
    assert [each["code"] for each in refused.json["blockers"]] == ["expired"]


def test_a_key_may_end_itself(house: House, desk: Desk) -> None:
    desk.key("admin:second")
    own = desk.done("admin", "GET", "/me")["key"]["id"]
    new = desk.done("admin", "POST", f"/keys/{own}/rotate", {"overlap_seconds": 0}, If_Match="*")
    assert desk.ask("admin", "GET", "/me").status_code == 401
    desk.secrets["admin"] = new["key"]
    assert desk.done("admin", "DELETE", f"/keys/{new['id']}", If_Match="*")["state"] == "revoked"
    assert desk.ask("admin", "GET", "/me").status_code == 401


@pytest.mark.parametrize(
    ("said", "pointers"),
    [
        ({"kind": "server", "name": "a"}, {"/clinics"}),
        ({"kind": "server", "name": "a", "clinics": ["nowhere"]}, {"/clinics"}),
        ({"kind": "server", "name": "a", "clinics": ["demo-south"], "person": "prs_x"}, {"/person"}),
        ({"kind": "manage", "name": "a", "person": "prs_x"}, {"/person"}),
        ({"kind": "manage", "name": "a", "origins": ["https://a.example"]}, {"/origins"}),
        ({"kind": "browser", "name": "a", "clinics": ["demo-south"], "origins": ["https://a/x"]}, {"/origins/0"}),
        ({"kind": "manage", "name": "a", "expires_at": "2020-01-01T00:00:00Z"}, {"/expires_at"}),
        ({"kind": "king", "name": ""}, {"/kind", "/name"}),
    ],
)  # fmt: skip
def test_a_key_that_makes_no_sense_is_refused(desk: Desk, said: Any, pointers: set[str]) -> None:
    reply = desk.ask("admin", "POST", "/keys", said)
    assert (reply.status_code, {each["pointer"] for each in reply.json["errors"]}) == (422, pointers)


def test_the_last_use_of_a_key_is_written_down_now_and_then(house: House, desk: Desk) -> None:
    key_id, own = key(house, ["demo-private"])
    house.get("demo-private/topics", headers=bearer(own))
    house.at(5)
    house.get("demo-private/topics", headers=bearer(own))
    assert desk.done("admin", "GET", f"/keys/{key_id}")["last_used_at"] is None
    with house.database.reading() as connection:
        before = connection.scalar(select(func.count(AuditEntry.number)))
    assert usage.flush_key_uses(house.database) == 2 and usage.flush_key_uses(house.database) == 0
    assert desk.done("admin", "GET", f"/keys/{key_id}")["last_used_at"] == "2026-11-01T08:00:05Z"
    with house.database.reading() as connection:
        assert connection.scalar(select(func.count(AuditEntry.number))) == before
        assert connection.scalar(select(ApiKey.last_used_at).where(ApiKey.id == key_id)).timestamp() == NOW + 5


def test_keys_are_listed_newest_first_and_narrowed(house: House, desk: Desk) -> None:
    for number, kind in enumerate(("server", "browser", "server")):
        house.at(number)
        desk.done("admin", "POST", "/keys", {"kind": kind, "name": f"n{number}", "clinics": ["demo-south"]})
    found = desk.done("admin", "GET", "/keys?filter[kind]=server&filter[clinic]=demo-south")
    assert [each["name"] for each in found] == ["n2", "n0"]
    first = desk.ask("admin", "GET", "/keys?filter[clinic]=demo-south&page[size]=2").json
    rest = desk.ask("admin", "GET", first["links"]["next"].removeprefix("/v1/manage")).json
    assert [each["name"] for each in first["data"] + rest["data"]] == ["n2", "n1", "n0"]
    assert rest["links"]["next"] is None
    assert clinic_id(house, "demo-south") not in json.dumps(first)


def test_a_browser_key_elsewhere_is_refused_with_what_to_use_instead(house: House) -> None:
    _, browser = key(house, ["demo-private"], "browser", origins=["https://private.example"])
    for origin in ({}, {"Origin": "https://other.example"}):
        reply = house.get("/v1/clinics/demo-private/topics", headers=bearer(browser) | origin)
        assert reply.status_code == 403 and "a server takes a server key" in reply.json["detail"]
    there = house.get("demo-private/topics", headers=bearer(browser) | {"Origin": "https://private.example"})
    assert there.status_code == 200 and there.headers["Access-Control-Allow-Origin"] == "https://private.example"
