"""Partner keys and ids: what they open, and whose (EM2, EM11, PR5, TA1, TA2, TA9, TA12, TA13)."""

from __future__ import annotations

from typing import Any

import pytest

from api.models import Purge
from api.rules import partners as rules
from schemas.managed import partners as shapes
from tests.conftest import House
from tests.flows.test_partners import made, own, shows
from tests.live import contract
from tests.managing import Desk
from tests.trust.desk import bearer, key
from tests.trust.test_keys import operations

pytestmark = pytest.mark.either

MINE, THEIRS = "admin@demo-south", "admin@demo-north"


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def asked(house: House, path: str, headers: dict[str, str], method: str = "GET") -> Any:
    return house.client.open(f"/v1/partners{path}", method=method, headers=headers)


@pytest.mark.parametrize("origin", [
    "https://a.example;script-src *", "https://a.example,https://b.example", "https://a.example https://b.example",
    "https://a.example\n", "https://a.example/", "https://A.example", "*", "null", "javascript:alert(1)", "a.example",
    "https://a.example:443", "http://a.example:80", "https://a.example:65536", "https://a.example'",
    "https://*.example", "https://a.example:80x", "https://a@b.example", "https://a.example?x",
])  # fmt: skip
def test_em2_an_origin_that_could_end_a_directive_is_refused(shared_house: House, origin: str) -> None:
    desk = Desk(shared_house, secrets=shared_house.database.memory.setdefault("desk", {}))
    reply = desk.ask("admin", "POST", "/partners", {"name": "P", "origins": ["https://ok.example", origin]})
    assert (reply.status_code, reply.json["errors"][0]["pointer"]) == (422, "/origins/1")


def test_em11_a_partner_key_opens_its_own_view_and_nothing_else(house: House, desk: Desk) -> None:
    partner = made(desk, clinics=["demo-south"])["id"]
    headers = own(desk, partner)
    for path in ("/me", "/me/recalls", "/me/usage"):
        assert asked(house, path, headers).status_code == 200
    for method, address in operations(house):
        reply = house.client.open(address, method=method, headers=headers | {"If-Match": "*"}, json={})
        assert (reply.status_code, reply.json["code"]) == (403, "forbidden"), f"{method} {address}"
    assert house.get("demo-private/topics", headers=headers).status_code == 404
    assert house.get("demo-south/topics", headers=headers).data == house.get("demo-south/topics").data
    for id_ in (partner, f"ck_par_{partner}"):
        assert asked(house, "/me", bearer(id_)).status_code == 401, "a public id is no key"


def test_em11_nobody_else_reads_a_partners_view(house: House, desk: Desk) -> None:
    made(desk)
    others = {kind: bearer(key(house, ["demo-south"], kind)[1]) for kind in ("browser", "server", "preview", "manage")}
    lost = bearer(key(house, ["demo-south"], "partner")[1])
    for method, path in (("GET", "/me"), ("GET", "/me/recalls"), ("GET", "/me/usage"), ("POST", "/me/recalls/1/ack")):
        for kind, headers in others.items():
            reply = asked(house, path, headers, method)
            assert (reply.status_code, reply.json["code"]) == (403, "forbidden"), kind
        for headers in ({}, lost, bearer("garbage")):
            reply = asked(house, path, headers, method)
            assert (reply.status_code, reply.headers["Cache-Control"]) == (401, "no-store")
        assert "Access-Control-Allow-Origin" not in asked(house, path, own_headers(desk), method).headers
    assert asked(house, "/me", {}, "DELETE").status_code in (401, 405)
    assert house.client.get("/v1/partners").status_code == 404


def own_headers(desk: Desk) -> dict[str, str]:
    return own(desk, made(desk)["id"])


def test_ta1_what_lies_outside_the_terms_is_as_if_it_never_was(house: House, desk: Desk) -> None:
    inside, foreign = desk.create("inside"), desk.create("own", name="author@demo-north", clinic="demo-north")
    desk.publish(inside)
    for who, move in (("author", "submit"), ("medical_reviewer", "approve"), ("publisher", "publish")):
        desk.move(f"{who}@demo-north", foreign, move)
    term = desk.create("lumen", {"title": "Lumen", "summary": "Light."}, name="author", kind="term")
    desk.publish(term)
    for each in (inside, foreign, term):
        desk.move("publisher", each, "withdraw", reason="Old.")
    wide, topics = made(desk, clinics=[])["id"], made(desk, types=["topic"])["id"]
    spanish, one = made(desk, locales=["es"])["id"], made(desk, topics=[inside.rpartition("/")[2]])["id"]
    told = {name: asked(house, "/me/recalls", own(desk, id_)).json["data"]
            for name, id_ in (("topics", topics), ("spanish", spanish), ("one", one), ("wide", wide))}  # fmt: skip
    slugs = {name: {each["slug"] for each in rows} for name, rows in told.items()}
    assert slugs["topics"] == {"inside"} and slugs["spanish"] == set() and slugs["one"] == {"inside", "lumen"}
    assert {"inside", "lumen"} <= slugs["wide"]
    north = made(desk, clinics=["demo-north"])["id"]
    [theirs] = [each for each in asked(house, "/me/recalls", own(desk, north)).json["data"] if each["slug"] == "own"]
    headers = own(desk, topics)
    never = asked(house, "/me/recalls/99999/ack", headers, "POST")
    for id_ in (theirs["id"], "0", "x", "1" * 40, "-1", "١"):
        reply = asked(house, f"/me/recalls/{id_}/ack", headers, "POST")
        assert (reply.status_code, reply.json["detail"]) == (404, never.json["detail"]), id_


