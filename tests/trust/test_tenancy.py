"""Whose is whose (TA7, TA8, TA14): one clinic's content, count or key never shows in another's replies."""

from __future__ import annotations

from typing import Any

import pytest

from api.models import Clinic
from api.rules.permissions import OPERATOR
from api.services.house import house as houses
from api.services.house import keys
from api.services.texts import entries
from api.services.work import writing
from tests.conftest import House
from tests.trust.desk import (
    FAQ,
    TERM,
    TOPIC,
    add,
    addresses,
    at,
    bearer,
    clinic_id,
    desk,
    document_of,
    key,
    publish,
    text_of,
)

pytestmark = pytest.mark.either

CANARY = "zanzibarcanary"
ITEM = "demo-south/topics/mesotherapy"
VOLATILE = ("Date", "X-Request-Id", "Last-Modified")


def body(reply: Any) -> dict[str, Any]:
    """A problem without what differs in every reply, and without the address asked for."""
    return {name: value for name, value in reply.json.items() if name not in ("request_id", "instance")}


def shape(reply: Any) -> tuple[int, dict[str, Any], set[str]]:
    return reply.status_code, body(reply), set(reply.headers.keys())


def pictures(house: House, clinic: str, **headers: str) -> dict[str, tuple[int, bytes, str | None]]:
    """What every address of a clinic answers: status, bytes, tag."""
    found = {}
    for path in addresses(house, clinic):
        reply = house.get(path, headers=headers)
        found[path] = (reply.status_code, reply.data, reply.headers.get("ETag"))
    return found


@pytest.mark.parametrize("headers", [
    {"X-Tenant": "demo-private"}, {"X-Clinic": "demo-private"}, {"Host": "demo-private.example"},
    {"Host": "demo-private"}, {"X-Forwarded-Host": "private.example"}, {"Forwarded": "host=private.example"},
    {"X-Original-URL": "/v1/clinics/demo-private"}, {"X-Rewrite-URL": "/v1/clinics/demo-private"},
    {"X-Forwarded-Prefix": "/v1/clinics/demo-private"}, {"Referer": "https://private.example/"},
    {"Cookie": "clinic=demo-private; tenant=demo-private"},
])  # fmt: skip
def test_ta7_no_header_chooses_the_clinic(library: House, headers: dict[str, str]) -> None:
    for address in (ITEM, "demo-south", "demo-south/topics", "demo-south/search?q=skin"):
        clean, asked = library.get(address), library.get(address, headers=headers)
        assert (asked.status_code, asked.data) == (clean.status_code, clean.data)


@pytest.mark.parametrize("headers", [
    {"Host": "a..b"}, {"Host": "[::1"}, {"Host": ""}, {"Host": f"{'x' * 300}.example"}, {"Host": "demo.example:99999"},
    {"Connection": "Upgrade", "Upgrade": "websocket"},
])  # fmt: skip
def test_ta7_no_name_of_a_host_and_no_wish_for_another_protocol_changes_a_reply(
    library: House, headers: dict[str, str]
) -> None:
    clean, asked = library.get(ITEM), library.get(ITEM, headers=headers)
    assert (asked.status_code, asked.data) == (clean.status_code, clean.data)


def test_ta7_no_query_parameter_chooses_the_clinic(library: House) -> None:
    for name in ("clinic", "tenant", "tenant_id", "scope", "site", "filter[clinic]", "filter[scope]"):
        assert library.get(f"demo-south/topics?{name}=demo-private").status_code == 400


def test_ta7_a_foreign_key_changes_no_byte_of_a_public_clinic(house: House) -> None:
    _, north = key(house, ["demo-north"])
    for address in (ITEM, "demo-south/topics", "demo-south", "demo-south/search?q=skin", "demo-south/sitemap.json"):
        clean, asked = house.get(address), house.get(address, headers=bearer(north))
        assert (asked.status_code, asked.data, asked.headers["ETag"]) == (200, clean.data, clean.headers["ETag"])


def test_ta8_what_a_clinic_adds_shows_in_no_other_reply(house: House) -> None:
    owner = clinic_id(house, "demo-north")
    before = pictures(house, "demo-south")
    said = {**TOPIC, "title": f"{CANARY} treatment", "summary": CANARY}
    add(house, "topic", "canary-topic", said, scope=owner)
    add(house, "faq", "canary-faq", {**FAQ, "question": f"Is {CANARY} a canary?"}, scope=owner)
    add(house, "term", "canary-term", {**TERM, "title": CANARY, "synonyms": ["scars"]}, scope=owner)
    add(house, "topic", "planned", {**TOPIC, "title": "Planned"}, scope=owner, at=at(30))
    assert pictures(house, "demo-south") == before
    for address in ("topics", "faqs", "terms"):
        assert house.get(f"demo-south/{address}/canary-{address[:-1]}").status_code == 404
        assert house.get(f"demo-north/{address}/canary-{address[:-1]}").status_code == 200
    assert house.data(f"demo-north/search?q={CANARY}")["meta"]["total"] == 3
    spelled = house.data("demo-south/search?q=zanzibarcanory&facets=type,category")
    assert (spelled["meta"]["total"], spelled["meta"]["query"]["did_you_mean"]) == (0, None)
    assert house.data("demo-north/search?q=zanzibarcanory")["meta"]["query"]["did_you_mean"] == CANARY


