"""A developer adds a content type: one declaration, and everything that follows from it is there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from marshmallow import Schema, fields

from api.app import create_app
from api.models import Variant
from schemas import content, requests
from schemas.content_type import ContentType, Filter, Relation, ReviewPolicy
from schemas.parts import Categories, References, RichText
from schemas.strict import Choice, Text, Whole
from tests.builders import create, entry_id, move, publish_text
from tests.conftest import House, a_house_of_its_own

pytestmark = pytest.mark.either

AUDIENCES = ("everyone", "patients")


class BulletinSchema(Schema):
    """What is stored of a bulletin in one locale."""

    headline = Text(required=True, longest=120)
    summary = Text(required=True)
    audience = Choice(AUDIENCES, load_default="everyone")
    position = Whole(load_default=100)
    categories = Categories(group="subject", load_default=list)
    body = RichText(required=True)
    notes = fields.List(Text(), load_default=list)
    topics = References("topic", load_default=list)


def bulletin_graph(item: dict[str, Any], page: Any) -> list[dict[str, Any]]:
    """https://schema.org/Article, as small as it can be."""
    return [{"@type": "Article", "@id": f"urn:{item['id']}", "headline": item["headline"], "url": item["url"]}]


CARD = ("headline", "summary", "audience", "categories")

BULLETIN = ContentType(
    name="bulletin",
    plural="bulletins",
    prefix="bul",
    schema=BulletinSchema,
    labels={"en": "Bulletins", "es": "Boletines"},
    views={
        "card": CARD,
        "summary": (*CARD, "position", "review"),
        "full": (*CARD, "position", "body", "notes", "notice", "review", "breadcrumbs", "alternates", "relationships",
                 "links"),
    },
    json_ld=bulletin_graph,
    title="headline",
    searchable=("headline", "summary", "body"),
    overridable=("headline",),
    clinical=("body",),
    filters={
        "audience": Filter(choices=AUDIENCES), "category": Filter("category"), "headline": Filter("text"),
        "topic": Filter("relation", of=("topic", "bulletins")), "updated_at": Filter("instant"),
    },
    sorts=("position", "headline", "published_at", "updated_at"),
    relations=(Relation("topics", "topic", "bulletin", field="topics"), Relation("terms", "term", "bulletin")),
    review=ReviewPolicy(),
)  # fmt: skip
SLUG = "winter-bulletin"


