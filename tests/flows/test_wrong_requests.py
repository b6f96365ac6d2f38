"""A frontend developer who guesses wrong: every refusal says what to change, and what may have been meant."""

from __future__ import annotations

import pytest

from tests.builders import a_topic
from tests.conftest import House
from tests.managing import Desk

pytestmark = pytest.mark.either

TOPICS = "demo-south/topics"


@pytest.mark.parametrize(("address", "meant"), [
    (f"{TOPICS}?inclde=faqs", "include"), (f"{TOPICS}?include=faq", "faqs"),
    (f"{TOPICS}?include=relatd.faqs", "related.faqs"),
    (f"{TOPICS}?fields[topics]=title", "fields[topic]"), (f"{TOPICS}?fields[topic]=titel", "title"),
    (f"{TOPICS}?filter[categry]=acne", "filter[category]"), (f"{TOPICS}?filter[kind]=treatmnt", "treatment"),
    (f"{TOPICS}?filter[kind][equals]=treatment", "filter[kind][eq]"), (f"{TOPICS}?sort=-publishedAt", "-published_at"),
    (f"{TOPICS}?view=ful", "full"), (f"{TOPICS}?format=md", "markdown"), (f"{TOPICS}?locale=en_US", "en-US"),
    (f"{TOPICS}?fallback=nonee", "none"), (f"{TOPICS}?lang=en", "locale"), (f"{TOPICS}?limit=3", "page[size]"),
    (f"{TOPICS}?page[limit]=3", "page[size]"), (f"{TOPICS}?count=yes", "true"),
    (f"{TOPICS}?include_limit[faq]=4", "include_limit[faqs]"), ("demo-south/search?query=scars", "q"),
    ("demo-south/search?q=scars&type=topics", "topic"), (f"{TOPICS}?kind=treatment", "filter[kind]"),
    ("demo-south/faqs?topic=mesotherapy", "filter[topic]"), (f"{TOPICS}?total=true", "count"),
])  # fmt: skip
def test_a_misspelt_parameter_or_word_is_answered_with_what_may_have_been_meant(
    library: House, address: str, meant: str
) -> None:
    problem = library.get(address).json
    assert problem["status"] == 400 and problem["errors"][0]["detail"].endswith(f"Did you mean {meant}?")
    assert f"Did you mean {meant}?" in problem["detail"], "whoever reads detail alone is told, too"


def test_words_in_a_list_are_answered_with_the_address_that_looks_for_words(library: House) -> None:
    for address in (f"{TOPICS}?q=acne", "demo-south/faqs?search=acne", "demo-south/terms?query=acne"):
        problem = library.get(address).json
        assert problem["status"] == 400 and "/v1/clinics/{clinic}/search?q=" in problem["detail"]
    assert "search?q=" not in library.get("demo-south/navigation?q=acne").json["detail"]


@pytest.mark.parametrize(("asked", "meant"), [
    ("topics?filter[category]=acne-scars,skin-basics", "filter[category][in]"),
    ("topics?filter[kind][ne]=treatment,condition", "filter[kind][nin]"),
    ("faqs?filter[topic]=mesotherapy,microneedling", "filter[topic][in]"),
    ("terms?filter[category][eq]=a,b", "filter[category][in]"),
])  # fmt: skip
def test_a_list_where_one_value_goes_is_answered_with_the_operator_that_takes_lists(
    library: House, asked: str, meant: str
) -> None:
    problem = library.get(f"demo-south/{asked}").json
    assert problem["status"] == 400 and f"{meant} takes several" in problem["detail"]
    plural, _, query = asked.partition("?")
    some = library.get(f"demo-south/{plural}?{meant}={query.rpartition('=')[2]}")
    assert some.status_code == 200


@pytest.mark.parametrize(("address", "meant"), [
    ("/v1/clinics/demo-souht/topics", "demo-south"), ("/v1/clinics/Demo_South", "demo-south"),
    ("/v1/clinics/demo-south/topic", "/v1/clinics/demo-south/topics"),
    ("/v1/clinics/demo-south/topics/", "/v1/clinics/demo-south/topics"),
    ("/v1/clinics/demo-south/topics/mesotherapy/module/aftercare",
     "/v1/clinics/demo-south/topics/mesotherapy/modules/aftercare"),
    ("/v1/clinic", "/v1/clinics"), ("/v1/openapi", "/v1/openapi.json"), ("/v1/schemas/topics", "topic"),
    ("/docs/problem/not_found", "/docs/problems/not_found"), ("/docs/problems/notfound", "not_found"),
    (f"{TOPICS}/mesoterapy", "mesotherapy"), (f"{TOPICS}/mesoterapy?locale=es", "mesoterapia"),
    (f"{TOPICS}/mesoterapy.jsonld", "mesotherapy"), (f"{TOPICS}/Mesotherapy.md", "mesotherapy"),
    (f"{TOPICS}/mesother/modules/risks", "mesotherapy"), (f"{TOPICS}/acne_scars", "acne-scars"),
    ("demo-south/faqs/does-mesotherapy-hurts", "does-mesotherapy-hurt"), ("demo-south/terms/colagen", "collagen"),
    ("demo-south/guides/choosing-provider", "choosing-a-provider"),
])  # fmt: skip
def test_a_misspelt_address_is_answered_with_the_one_that_may_have_been_meant(
    library: House, address: str, meant: str
) -> None:
    reply = library.get(address)
    assert reply.status_code == 404 and f"Did you mean {meant}?" in reply.json["detail"]