def test_ta8_what_another_clinic_plans_shortens_no_lifetime(house: House) -> None:
    before = house.get("demo-south/topics").headers["Cache-Control"]
    add(house, "topic", "planned", {**TOPIC, "title": "Planned"}, scope=clinic_id(house, "demo-north"), at=at(30))
    assert house.get("demo-south/topics").headers["Cache-Control"] == before
    assert house.get("demo-north/topics").headers["Cache-Control"] != before


def test_ta8_ids_filters_and_cursors_of_another_clinic_find_nothing(house: House) -> None:
    owner = clinic_id(house, "demo-north")
    made = add(house, "faq", "canary-faq", FAQ, scope=owner)
    topic = add(house, "topic", "canary-topic", {**TOPIC, "faqs": [{"type": "faq", "id": made}]}, scope=owner)
    absent = house.data("demo-south/faqs?ids=faq_0000000")["meta"]["unresolved"]
    assert house.data(f"demo-south/faqs?ids={made}")["meta"]["unresolved"] == absent
    for named in (topic, "canary-topic"):
        assert house.data(f"demo-south/faqs?filter[topic]={named}&count=true")["meta"]["total"] == 0
    cursor = house.data("demo-north/faqs?page[size]=1")["links"]["next"].split("page%5Bafter%5D=")[1].split("&")[0]
    assert house.get(f"demo-south/faqs?page[after]={cursor}").status_code == 400
    assert house.get(f"demo-north/faqs?page[after]={cursor}").status_code == 200
    assert house.get(f"demo-north/faqs?locale=es&page[after]={cursor}").status_code == 400


def test_ta8_a_hidden_topic_is_nowhere_in_the_clinic_that_hides_it(library: House) -> None:
    hidden = library.data("demo-south/topics/combined-treatment")["data"]
    for path in addresses(library, "demo-north"):
        if "resolve" not in path and "search" not in path:
            assert hidden["id"].encode() not in library.get(path).data, path
    assert library.get("demo-north/topics/combined-treatment").status_code == 404
    never = body(library.get("demo-north/topics/never-was"))
    assert body(library.get("demo-north/topics/combined-treatment")) == never


def test_a_private_clinic_answers_its_own_keys_alone(house: House) -> None:
    _, own = key(house, ["demo-private"])
    _, foreign = key(house, ["demo-north", "demo-south"])
    for rest in ("", ".jsonld", "/topics", "/topics/mesotherapy", "/topics/mesotherapy.md", "/search?q=skin",
                 "/sitemap.xml", "/navigation", "/categories", "/redirects", "/resolve?path=/",
                 "/topics/no-such"):  # fmt: skip
        path, never = f"demo-private{rest}", f"demo-never{rest}"
        asked = house.get(path)
        assert (asked.status_code, asked.headers["WWW-Authenticate"]) == (401, 'Bearer realm="clinic-cms"')
        assert asked.headers["Cache-Control"] == "no-store"
        assert shape(house.get(path, headers=bearer(foreign))) == shape(house.get(never, headers=bearer(foreign)))
        reply = house.get(path, headers=bearer(own))
        assert reply.status_code == (404 if rest in ("/topics/no-such", "/resolve?path=/") else 200), reply.text
        assert reply.headers["Cache-Control"] == ("private, no-cache" if reply.status_code == 200 else "no-store")
        assert "Surrogate-Key" not in reply.headers


def test_a_private_clinic_is_listed_for_its_own_key_alone(house: House) -> None:
    _, own = key(house, ["demo-private"])
    _, foreign = key(house, ["demo-north"])
    listed = lambda **more: [each["slug"] for each in house.get("/v1/clinics", **more).json["data"]]  # noqa: E731
    assert listed() == listed(headers=bearer(foreign)) == ["demo-south", "demo-north"]
    assert listed(headers=bearer(own)) == ["demo-south", "demo-north", "demo-private"]


def test_keys_of_other_kinds_do_not_read_a_private_clinic(house: House) -> None:
    for kind in ("preview", "manage", "partner"):
        _, other = key(house, ["demo-private"], kind)
        assert house.get("demo-private", headers=bearer(other)).status_code == 404


def test_a_browser_key_is_held_to_its_origins(house: House) -> None:
    _, own = key(house, ["demo-private"], "browser", origins=["https://private.example"])
    for origin, status in (("https://private.example", 200), ("https://private.example.evil", 403), ("null", 403),
                           ("https://evilprivate.example", 403), ("http://private.example", 403), (None,
                           403)):  # fmt: skip
        reply = house.get("demo-private", headers=bearer(own) | ({"Origin": origin} if origin else {}))
        assert reply.status_code == status
        assert reply.headers.get("Access-Control-Allow-Origin") != origin or status == 200
        assert "Access-Control-Allow-Credentials" not in reply.headers


