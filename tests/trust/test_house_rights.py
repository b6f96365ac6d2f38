"""Rights in the house: an admin of one clinic minds that clinic alone, and nobody grows beyond what they are."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import House
from tests.managing import Desk

pytestmark = pytest.mark.either

MINE = "admin@demo-south"
REDIRECT = {"from": "/a", "to": "/b"}
CATEGORY = {"key": "own", "group": "subject", "texts": {"en": {"title": "Own", "slug": "own"}}}


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def person(desk: Desk, name: str) -> str:
    """The id of whoever has that role."""
    return str(desk.done(name, "GET", "/me")["person"]["id"])


def test_an_admin_of_a_clinic_sees_only_those_who_work_there_and_their_roles_there(house: House, desk: Desk) -> None:
    both, stranger = person(desk, "editor@demo-south"), person(desk, "editor@demo-north")
    roles = [{"role": "editor", "clinic": "demo-south"}, {"role": "author", "clinic": "demo-north"}, {"role": "author"}]
    desk.done("admin", "PATCH", f"/people/{both}", {"roles": roles}, If_Match="*")
    seen = desk.done(MINE, "GET", "/people")
    assert {each["id"] for each in seen} == {both, person(desk, MINE)}
    told = desk.done(MINE, "GET", f"/people/{both}")
    assert told["roles"] == [{"role": "editor", "clinic": "demo-south"}]
    for unseen in (stranger, "prs_none"):
        reply = desk.ask(MINE, "GET", f"/people/{unseen}")
        assert (reply.status_code, reply.json["detail"]) == (404, "There is no such person.")
    assert desk.done(MINE, "GET", "/people?filter[role]=author") == []
    assert desk.done(MINE, "GET", "/people?filter[clinic]=library") == []


def test_an_admin_of_a_clinic_gives_roles_there_and_nowhere_else(house: House, desk: Desk) -> None:
    who = person(desk, "editor@demo-south")
    both = [{"role": "editor", "clinic": "demo-south"}, {"role": "author", "clinic": "demo-north"}]
    desk.done("admin", "PATCH", f"/people/{who}", {"roles": both}, If_Match="*")

    def give(*roles: Any) -> Any:
        return desk.ask(MINE, "PATCH", f"/people/{who}", {"roles": list(roles)}, If_Match="*")

    assert give({"role": "admin"}).status_code == 403
    foreign, unknown = (give({"role": "author", "clinic": each}) for each in ("demo-north", "nowhere"))
    assert foreign.status_code == unknown.status_code == 422
    assert foreign.json["errors"][0]["code"] == unknown.json["errors"][0]["code"] == "unknown_reference"
    assert give({"role": "publisher", "clinic": "demo-south"}).json["data"]["roles"] == [
        {"role": "publisher", "clinic": "demo-south"}]  # fmt: skip
    assert desk.done("admin", "GET", f"/people/{who}")["roles"] == [
        {"role": "author", "clinic": "demo-north"}, {"role": "publisher", "clinic": "demo-south"}]  # fmt: skip
    for body in ({"name": "New"}, {"email": "x@b.example"}):
        assert desk.ask(MINE, "PATCH", f"/people/{who}", body, If_Match="*").status_code == 403
    assert desk.ask(MINE, "POST", f"/people/{who}/deactivate", If_Match="*").status_code == 403


def test_an_admin_of_a_clinic_invites_into_it_and_takes_in_who_works_elsewhere(house: House, desk: Desk) -> None:
    role = [{"role": "editor", "clinic": "demo-south"}]
    assert desk.ask(MINE, "POST", "/people", {"email": "new@b.example"}).status_code == 422
    of_the_house = {"email": "new@b.example", "roles": [{"role": "editor"}]}
    assert desk.ask(MINE, "POST", "/people", of_the_house).status_code == 403
    assert desk.done(MINE, "POST", "/people", {"email": "new@b.example", "roles": role})["roles"] == role
    there = person(desk, "editor@demo-north")
    taken_in = desk.done(MINE, "POST", "/people", {"email": "editor.demo-north@test.invalid", "roles": role})
    assert (taken_in["id"], taken_in["roles"]) == (there, role)
    again = desk.ask(MINE, "POST", "/people", {"email": "new@b.example", "roles": role})
    assert [each["code"] for each in again.json["blockers"]] == ["email_taken"]


def test_an_admin_of_a_clinic_minds_its_keys_alone(house: House, desk: Desk) -> None:
    def make(name: str, **said: Any) -> Any:
        return desk.ask(name, "POST", "/keys", {"kind": "manage", "name": "k", **said})

    wide = make("admin", clinics=["demo-south", "demo-north"]).json["data"]["id"]
    foreign = make("admin", clinics=["demo-north"]).json["data"]["id"]
    service = make("admin").json["data"]["id"]
    own = make(MINE, clinics=["demo-south"]).json["data"]["id"]
    assert [each["id"] for each in desk.done(MINE, "GET", "/keys")] == [own]
    for other in (wide, foreign, service, "key_none"):
        for method, rest in (("GET", ""), ("DELETE", ""), ("POST", "/rotate")):
            body = {} if method == "POST" else None
            assert desk.ask(MINE, method, f"/keys/{other}{rest}", body, If_Match="*").status_code == 404
    assert make(MINE).status_code == 403
    assert make(MINE, clinics=["demo-north"]).json["errors"] == [
        {"pointer": "/clinics", "code": "unknown_reference", "detail": "There is no clinic demo-north."}]  # fmt: skip
    assert make(MINE, clinics=["demo-south"], person=person(desk, "admin")).status_code == 422
    mine = make(MINE, clinics=["demo-south"], person=person(desk, MINE)).json["data"]
    desk.secrets["mine"] = mine["key"]
    assert desk.done("mine", "GET", "/me")["roles"] == [{"role": "admin", "clinic": "demo-south"}]
    assert desk.ask("mine", "POST", "/clinics", {}).status_code == 422
    assert desk.ask("mine", "PATCH", "/clinics/demo-south", {"private": True}, If_Match="*").status_code == 403


def test_no_admin_gets_a_key_that_approves_as_the_doctor(house: House, desk: Desk) -> None:
    doctor, author = person(desk, "medical_reviewer"), person(desk, "author")
    own = desk.done("medical_reviewer", "GET", "/me")["key"]["id"]
    said = {"kind": "manage", "name": "k"}
    assert desk.ask("admin", "POST", "/keys", {**said, "person": doctor}).status_code == 403
    assert desk.ask("admin", "POST", f"/keys/{own}/rotate", {}, If_Match="*").status_code == 403
    known = desk.done("admin", "POST", "/keys", {**said, "person": author})["id"]
    roles = {"roles": [{"role": "author"}, {"role": "medical_reviewer"}]}
    refused = desk.ask("admin", "PATCH", f"/people/{author}", roles, If_Match="*")
    assert [(each["code"], known in each["detail"]) for each in refused.json["blockers"]] == [("has_keys", True)]
    there = {"email": "author@test.invalid", "roles": [{"role": "medical_reviewer", "clinic": "demo-south"}]}
    elsewhere = desk.ask(MINE, "POST", "/people", there)
    assert [each["code"] for each in elsewhere.json["blockers"]] == ["has_keys"] and "key_" not in elsewhere.text
    for each in (known, desk.done("author", "GET", "/me")["key"]["id"]):
        desk.done("admin", "DELETE", f"/keys/{each}", If_Match="*")
    assert len(desk.done("admin", "PATCH", f"/people/{author}", roles, If_Match="*")["roles"]) == 2
    me = person(desk, "admin")
    assert desk.ask("admin", "PATCH", f"/people/{me}", roles, If_Match="*").status_code == 403


def test_a_second_admin_by_ones_own_key_makes_no_doctor_of_oneself_nor_of_that_one(house: House, desk: Desk) -> None:
    me, role = person(desk, "admin"), {"role": "admin", "clinic": None}
    puppet = desk.done("admin", "POST", "/people", {"email": "puppet@test.invalid", "roles": [role]})["id"]
    said = {"kind": "manage", "name": "x", "person": puppet}
    first = desk.done("admin", "POST", "/keys", said)
    as_puppet = {"Authorization": f"Bearer {first['key']}"}
    both = {"roles": [role, {"role": "medical_reviewer", "clinic": None}]}
    refused = desk.ask(None, "PATCH", f"/people/{me}", both, If_Match="*", **as_puppet)
    assert [each["code"] for each in refused.json["blockers"]] == ["has_keys"]
    assert desk.ask(None, "POST", "/keys", said, **as_puppet).status_code == 201  # Made by that person, as it seems.
    desk.done("admin", "DELETE", f"/keys/{first['id']}", If_Match="*")
    refused = desk.ask("admin", "PATCH", f"/people/{puppet}", both, If_Match="*")
    assert [each["code"] for each in refused.json["blockers"]] == ["has_keys"]


def test_a_house_admins_key_for_one_clinic_is_an_admins_of_that_clinic(house: House, desk: Desk) -> None:
    made = desk.done("admin", "POST", "/keys", {
        "kind": "manage", "name": "narrow", "clinics": ["demo-south"], "person": person(desk, "admin")})  # fmt: skip
    desk.secrets["narrow"] = made["key"]
    wider = desk.ask("narrow", "POST", "/keys", {"kind": "manage", "name": "wide", "person": person(desk, "admin")})
    assert wider.status_code == 422
    assert desk.ask("narrow", "POST", "/keys", {"kind": "manage", "name": "wide"}).status_code == 403
    assert desk.ask("narrow", "POST", f"/keys/{desk.done('admin', 'GET', '/me')['key']['id']}/rotate", {},
                    If_Match="*").status_code == 404  # fmt: skip
    assert desk.ask("narrow", "GET", "/clinics/demo-north").status_code == 404
    assert desk.ask("narrow", "GET", "/audit/verify").status_code == 403


def test_a_service_minds_nothing_of_the_house(house: House, desk: Desk) -> None:
    desk.secrets["service"] = desk.done("admin", "POST", "/keys", {"kind": "manage", "name": "ci"})["key"]
    assert desk.done("service", "GET", "/me")["roles"] == [{"role": "service", "clinic": None}]
    for method, address, body in (
        ("GET", "/people", None), ("GET", "/keys", None), ("GET", "/audit", None),
        ("POST", "/categories", CATEGORY), ("POST", "/redirects", {**REDIRECT, "clinic": "demo-south"}),
        ("PATCH", "/clinics/demo-south", {}), ("DELETE", "/clinics/demo-south", None),
    ):  # fmt: skip
        assert desk.ask("service", method, address, body, If_Match="*").status_code == 403, address
    assert len(desk.done("service", "GET", "/clinics")) == 3


def test_the_admin_of_a_clinic_keeps_its_profile_but_not_what_the_house_decides(house: House, desk: Desk) -> None:
    desk.done(MINE, "GET", "/clinics/demo-south")
    assert desk.done(MINE, "PATCH", "/clinics/demo-south", {"contact": {"phone": "1"}})["revision"] == 2
    for change in ({"private": True}, {"slug": "mine"}, {"position": 1}, {"demo": False}):
        assert desk.ask(MINE, "PATCH", "/clinics/demo-south", change).status_code == 403
    assert desk.ask(MINE, "DELETE", "/clinics/demo-south").status_code == 403
    assert desk.ask("editor@demo-south", "PATCH", "/clinics/demo-south", {}, If_Match="*").status_code == 403
    assert desk.ask(MINE, "PATCH", "/clinics/demo-north", {}, If_Match="*").status_code == 404


def test_labels_and_redirects_belong_to_editors_where_they_are(house: House, desk: Desk) -> None:
    here, there = "editor@demo-south", "editor@demo-north"
    library = desk.done(here, "GET", "/categories?filter[clinic]=library")
    assert {each["clinic"] for each in library} == {None}
    path = f"/categories/{library[0]['id']}"
    assert desk.ask(here, "POST", "/categories", CATEGORY).status_code == 403
    assert desk.ask(here, "PATCH", path, {"position": 1}, If_Match="*").status_code == 403
    own = desk.done(here, "POST", "/categories", {**CATEGORY, "clinic": "demo-south"})["id"]
    assert own in [each["id"] for each in desk.done(here, "GET", "/categories?page[size]=100")]
    assert own not in [each["id"] for each in desk.done(there, "GET", "/categories?page[size]=100")]
    for method, body in (("GET", None), ("PATCH", {}), ("DELETE", None)):
        assert desk.ask(there, method, f"/categories/{own}", body, If_Match="*").status_code == 404
        assert desk.ask("author@demo-south", method, f"/categories/{own}", body,
                        If_Match="*").status_code == (200 if method == "GET" else 403)  # fmt: skip
    redirect = desk.done(here, "POST", "/redirects", {**REDIRECT, "clinic": "demo-south"})["id"]
    assert desk.ask(there, "GET", f"/redirects/{redirect}").status_code == 404
    assert redirect not in [each["id"] for each in desk.done(there, "GET", "/redirects")]
    assert desk.ask("author@demo-south", "DELETE", f"/redirects/{redirect}", If_Match="*").status_code == 403
    assert desk.done("editor", "DELETE", f"/redirects/{redirect}", If_Match="*") == {"id": redirect}


def test_an_admin_of_a_clinic_reads_the_log_of_that_clinic_alone(house: House, desk: Desk) -> None:
    desk.done("admin", "POST", "/redirects", {**REDIRECT, "clinic": "demo-south"})
    desk.done("admin", "POST", "/redirects", {**REDIRECT, "clinic": "demo-north"})
    desk.done("admin", "POST", "/categories", {**CATEGORY, "clinic": "demo-south"})
    desk.done("admin", "POST", "/categories", {**CATEGORY, "clinic": "demo-north"})
    desk.done("admin", "POST", "/keys", {"kind": "server", "name": "ours", "clinics": ["demo-south"]})
    desk.done("admin", "POST", "/keys", {"kind": "server", "name": "theirs", "clinics": ["demo-north"]})
    desk.done("admin", "POST", "/keys", {"kind": "server", "name": "both", "clinics": ["demo-south", "demo-north"]})
    desk.create("library-text")
    own = desk.create("own", None, "editor@demo-south", clinic="demo-south").rpartition("/")[2]
    foreign = desk.create("foreign", None, "editor@demo-north", clinic="demo-north").rpartition("/")[2]
    ids = {each["slug"]: each["id"] for each in desk.done("admin", "GET", "/clinics")}
    lines = desk.done(MINE, "GET", "/audit?page[size]=100")
    told = str(lines)
    assert {"save_redirect", "save_category", "create_key", "create", "invite"} <= {each["verb"] for each in lines}
    assert own in told and "ours" in told and all(each["actor_name"] is None for each in lines)
    for hidden in (ids["demo-north"], foreign, "theirs", "both", "library-text", "admin@library", "author@library"):
        assert hidden not in told, hidden
    assert desk.done(MINE, "GET", f"/audit?filter[subject]={foreign}") == []
    assert desk.ask(MINE, "GET", "/audit/verify").status_code == 403
    assert desk.ask("publisher", "GET", "/audit").status_code == 403


def test_an_admin_becomes_no_doctor_by_a_key_or_a_role_of_their_own(house: House) -> None:
    desk = Desk(house)
    me = desk.done("admin", "GET", "/me")["person"]["id"]
    desk.key("medical_reviewer")
    doctor = next(each for each in desk.done("admin", "GET", "/people?page[size]=100")
                  if each["email"] == "medical_reviewer@test.invalid")  # fmt: skip
    said = {"kind": "manage", "name": "borrowed", "person": doctor["id"]}
    refused = desk.ask("admin", "POST", "/keys", said)
    assert (refused.status_code, refused.json["code"]) == (403, "forbidden")
    roles = {"roles": [{"role": "admin", "clinic": None}, {"role": "medical_reviewer", "clinic": None}]}
    refused = desk.ask("admin", "PATCH", f"/people/{me}", roles, If_Match="*")
    assert (refused.status_code, refused.json["code"]) == (403, "forbidden")
    assert desk.ask("admin", "POST", "/keys", {**said, "person": me}).status_code == 201