def test_ta9_a_cursor_is_good_for_one_partner_and_list(house: House, desk: Desk) -> None:
    for slug in ("one", "two"):
        path = desk.create(slug)
        desk.publish(path)
        desk.move("publisher", path, "withdraw", reason="Old.")
    first, second = own_headers(desk), own_headers(desk)
    page = asked(house, "/me/recalls?page[size]=1", first).json
    following = page["links"]["next"].removeprefix("/v1/partners")
    assert [each["slug"] for each in (*page["data"], *asked(house, following, first).json["data"])] == ["two", "one"]
    assert asked(house, following, second).status_code == 400
    assert asked(house, following.replace("/recalls", "/usage"), first).status_code == 400


def test_pr5_replies_name_nobody_and_are_what_the_document_says(house: House, desk: Desk) -> None:
    said, partner, topic = contract(house), made(desk)["id"], desk.create("light-therapy")
    desk.publish(topic)
    headers = own(desk, partner)
    shows(house, partner, topic)
    desk.move("publisher", topic, "withdraw", reason="Old.")
    house.at(100)
    shows(house, partner, topic)
    for path in ("/me", "/me/recalls", "/me/usage", "/me/usage?format=csv", "/me/usage?since=no"):
        reply = asked(house, path, headers)
        said.hold(f"/v1/partners{path}", reply)
        assert "prs_" not in reply.text and "@" not in reply.text and "test.invalid" not in reply.text
    for path in ("", f"/{partner}", f"/{partner}/usage", f"/{partner}/usage?format=csv", "/showing"):
        said.hold(f"/v1/manage/partners{path}", desk.ask("admin", "GET", f"/partners{path}"))


def test_ta13_an_admin_of_a_clinic_minds_partners_of_that_clinic_alone(house: House, desk: Desk) -> None:
    wide, both = made(desk, clinics=[])["id"], made(desk, clinics=["demo-south", "demo-north"])["id"]
    mine = desk.done(MINE, "POST", "/partners", {"name": "Mine", "clinics": ["demo-south"]})["id"]
    assert [each["id"] for each in desk.done(MINE, "GET", "/partners")] == [mine]
    assert {each["id"] for each in desk.done("admin", "GET", "/partners")} == {wide, both, mine}
    for who, unseen in ((MINE, wide), (MINE, both), (THEIRS, mine), (MINE, "ptn_none")):
        for method, rest in (("GET", ""), ("GET", "/usage"), ("PATCH", ""), ("DELETE", "")):
            body = {"name": "X"} if method == "PATCH" else None
            assert desk.ask(who, method, f"/partners/{unseen}{rest}", body, If_Match="*").status_code == 404
        key_body = {"kind": "partner", "name": "k", "partner": unseen}
        assert desk.ask(who, "POST", "/keys", key_body).json["errors"][0]["code"] == "unknown_reference"
    assert desk.ask(MINE, "POST", "/partners", {"name": "All"}).status_code == 403
    assert desk.ask(MINE, "PATCH", f"/partners/{mine}", {"clinics": []}, If_Match="*").status_code == 403
    for clinics in (["demo-north"], ["demo-south", "nowhere"]):
        reply = desk.ask(MINE, "PATCH", f"/partners/{mine}", {"clinics": clinics}, If_Match="*")
        assert (reply.status_code, reply.json["errors"][0]["code"]) == (422, "unknown_reference")
    made_key = desk.done(MINE, "POST", "/keys", {"kind": "partner", "name": "k", "partner": mine})
    assert (made_key["clinics"], made_key["partner"]) == (["demo-south"], mine)
    for who in ("editor", "publisher", "author@demo-south"):
        for method, path in (("GET", "/partners"), ("POST", "/partners"), ("GET", "/partners/showing")):
            body = {"name": "X"} if method == "POST" else None
            assert desk.ask(who, method, path, body).status_code == 403


