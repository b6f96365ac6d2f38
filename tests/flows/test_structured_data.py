"""Search engines are told what each page is: schema.org graphs of every seed item, list and clinic."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import House
from tests.live import KINDS, PLACES, with_key

pytestmark = pytest.mark.either

Node = dict[str, Any]
PAGE_OF = {"topic": "MedicalWebPage", "faq": "FAQPage", "guide": "MedicalWebPage", "term": "DefinedTerm"}
LIST_OF = {"topic": "CollectionPage", "faq": "FAQPage", "guide": "CollectionPage", "term": "CollectionPage"}
SUBJECT_OF = {"condition": "MedicalCondition", "treatment": "MedicalTherapy", "combination": "MedicalTherapy"}
TYPES = {
    "MedicalWebPage", "FAQPage", "CollectionPage", "WebSite", "MedicalClinic", "MedicalTherapy", "MedicalProcedure",
    "MedicalCondition", "BreadcrumbList", "ListItem", "ItemList", "Question", "Answer", "DefinedTerm", "DefinedTermSet",
    "HealthTopicContent", "CreativeWork", "Organization", "PostalAddress", "OpeningHoursSpecification",
    "GeoCoordinates", "Person", "WebPage", "ImageObject",
}  # fmt: skip
UNSAFE = ("<", ">", "\u2028", "\u2029")


def nodes(value: Any) -> Iterator[Node]:
    """Every object of a graph at any depth."""
    if isinstance(value, list):
        for each in value:
            yield from nodes(each)
    elif isinstance(value, dict):
        yield value
        for each in value.values():
            yield from nodes(each)


def graph(house: House, address: str, headers: dict[str, str]) -> list[Node]:
    """The nodes of a graph whose bytes may stand inside a script and whose every node is sound."""
    reply = house.get(address, headers=headers)
    assert reply.status_code == 200 and reply.mimetype == "application/ld+json", address
    text = reply.data.decode()
    assert not any(each in text for each in UNSAFE), address
    whole = json.loads(text)
    assert list(whole) == ["@context", "@graph"] and whole["@context"] == "https://schema.org"
    found = list(nodes(whole["@graph"]))
    described = {each["@id"] for each in found if len(each) > 1 and "@id" in each}
    for each in found:
        if set(each) == {"@id"}:
            assert each["@id"] in described, f"{address}: {each['@id']} is described nowhere"
        else:
            assert each["@type"] in TYPES, f"{address}: {each['@type']}"
        assert not {None, ""} & {value for value in each.values() if not isinstance(value, list | dict)}, address
        assert not {"lastReviewed", "reviewedBy"} & set(each), f"{address}: a demo review is announced"
    return list(whole["@graph"])


def typed(found: list[Node], name: str) -> list[Node]:
    return [each for each in nodes(found) if each.get("@type") == name and len(each) > 2]


@pytest.mark.parametrize("type_name", list(KINDS))
def test_every_item_of_every_clinic_has_a_sound_graph(house: House, type_name: str) -> None:
    headers, plural = with_key(house), KINDS[type_name].plural
    for clinic, locale in PLACES:
        listed = house.get(f"{clinic}/{plural}?locale={locale}&view=full&page[size]=100", headers=headers).json["data"]
        assert listed
        for item in listed:
            address = f"{clinic}/{plural}/{item['slug']}.jsonld?locale={locale}"
            found = graph(house, address, headers)
            assert found[0]["@type"] == PAGE_OF[type_name], address
            assert found[0].get("url") == item["url"]
            _says_the_same(found, item)


@pytest.mark.parametrize("type_name", list(KINDS))
def test_every_list_of_every_clinic_has_a_sound_graph(house: House, type_name: str) -> None:
    headers, plural = with_key(house), KINDS[type_name].plural
    for clinic, locale in PLACES:
        found = graph(house, f"{clinic}/{plural}.jsonld?locale={locale}", headers)
        assert found[0]["@type"] == LIST_OF[type_name]
        assert found[0]["inLanguage"] == locale


def test_every_clinic_has_a_sound_graph(house: House) -> None:
    headers = with_key(house)
    for clinic, locale in PLACES:
        profile = house.get(f"{clinic}?locale={locale}", headers=headers).json["data"]
        (node,) = typed(graph(house, f"{clinic}.jsonld?locale={locale}", headers), "MedicalClinic")
        assert node["name"] == profile["name"] and node["telephone"] == profile["contact"]["phone"]
        hours = profile["locations"][0]["opening_hours"]
        assert len(node["openingHoursSpecification"]) == len(hours)


@pytest.mark.parametrize("asked", ["", "filter[topic]=mesotherapy", "filter[category]=results", "filter[kind]=myth"])
def test_the_faq_page_has_exactly_the_questions_of_its_list(library: House, asked: str) -> None:
    for clinic, locale in PLACES[:4]:
        listed = library.data(f"{clinic}/faqs?locale={locale}&format=text&page[size]=100&{asked}")["data"]
        pages = typed(graph(library, f"{clinic}/faqs.jsonld?locale={locale}&{asked}", {}), "FAQPage")
        assert len(pages) == 1
        told = [(each["name"], each["acceptedAnswer"]["text"]) for each in pages[0]["mainEntity"]]
        assert told == [(each["question"], each["answer"]["value"]) for each in listed] and told


def test_a_topic_page_tells_its_questions_and_words_too(library: House) -> None:
    found = graph(library, "demo-south/topics/mesotherapy.jsonld", {})
    assert {each["@type"] for each in found} >= {"MedicalWebPage", "MedicalTherapy", "BreadcrumbList", "FAQPage"}
    assert [each["name"] for each in typed(found, "Question")] == [
        "Does mesotherapy hurt?", "Do the results of mesotherapy last for ever?"
    ]  # fmt: skip
    assert {"Dermis", "Collagen"} == {each["name"] for each in typed(found, "DefinedTerm")}


@pytest.mark.parametrize("locale", ["en", "es"])
def test_the_graph_of_a_clinic_is_included_as_it_is_given_alone(library: House, locale: str) -> None:
    alone = library.data(f"demo-south.jsonld?locale={locale}")
    profile = library.data(f"demo-south?locale={locale}&include=jsonld")
    assert profile["meta"].pop("jsonld") == alone
    assert profile == library.data(f"demo-south?locale={locale}")
    assert "jsonld" in library.get("demo-south?include=topics").json["errors"][0]["allowed"]


def test_the_graph_of_an_item_is_included_as_it_is_given_alone(library: House) -> None:
    alone = library.get("demo-south/topics/mesotherapy.jsonld").json
    assert library.data("demo-south/topics/mesotherapy?include=jsonld")["meta"]["jsonld"] == alone


def _says_the_same(found: list[Node], item: Node) -> None:
    if item["type"] == "topic":
        (subject,) = [each for each in found if each["@id"] == found[0]["about"]["@id"]]
        assert subject["@type"] == SUBJECT_OF[item["kind"]] and subject["name"] == item["title"]
    if item["type"] == "guide":
        lists = typed(found, "ItemList")
        assert [each["name"] for each in lists] == [value["title"] for value in item.values() if _checklist(value)]
        mentioned = {each["@id"] for each in found[0]["mentions"]}
        topics = {each["name"] for each in found if each["@id"] in mentioned and each["@type"] in SUBJECT_OF.values()}
        assert topics == {each["title"] for each in item["relationships"]["topics"]["data"]} != set()
    if item["type"] in ("topic", "guide"):
        crumbs = typed(found, "BreadcrumbList")[0]["itemListElement"]
        assert [each["name"] for each in crumbs] == [each["label"] for each in item["breadcrumbs"]]
    if item["type"] == "faq":
        assert [each["name"] for each in typed(found, "Question")] == [item["question"]]
    if item["type"] == "term":
        assert typed(found, "DefinedTermSet") and found[0]["description"] == item["summary"]


def _checklist(value: Any) -> bool:
    return isinstance(value, dict) and "items" in value