def forget() -> None:
    """Parameters are made once per type; a type that comes later is not among them."""
    for made in vars(requests).values():
        if hasattr(made, "cache_clear"):
            made.cache_clear()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house whose code knows bulletins, with one of them live; who writes into it leaves it as it was."""
    for house in a_house_of_its_own(request, tmp_path_factory.mktemp("bulletins")):
        # Only now: the application that all houses of this process share may have been made for this one.
        content.CONTENT_TYPES.append(BULLETIN)
        forget()
        try:
            app = create_app(house.app.extensions["config"], house.database, front=False)
            found = House(app, house.database, app.test_client())
            a_live_bulletin(found)
            yield found
        finally:
            content.CONTENT_TYPES.remove(BULLETIN)
            forget()


def a_live_bulletin(house: House) -> Variant:
    topic = entry_id(house.database, "mesotherapy")
    text = create(house.database, SLUG, {
        "headline": "Winter hours", "summary": "When lamps are lit.", "audience": "patients",
        "categories": ["skin-basics"], "topics": [{"type": "topic", "id": topic}],
        "body": f"Read about [the treatment](entry:{topic}) before **Zeppelin** day.",
    }, kind="bulletin")  # fmt: skip
    publish_text(house.database, text)
    return text


def test_it_has_an_item_with_every_field_of_its_view(house: House) -> None:
    reply = house.data(f"demo-south/bulletins/{SLUG}?include=topics")
    item = reply["data"]
    assert set(item) >= set(BULLETIN.views["full"])
    assert item["headline"] == "Winter hours" and item["id"].startswith("bul_")
    assert 'href="/treatments/mesotherapy"' in item["body"]["value"]
    assert item["review"]["status"] == "current"
    assert item["relationships"]["topics"]["data"][0]["slug"] == "mesotherapy"
    assert [each["slug"] for each in reply["included"]] == ["mesotherapy"]
    assert item["breadcrumbs"][-2]["label"] == "Bulletins"


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("", 1), ("sort=-headline", 1), ("filter[audience]=patients", 1), ("filter[audience]=everyone", 0),
        ("filter[audience][nin]=everyone", 1), ("filter[category]=skin-basics", 1),
        ("filter[headline][contains]=WINTER", 1), ("filter[headline]=winter%20hours", 1),
        ("fields[bulletin]=headline", 1), ("locale=es&fallback=none", 0),
    ],
)  # fmt: skip
def test_it_has_a_list_that_filters_and_sorts(house: House, query: str, number: int) -> None:
    assert len(house.data(f"demo-south/bulletins?{query}")["data"]) == number


def test_an_unknown_parameter_names_what_its_declaration_allows(house: House) -> None:
    fault = house.get("demo-south/bulletins?filter[kind]=x").json["errors"][0]
    assert fault["code"] == "unknown_filter" and "audience" in fault["allowed"]


def test_it_is_found_and_counted(house: House) -> None:
    found = house.data("demo-south/search?q=zeppelin&facets=type")
    assert [each["slug"] for each in found["data"]] == [SLUG]
    assert found["meta"]["facets"][0]["values"] == [{"value": "bulletin", "label": "Bulletins", "count": 1}]
    by_title = house.data("demo-south/search?q=winter&type=bulletin")["data"][0]
    assert by_title["slug"] == SLUG and by_title["headline"] == "Winter hours"
    counts = {each["key"]: each["counts"] for each in house.data("demo-south/categories")["data"]}
    assert counts["skin-basics"]["bulletin"] == 1


def test_a_hit_in_its_title_stands_before_one_in_the_text(house: House) -> None:
    document = {"headline": "Zeppelin", "summary": "Airships.", "body": "Up.", "position": 900}
    other = create(house.database, "zeppelin", document, kind="bulletin")
    publish_text(house.database, other)
    found = house.data("demo-south/search?q=zeppelin")["data"]
    move(house.database, "unpublish", other, "publisher")
    assert [each["slug"] for each in found] == ["zeppelin", SLUG]


def test_it_has_json_ld_and_markdown(house: House) -> None:
    item = house.get(f"demo-south/bulletins/{SLUG}.jsonld")
    assert item.status_code == 200 and item.get_json(force=True)["@graph"][0]["headline"] == "Winter hours"
    listed = house.get("demo-south/bulletins.jsonld")
    assert listed.status_code == 200 and b"Winter hours" in listed.data
    page = house.get(f"demo-south/bulletins/{SLUG}.md")
    assert page.status_code == 200 and page.text.startswith("# Winter hours\n") and "**Zeppelin**" in page.text


def test_it_stands_in_the_menu(house: House) -> None:
    menu = house.data("demo-south/navigation")["data"]
    mine = next(each for each in menu if each["type"] == "bulletin")
    assert mine["label"] == "Bulletins" and [each["key"] for each in mine["children"]] == ["skin-basics"]


def test_it_has_a_json_schema(house: House) -> None:
    shape = house.data("/v1/schemas/bulletin")
    Draft202012Validator.check_schema(shape)
    assert shape["properties"]["body"]["x-clinical"] and shape["properties"]["headline"]["x-overridable"]
    assert shape["properties"]["audience"]["enum"] == list(AUDIENCES)
    assert shape["x-plural"] == "bulletins"


def test_the_document_and_the_types_know_it(house: House) -> None:
    document = house.data("/v1/openapi.json")
    base = "/v1/clinics/{clinic}/bulletins"
    ends = ("", ".jsonld", "/{slug}", "/{slug}.jsonld", "/{slug}.md")
    preview = base.replace("/bulletins", "/preview/bulletins")
    wanted = {f"{start}{end}" for start in (base, preview) for end in ends}
    assert wanted == {path for path in document["paths"] if "bulletin" in path}
    shapes = document["components"]["schemas"]
    assert {"BulletinFull", "BulletinCard", "BulletinReply", "BulletinListReply", "BulletinHit"} <= set(shapes)
    assert shapes["Included"]["discriminator"]["mapping"]["bulletin"]
    names = [each["name"] for each in document["paths"][base]["get"]["parameters"]]
    assert {"filter[audience]", "filter[audience][in]", "fields[bulletin]", "include"} <= set(names)
    types = house.get("/v1/types.d.ts").text
    assert "export interface BulletinFull" in types and '"/v1/clinics/{clinic}/bulletins"' in types


def test_its_replies_are_what_the_document_says(house: House) -> None:
    document = house.data("/v1/openapi.json")
    for path, address in ((f"bulletins/{SLUG}", "/bulletins/{slug}"), ("bulletins", "/bulletins")):
        said = document["paths"][f"/v1/clinics/{{clinic}}{address}"]["get"]["responses"]["200"]
        shape = {"components": document["components"], **said["content"]["application/json"]["schema"]}
        Draft202012Validator(shape).validate(house.data(f"demo-south/{path}"))


def test_its_clinical_text_went_to_the_doctor(house: House) -> None:
    assert house.data(f"demo-south/bulletins/{SLUG}")["data"]["review"]["reviewed_by"]["demo"] is True