@pytest.mark.parametrize("address", [
    "/v1/nothing/of/the/kind", "/" + "a/" * 200, "/v1/clinics/zzz", "/\u202e", f"{TOPICS}/zzz", f"{TOPICS}/\u202e",
    f"{TOPICS}/m%00", f"{TOPICS}/{'mesotherapy-' * 300}", "demo-south/terms/mesotherapy",
])  # fmt: skip
def test_an_address_that_is_near_none_is_not_guessed_at(library: House, address: str) -> None:
    reply = library.get(address)
    assert reply.status_code == 404 and "Did you mean" not in reply.json["detail"]


def test_a_private_clinic_is_never_what_may_have_been_meant(house: House) -> None:
    desk = Desk(house)
    etag = desk.ask("admin", "GET", "/clinics/demo-north").headers["ETag"]
    desk.done("admin", "PATCH", "/clinics/demo-north", {"private": True}, If_Match=etag)
    for name in ("demo-norht", "demo-nort"):
        detail = house.get(f"{name}/topics").json["detail"]
        assert "demo-north" not in detail.replace(name, "")


def test_a_method_that_is_not_allowed_is_answered_with_those_that_are(library: House) -> None:
    reply = library.client.post("/v1/clinics/demo-south/topics")
    assert reply.json["detail"] == "POST is not allowed here; GET, HEAD, OPTIONS are."


def test_parameters_that_exclude_each_other_or_are_not_taken_say_so(library: House) -> None:
    assert library.get("/v1/types.d.ts?page[size]=3").json["errors"][0]["detail"] == "No parameters are taken here."
    assert library.get("/v1/clinics?page[size]=3").json["errors"][0]["allowed"] == ["locale", "min_publication"]
    assert library.get(f"{TOPICS}?filter=x").json["errors"][0]["detail"].startswith("filter takes a name in brackets")


def test_a_value_without_a_name_is_refused_in_words(library: House) -> None:
    told = library.get(f"{TOPICS}?=treatment").json["detail"]
    assert told == "The query: A value stands there without the name of a parameter."


def test_a_category_that_there_is_not_is_answered_with_the_one_that_was_meant(library: House) -> None:
    for said, meant in (("acne-scar", "acne-scars"), ("procedimento", "procedimiento")):
        told = library.get(f"demo-south/categories/{said}").json["detail"]
        assert told == f"There is no category of this name. Did you mean {meant}?"
    assert library.get("demo-south/categories/zebra").json["detail"] == "There is no category of this name."


def test_a_filter_may_say_that_it_means_equal(library: House) -> None:
    both = [library.data(f"{TOPICS}?filter[kind]{each}=treatment&fields[topic]=id")["data"] for each in ("", "[eq]")]
    assert both[0] == both[1] != []


def test_a_body_is_answered_with_what_to_change(house: House) -> None:
    desk = Desk(house)
    document = {**a_topic(), "kind": "treatmnt", "titel": "T", "summary": None, "position": "1"}
    problem = desk.ask("author", "POST", "/entries/topic", {"slug": "x", "document": document}).json
    told = {each["pointer"]: each["detail"] for each in problem["errors"]}
    assert told["/locale"] == "This is needed." and problem["detail"].startswith("/locale: This is needed.")
    document = {**document, "categories": ["acne-scar"]}
    problem = desk.ask("author", "POST", "/entries/topic", {"locale": "en", "slug": "x", "document": document}).json
    told = {each["pointer"]: each for each in problem["errors"]}
    assert told["/document/kind"]["detail"] == "'treatmnt' is not among what is allowed. Did you mean treatment?"
    assert told["/document/kind"]["allowed"] == ["condition", "treatment", "combination"]
    assert told["/document/titel"]["detail"].endswith("Did you mean title?")
    assert told["/document/summary"]["detail"] == "null can't stand here: give a value."
    assert told["/document/position"]["detail"] == "Give a whole number."


def test_moves_types_and_categories_of_management_are_guessed_at_too(house: House) -> None:
    desk = Desk(house)
    path = desk.create("a-text")
    assert "Did you mean submit?" in desk.ask("author", "POST", f"{path}/moves/submitt", {}).json["detail"]
    assert "Did you mean topic?" in desk.ask("author", "GET", "/entries/topics").json["detail"]
    problem = desk.ask("author", "PATCH", path, {"document": {"categories": ["acne-scar"]}}).json
    assert problem["errors"][0]["detail"].endswith("Did you mean acne-scars?")