def test_ta13_who_shows_what_was_withdrawn_is_told_to_who_minds_the_partner(house: House, desk: Desk) -> None:
    mine, theirs = made(desk)["id"], made(desk, clinics=["demo-north"])["id"]
    topic = desk.create("light-therapy")
    desk.publish(topic)
    desk.move("publisher", topic, "withdraw", reason="Old.")
    house.at(100)
    shows(house, mine, topic)
    shows(house, theirs, topic, clinic="demo-north")
    shows(house, None, topic, clinic="demo-north")
    found = {who: [(each["partner"] or {}).get("id") for each in desk.done(who, "GET", "/partners/showing")]
             for who in ("admin", MINE, THEIRS)}  # fmt: skip
    assert sorted(found["admin"], key=str) == sorted([mine, theirs, None], key=str)
    assert found[MINE] == [mine] and sorted(found[THEIRS], key=str) == sorted([theirs, None], key=str)
    page = desk.ask("admin", "GET", "/partners/showing?page[size]=2").json
    rest = desk.ask("admin", "GET", page["links"]["next"].removeprefix("/v1/manage")).json
    assert len(page["data"]) == 2 and len(rest["data"]) == 1


@pytest.mark.parametrize(("body", "pointers"), [
    ({}, {"/name"}), ({"name": ""}, {"/name"}), ({"name": "P", "clinics": ["nowhere"]}, {"/clinics"}),
    ({"name": "P", "topics": ["top_none"]}, {"/topics"}), ({"name": "P", "locales": ["fr"]}, {"/locales"}),
    ({"name": "P", "types": ["page"]}, {"/types/0"}), ({"name": "P", "indexing": "all"}, {"/indexing"}),
    ({"name": "P", "licence": {"url": "x"}}, {"/licence/id", "/licence/url"}), ({"name": "P", "id": "x"}, {"/id"}),
    ({"name": "P", "attribution": {"text": {"en": ""}}}, {"/attribution/text/en"}),
    ({"name": "P", "terms": {}}, {"/terms"}), ({"name": "P", "ended_at": None}, {"/ended_at"}),
])  # fmt: skip
def test_a_partner_that_makes_no_sense_is_refused_by_name(shared_house: House, body: Any, pointers: set[str]) -> None:
    desk = Desk(shared_house, secrets=shared_house.database.memory.setdefault("desk", {}))
    reply = desk.ask("admin", "POST", "/partners", body)
    assert (reply.status_code, {each["pointer"] for each in reply.json["errors"]}) == (422, pointers)


def test_a_topic_of_terms_is_the_librarys_or_one_of_their_clinics(house: House, desk: Desk) -> None:
    foreign = desk.create("own", name="author@demo-north", clinic="demo-north").rpartition("/")[2]
    said = {"name": "P", "clinics": ["demo-south"], "topics": [foreign, "top_0000000"]}
    told = desk.ask("admin", "POST", "/partners", said).json["errors"]
    assert [each["detail"].replace(foreign, "top_0000000") for each in told] == ["There is no topic top_0000000."] * 2
    theirs = {**said, "clinics": ["demo-north"], "topics": [foreign]}
    assert desk.ask("admin", "POST", "/partners", theirs).status_code == 201


def test_a_change_of_terms_makes_old_what_was_made_for_the_partner(house: House, desk: Desk) -> None:
    partner = made(desk)["id"]

    def purged() -> tuple[bool, bool]:
        with house.database.transaction() as session:
            last = session.query(Purge).order_by(Purge.clock.desc()).first()
            assert last is not None
            return f"p:{partner}" in last.tags, last.hard

    assert purged() == (True, False)
    for body, hard in (({"name": "Other"}, False), ({"locales": ["en"]}, True), ({"locales": []}, True)):
        desk.done("admin", "PATCH", f"/partners/{partner}", body, If_Match="*")
        assert purged() == (True, hard)
    desk.done("admin", "DELETE", f"/partners/{partner}", If_Match="*")
    assert purged() == (True, True)


def test_words_of_terms_are_those_of_the_rules() -> None:
    assert shapes.INDEXING == rules.INDEXING


def test_a_clinic_with_a_partner_is_not_removed_from_under_it(house: House, desk: Desk) -> None:
    new = {"slug": "new", "name": {"en": "New"}, "time_zone": "UTC", "default_locale": "en"}
    desk.done("admin", "POST", "/clinics", {**new, "locales": [{"code": "en"}]})
    partner = made(desk, clinics=["new"])["id"]
    refused = desk.ask("admin", "DELETE", "/clinics/new", If_Match="*")
    assert [each["code"] for each in refused.json["blockers"]] == ["has_partners"]
    desk.done("admin", "DELETE", f"/partners/{partner}", If_Match="*")
    assert desk.ask("admin", "DELETE", "/clinics/new", If_Match="*").status_code == 200
