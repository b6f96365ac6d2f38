"""The OpenAPI document is valid, agreed, complete, and true of every live reply."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from api.app import create_app
from api.openapi.document import document
from api.openapi.examples import EXAMPLES
from api.openapi.sampling import ASKED, sampled
from seed import files
from tests.builders import a_live_topic, move
from tests.conftest import House, config
from tests.live import (
    KINDS,
    PLACES,
    Contract,
    contract,
    house_addresses,
    item_addresses,
    list_addresses,
    shaped_addresses,
    with_key,
)

pytestmark = pytest.mark.either

AGREED = Path(__file__).parents[1] / "docs/openapi.json"
Json = dict[str, Any]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Json:
    """The document as this code writes it."""
    folder = tmp_path_factory.mktemp("document")
    return document(create_app(config(f"sqlite:///{folder / 'none.sqlite'}", folder), front=False))


def operations(found: Json) -> list[tuple[str, Json]]:
    closed = ("/v1/manage", "/v1/partners", "/v1/clinics/{clinic}/preview")
    paths = {path: item for path, item in found["paths"].items() if not path.startswith(closed)}
    return [(path, item["get"]) for path, item in paths.items() if "get" in item]


def test_the_document_is_valid_openapi_3_1(written: Json) -> None:
    assert written["openapi"].startswith("3.1.")
    assert [str(fault) for fault in OpenAPIV31SpecValidator(written).iter_errors()] == []


def test_the_document_is_the_one_that_was_agreed(written: Json) -> None:
    assert AGREED.exists() and json.loads(AGREED.read_text("utf-8")) == written, "run make openapi"


def test_the_document_given_out_is_the_one_that_was_agreed(library: House) -> None:
    assert library.client.get("/v1/openapi.json").json == json.loads(AGREED.read_text("utf-8")), "run make openapi"


def test_the_examples_are_what_the_seeded_library_answers(library: House) -> None:
    assert sampled(lambda address: library.get(address).json) == EXAMPLES, "run make openapi"


def test_every_example_is_as_its_own_schema_says(written: Json) -> None:
    said, shown = Contract(written), set()
    for path, operation in operations(written):
        for status, response in operation["responses"].items():
            for content in response.get("content", {}).values():
                for name, example in content.get("examples", {}).items():
                    said.check(content["schema"], example["value"], f"{path} {status} {name}")
                    shown.add(operation["summary"] if status == "200" else f"Problem {status}")
    assert shown == set(ASKED)


@pytest.mark.parametrize(
    ("changed", "named"),
    [({"published_at": "yesterday"}, "published_at"), ({"url": 7}, "url"), ({"kind": "cure"}, "kind"),
     ({"categories": [{}]}, "categories"), ({"more": 1}, "more")],
)  # fmt: skip
def test_a_reply_that_breaks_the_document_is_told_of(library: House, changed: Json, named: str) -> None:
    said, [card, *_] = contract(library), library.data("demo-south/topics?view=card")["data"]
    said.check(_view("topic", "card"), card, "whole", closed=True)
    with pytest.raises(AssertionError, match=named):
        said.check(_view("topic", "card"), {**card, **changed}, "broken", closed=True)


def test_every_read_address_is_in_the_document(written: Json) -> None:
    here = "/v1/clinics/{clinic}"
    site = {"/categories", "/categories/{slug}", "/navigation", "/search", "/resolve", "/redirects"}
    wanted = {"/v1/clinics", here, f"{here}.jsonld", f"{here}/sitemap.json", f"{here}/sitemap.xml"}
    wanted |= {here + rest for rest in site}
    for kind in KINDS.values():
        wanted |= {f"{here}/{kind.plural}{rest}" for rest in ("", ".jsonld", "/{slug}", "/{slug}.jsonld", "/{slug}.md")}
    wanted.add(f"{here}/topics/{{slug}}/modules/{{aspect}}")
    assert wanted <= set(written["paths"])


def test_every_parameter_has_its_literal_name_and_says_what_it_does(written: Json) -> None:
    for path, operation in operations(written):
        names = [each["name"] for each in operation["parameters"]]
        assert len(names) == len(set(names)), path
        for each in operation["parameters"]:
            assert each.get("description"), f"{path}: {each['name']}"
            assert each["schema"] and "$ref" not in each, f"{path}: {each['name']}"
            assert "*" not in each["name"] and each.get("style") != "deepObject", f"{path}: {each['name']}"
    asked = {each["name"] for each in written["paths"]["/v1/clinics/{clinic}/topics"]["get"]["parameters"]}
    assert {"filter[kind]", "filter[kind][in]", "fields[topic]", "page[after]", "include_limit[faqs]"} <= asked


def test_every_operation_documents_its_statuses(written: Json) -> None:
    for path, operation in operations(written):
        found = set(operation["responses"])
        assert {"200", "304", "400", "413", "429", "500", "503"} <= found, path
        assert {"Retry-After", "RateLimit", "RateLimit-Policy"} == set(operation["responses"]["429"]["headers"]), path
        assert ("401" in found) == bool(operation["security"]), path
        if "{clinic}" in path:
            assert {"403", "404"} <= found, path
        if "{slug}" in path and "categories" not in path or path.endswith("/resolve"):
            assert "410" in found, path
        for status, response in operation["responses"].items():
            assert response["description"], f"{path} {status}"
            assert ("application/problem+json" in response.get("content", {})) == (int(status) >= 400), path


def test_the_groups_are_described_and_reading_comes_before_the_rest(written: Json) -> None:
    names = [each["name"] for each in written["tags"] if each["description"]]
    assert names[:2] == ["clinics", "topics"] and names.index("site") < names.index("embeds") < names.index("entries")
    assert set(names) == {tag for item in written["paths"].values() for each in item.values() for tag in each["tags"]}


def test_what_can_be_tried_has_an_example_in_each_segment_of_its_address(written: Json) -> None:
    for path, operation in operations(written):
        segments = [each for each in operation["parameters"] if each["in"] == "path"]
        assert not [each["name"] for each in segments if "example" not in each], path


def test_every_operation_has_a_name_of_its_own(written: Json) -> None:
    every = [operation for item in written["paths"].values() for operation in item.values()]
    names = [operation["operationId"] for operation in every]
    assert len(names) == len(set(names)) and all(re.fullmatch("[a-z][A-Za-z0-9]*", name) for name in names)
    assert all(operation["summary"] and operation["tags"] for _, operation in operations(written))


@pytest.mark.parametrize("type_name", list(KINDS))
def test_every_seed_item_is_as_the_document_says_in_every_view_and_format(house: House, type_name: str) -> None:
    said, headers = contract(house), with_key(house)
    slugs: dict[tuple[str, str], set[str]] = {}
    for clinic, locale in PLACES:
        for address, view, form in list_addresses(clinic, locale, type_name):
            reply = house.get(address, headers=headers)
            said.hold(address, reply)
            assert reply.json["meta"]["view"] == view and reply.json["meta"]["format"] == form
            for item in reply.json["data"]:
                said.check(_view(type_name, view), item, address, closed=True)
                assert set(_formats(item)) <= {form}, address
                _has_every_relation(item, view)
            slugs[clinic, locale] = {item["slug"] for item in reply.json["data"]}
    seeded = [each for each in files.entry_files() if each.type == type_name]
    for locale in ("en", "es"):
        assert slugs["demo-south", locale] == {each.texts[locale][0] for each in seeded}


@pytest.mark.parametrize("type_name", list(KINDS))
def test_every_address_of_every_seed_item_answers_as_the_document_says(house: House, type_name: str) -> None:
    said, headers, plural = contract(house), with_key(house), KINDS[type_name].plural
    for clinic, locale in PLACES:
        for address in shaped_addresses(clinic, locale, type_name):
            reply = house.get(address, headers=headers)
            assert reply.status_code == 200, reply.text
            said.hold(address, reply)
        listed = house.get(f"{clinic}/{plural}?locale={locale}&view=full&page[size]=100", headers=headers).json
        for item in listed["data"]:
            for address in item_addresses(item, clinic):
                reply = house.get(address, headers=headers)
                said.hold(address, reply)
                # A section may be there and not stand alone; that is the only way to miss.
                assert reply.status_code == 200 or "/modules/" in address, address
            whole = house.get(f"{clinic}/{plural}/{item['slug']}?locale={locale}", headers=headers).json["data"]
            assert whole == item
    assert said.held > len(listed["data"]) * 3 * len(PLACES)


def test_every_address_of_every_clinic_answers_as_the_document_says(house: House) -> None:
    said, headers = contract(house), with_key(house)
    for clinic, locale in PLACES:
        for address in house_addresses(clinic, locale):
            reply = house.get(address, headers=headers)
            assert reply.status_code == 200, f"{address}: {reply.text}"
            said.hold(address, reply)
        for category in house.get(f"{clinic}/categories?locale={locale}", headers=headers).json["data"]:
            address = f"/v1/clinics/{clinic}/categories/{category['slug']}?locale={locale}"
            said.hold(address, house.get(address, headers=headers))


def test_every_problem_is_as_the_document_says(house: House) -> None:
    said = contract(house)
    withdrawn = a_live_topic(house.database, "old-offer")
    move(house.database, "withdraw", withdrawn, "publisher", reason="Replaced by a newer text.")
    for status, rest, headers in [
        (400, "demo-south/topics?filter[colour]=red&page[size]=500", {}),
        (400, "demo-south/search", {}),
        (401, "demo-private/topics", {}),
        (401, "demo-south/topics", {"Authorization": "Bearer ck_pub_none"}),
        (404, "no-such-clinic/topics", {}),
        (404, "demo-south/topics/no-such-topic", {}),
        (404, "demo-south/topics/old-offers?fallback=none&locale=es", {}),
        (404, "demo-south/topics/mesotherapy/modules/alternatives", {}),
        (404, "demo-south/resolve?path=/nowhere", {}),
        (410, "demo-south/topics/old-offer", {}),
        (410, "demo-south/topics/old-offer.jsonld", {}),
        (410, "demo-south/topics/old-offer.md", {}),
        (410, "demo-south/resolve?path=/treatments/old-offer", {}),
        (413, "demo-south/topics?locale=" + "e" * 8_000, {}),
    ]:
        reply = house.get(rest, headers=headers)
        assert reply.status_code == status, f"{rest}: {reply.text}"
        said.hold(f"/v1/clinics/{rest}", reply)
        assert reply.json["status"] == status and reply.json["request_id"] == reply.headers["X-Request-Id"]


def test_what_has_not_changed_is_304_without_a_body(library: House) -> None:
    said = contract(library)
    for rest in ("demo-south/topics", "demo-south/topics/mesotherapy", "demo-south.jsonld", "demo-south/sitemap.xml"):
        tag = library.get(rest).headers["ETag"]
        reply = library.get(rest, headers={"If-None-Match": tag})
        assert reply.status_code == 304
        said.hold(f"/v1/clinics/{rest}", reply)


def _view(type_name: str, view: str) -> Json:
    return {"$ref": f"#/components/schemas/{type_name.title()}{view.title()}"}


def _formats(value: Any) -> list[str]:
    """The format of every rich text in a delivered item."""
    if isinstance(value, list):
        return [form for each in value for form in _formats(each)]
    if not isinstance(value, dict):
        return []
    if set(value) == {"format", "value"}:
        return [value["format"]]
    return [form for each in value.values() for form in _formats(each)]


def _has_every_relation(item: Json, view: str) -> None:
    if view == "full":
        assert list(item["relationships"]) == [each.name for each in KINDS[item["type"]].relations]
