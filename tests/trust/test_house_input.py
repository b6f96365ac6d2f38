"""Hostile values in the house's bodies: refused by name, or taken so that no reader stumbles over them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import House
from tests.managing import Desk

pytestmark = pytest.mark.either

VALUES: list[Any] = [
    None, True, 0, -1, 1.5, 1e300, 2**31, 2**63, "", "x", "é" * 3_000, "a\u202eb", [], {}, [[]], [{}], {"en": "x"},
    {"es": "x"}, {"en": None}, {"zz": "x"}, ["a", "a"], "2026-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00", "/a",
    "//a", "https://a", "https://[", "a@b.example", "x" * 300 + "@b.example", "en", "demo-south", [{"code": "en"}],
    {"en": {"topic": "/{slug}/{slug}"}}, {"en": {"home": "/", "faq": "/x#{slug}"}}, {"en": {"title": "a", "slug": "a"}},
    [{"role": "author", "clinic": "demo-south"}], {"phone": "<b>"}, {"label": {"es": "x"}, "url": "https://a/?b"},
]  # fmt: skip
PLACE = {"name": {"en": "A"}, "address": {"street": "1", "locality": "A", "country": "ES"}, "time_zone": "UTC"}
PLACES: list[Any] = [
    {"main": {"geo": {"lat": "NaN", "lng": 1}}}, {"main": {"geo": {"lat": 1e300, "lng": 1}}}, {"main": None},
    {"new": {**PLACE, "opening_hours": [{"days": [], "opens": "24:00", "closes": "00:00"}]}},
    {"new": {**PLACE, "exceptions": [{"from": "9999-12-31", "to": "0001-01-01"}]}}, [PLACE],
]  # fmt: skip
READS = (
    "", ".jsonld", "/topics/mesotherapy.jsonld", "/topics/mesotherapy", "/navigation", "/sitemap.xml", "/redirects",
    "/resolve?path=/a",
)  # fmt: skip


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


@pytest.mark.long
def test_no_profile_that_is_taken_breaks_a_page(house: House, desk: Desk) -> None:
    if not house.database.sqlite:
        pytest.skip("a profile is one JSON document on both databases")
    profile = desk.done("admin", "GET", "/clinics/demo-south")["profile"]
    taken = 0
    for name in profile:
        for value in PLACES if name == "locations" else VALUES:
            if name in ("slug", "private") and value in ("x", "en", True):
                continue
            reply = desk.ask("admin", "PATCH", "/clinics/demo-south", {name: value}, If_Match="*")
            assert reply.status_code in (200, 409, 422), f"{name} {value!r}: {reply.text}"
            if reply.status_code == 200:
                taken += 1
                for read in READS:
                    status = house.get(f"demo-south{read}").status_code
                    assert status in (200, 400, 404), f"{name} {value!r}: {read} {status}"
                desk.done("admin", "PUT", "/clinics/demo-south", profile, If_Match="*")
    assert taken > 30


def test_no_other_body_breaks_anything(house: House, desk: Desk) -> None:
    category = {"key": "laser", "group": "subject", "position": 1, "parent": None, "clinic": None,
                "texts": {"en": {"title": "L", "slug": "l"}}}  # fmt: skip
    redirect = {"clinic": "demo-south", "from": "/x", "to": "/y", "status": 301}
    person = {"email": "a@b.example", "name": "A", "title": {"en": "A"}, "credentials": [], "demo": False, "roles": []}
    key = {"kind": "manage", "name": "k", "clinics": [], "person": None, "origins": [], "expires_at": None}
    key["partner"] = None
    partner = {"name": "P", "origins": [], "clinics": [], "types": [], "topics": [], "locales": [], "licence": None,
               "attribution": {"required": True}, "indexing": "noindex"}  # fmt: skip
    for path, body in (("/categories", category), ("/redirects", redirect), ("/people", person), ("/keys", key),
                       ("/partners", partner)):  # fmt: skip
        for name in body:
            for value in VALUES:
                reply = desk.ask("admin", "POST", path, {**body, name: value})
                assert reply.status_code in (201, 404, 409, 422), f"{path} {name} {value!r}: {reply.text}"
        assert desk.ask("admin", "GET", f"{path}?page[size]=100").status_code == 200
    for read in READS:
        assert house.get(f"demo-south{read}").status_code in (200, 404)


@pytest.mark.parametrize("name", ["zzz", "%00", "%ff", "é", "0", "-1", "9" * 40, "..", "%2e%2e", "x" * 2_000])
def test_an_id_of_any_shape_is_only_unknown(shared_house: House, name: str) -> None:
    desk = Desk(shared_house)
    for path in ("clinics", "categories", "redirects", "people", "keys", "partners"):
        assert desk.ask("admin", "GET", f"/{path}/{name}").status_code == 404
        assert desk.ask("admin", "DELETE", f"/{path}/{name}", If_Match="*").status_code in (404, 405)


@pytest.mark.parametrize(
    "query", ["filter[since]=0001-01-01T00:00:00%2B14:00", "filter[until]=9999-12-31T23:59:59-14:00",
              "filter[since]=0001-01-01", "filter[subject]=%00", "filter[verb]=%25_", "page[after]=AAAA"],
)  # fmt: skip
def test_a_filter_of_the_log_of_any_shape_is_answered(shared_house: House, query: str) -> None:
    desk = Desk(shared_house)
    assert desk.ask("admin", "GET", f"/audit?{query}").status_code in (200, 400)


@pytest.mark.parametrize("number", ["12.5", True, "301", 301.7], ids=repr)
def test_a_number_is_a_json_number_and_no_word_that_looks_like_one(shared_house: House, number: Any) -> None:
    desk = Desk(shared_house)
    desk.done("admin", "GET", "/clinics/demo-south")
    for change in ({"main": {"geo": {"lat": number, "lng": 1}}}, {"main": {"geo": {"lat": 1, "lng": number}}}):
        assert desk.ask("admin", "PATCH", "/clinics/demo-south", {"locations": change}).status_code == 422
    redirect = {"clinic": "demo-south", "from": "/strictly", "to": "/b", "status": number}
    assert desk.ask("admin", "POST", "/redirects", redirect).status_code == 422