def test_revoked_and_expired_keys_are_refused_at_the_next_request(house: House) -> None:
    key_id, own = key(house, ["demo-private"])
    _, short = key(house, ["demo-private"], expires_at=at(10))
    assert [house.get("demo-private", headers=bearer(each)).status_code for each in (own, short)] == [200, 200]
    house.at(9)
    assert house.get("demo-private", headers=bearer(short)).status_code == 200
    house.at(10)
    assert house.get("demo-private", headers=bearer(short)).status_code == 401
    with writing(house.database, OPERATOR) as work:
        keys.revoke(work, key_id)
    for path in ("demo-private", "demo-private/topics", "/v1/clinics", ITEM):
        assert house.get(path, headers=bearer(own)).status_code == 401


def test_a_key_anywhere_but_in_its_header_is_not_read(house: House) -> None:
    _, own = key(house, ["demo-private"])
    for name in ("key", "api_key", "access_token", "token", "authorization"):
        reply = house.get(f"demo-private/topics?{name}={own}")
        assert reply.status_code == 400 and own not in reply.text
    for headers in ({"Cookie": f"key={own}"}, {"X-Api-Key": own}, {"X-Auth-Token": own}):
        assert house.get("demo-private", headers=headers).status_code == 401
    for given in ("", "Bearer", "Bearer ", own, f"Basic {own}", f"Token {own}", f"Bearer {own}x", f"Bearer {own[:-1]}",
                  f"Bearer {own.lower()}", f"Bearer {own} {own}", "Bearer \xff", f"Bearer {'x' * 9000}"):  # fmt: skip
        assert house.get("demo-private", headers={"Authorization": given}).status_code == 401, given
    assert house.get("demo-private", headers={"Authorization": f"bearer  {own}"}).status_code == 200


PATHS = ["/v1/clinics/demo-private/", "/v1/clinics/demo-private;x", "/v1/clinics/demo-private%2ftopics",
         "/v1/clinics/Demo-Private", "/v1/clinics/DEMO-PRIVATE/topics", "/v1/clinics/demo-private.json",
         "/v1/clinics/demo-private/topics/", "/v1/clinics//demo-private", "/v1//clinics/demo-private",
         "//v1/clinics/demo-private", "/v1/clinics/demo-private%00", "/v1/clinics/demo-private%20",
         "/V1/clinics/demo-private",
         "/v1/clinics/./demo-private", "/v1/clinics/demo-south/../demo-private",
         "/v1/clinics/demo-south/..%2fdemo-private",
         "/v1/clinics/demo-private/topics/mesotherapy.json", "/v1/clinics/demo-private/x.css",
         "/v1/clinics/demo-private%2f",
         "/v1/clinics/demo-private.", "/v1/clinics/demo-private%252f", "/v1/clinics/demo\u2010private"]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_ta14_no_spelling_of_a_private_path_is_looser(library: House, path: str) -> None:
    reply = library.get(path)
    assert reply.status_code in (401, 404)
    assert reply.headers["Cache-Control"] == "no-store" and "Location" not in reply.headers
    assert b"Demo Clinic Private" not in reply.data


def test_ta14_other_methods_decide_alike(library: House) -> None:
    path = "/v1/clinics/demo-private/topics"
    client = library.client
    assert (client.head(path).status_code, client.head(path).data) == (401, b"")
    assert client.options(path).status_code == 200 and client.options(path).data == b""
    for method in ("GET", "HEAD", "DELETE", "OPTIONS"):
        for name in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
            assert client.get(path, headers={name: method}).status_code == 401
            assert client.post(path, headers={name: method}).status_code == 405


def test_ta14_a_profile_that_turns_private_is_private_at_once(house: House) -> None:
    assert house.get("demo-south").status_code == 200
    with desk(house) as demo:
        document = dict(demo.work.session.get_one(Clinic, clinic_id(house, "demo-south")).document)
        demo.work.actor = OPERATOR
        houses.save_clinic(demo.work, {**document, "private": True})
    for path in ("demo-south", ITEM, "demo-south/topics/no-such", "demo-south/search?q=skin", "demo-south/sitemap.xml"):
        assert house.get(path).status_code == 401


def test_a_library_change_reaches_every_clinic(house: House) -> None:
    with desk(house) as demo:
        variant = text_of(demo, "term", "collagen")
        entries.revise(demo.act("author"), variant, "collagen", {**document_of(demo, variant), "summary": CANARY})
        publish(demo, variant)
    for clinic in ("demo-south", "demo-north"):
        assert house.data(f"{clinic}/terms/collagen?locale=en")["data"]["summary"] == CANARY
