"""JSON-LD: only what schema.org knows, nothing empty, every reference resolved, and no review that never was."""

import json
from collections import Counter
from typing import Any

import pytest

from schemas.json_ld import (
    Page,
    faq_graph,
    graph,
    guide_graph,
    script_safe,
    topic_graph,
)
from tests.schemas.json_ld_samples import (
    CONDITION,
    DEMO,
    FAQ,
    GUIDE,
    PAGE,
    REAL,
    SITE,
    TREATMENT,
    by_id,
    graphs,
    nodes,
    review,
    walk,
)

Node = dict[str, Any]

THING = {"name", "description", "url", "alternateName", "sameAs", "identifier", "image", "mainEntityOfPage"}
WORK = THING | {
    "about", "citation", "datePublished", "dateModified", "hasPart", "inLanguage", "isPartOf", "mainEntity",
    "mentions", "publisher", "text",
}  # fmt: skip
WEB_PAGE = WORK | {"breadcrumb", "lastReviewed", "primaryImageOfPage", "reviewedBy", "specialty"}
ITEM_LIST = THING | {"itemListElement", "itemListOrder", "numberOfItems"}
ORGANIZATION = THING | {"address", "department", "email", "logo", "parentOrganization", "telephone"}
PLACE = {"geo", "hasMap", "openingHoursSpecification", "specialOpeningHoursSpecification"}

# What schema.org, health-lifesci included, lets each type say; of its many properties those worth using here.
ALLOWED = {
    "Answer": WORK,
    "BreadcrumbList": ITEM_LIST,
    "CollectionPage": WEB_PAGE,
    "CreativeWork": WORK,
    "DefinedTerm": THING | {"inDefinedTermSet", "termCode"},
    "DefinedTermSet": WORK | {"hasDefinedTerm"},
    "EducationalOccupationalCredential": WORK,
    "FAQPage": WEB_PAGE,
    "GeoCoordinates": THING | {"latitude", "longitude"},
    "HealthTopicContent": WORK | {"hasHealthAspect"},
    "ImageObject": WORK | {"caption", "contentUrl", "creditText"},
    "ItemList": ITEM_LIST,
    "ListItem": THING | {"item", "position"},
    "MedicalClinic": ORGANIZATION | PLACE | {"availableService", "medicalSpecialty"},
    "MedicalCondition": THING | {"possibleTreatment"},
    "MedicalTherapy": THING | {"contraindication", "followup", "howPerformed", "preparation", "procedureType"},
    "MedicalWebPage": WEB_PAGE | {"aspect"},
    "OpeningHoursSpecification": THING | {"closes", "dayOfWeek", "opens", "validFrom", "validThrough"},
    "Organization": ORGANIZATION,
    "Person": THING | {"hasCredential", "jobTitle"},
    "PostalAddress": THING
    | {"addressCountry", "addressLocality", "addressRegion", "postalCode", "streetAddress"},
    "Question": WORK | {"acceptedAnswer"},
    "WebPage": WEB_PAGE,
    "WebSite": WORK,
}
# The types each property takes; one that is missing here takes text, a date, a number or an address.
TAKES = {
    "about": {"MedicalCondition", "MedicalTherapy"},
    "acceptedAnswer": {"Answer"},
    "address": {"PostalAddress"},
    "breadcrumb": {"BreadcrumbList"},
    "citation": {"CreativeWork"},
    "department": {"MedicalClinic"},
    "geo": {"GeoCoordinates"},
    "hasCredential": {"EducationalOccupationalCredential"},
    "hasDefinedTerm": {"DefinedTerm"},
    "hasPart": {"HealthTopicContent"},
    "inDefinedTermSet": {"DefinedTermSet"},
    "isPartOf": {"MedicalWebPage", "WebSite"},
    "item": {"WebPage"},
    "itemListElement": {"ListItem"},
    "logo": {"ImageObject"},
    "mainEntity": {"DefinedTermSet", "ItemList", "Question"},
    "mainEntityOfPage": {"MedicalWebPage"},
    "mentions": {"DefinedTerm", "MedicalCondition", "MedicalTherapy"},
    "openingHoursSpecification": {"OpeningHoursSpecification"},
    "parentOrganization": {"MedicalClinic"},
    "possibleTreatment": {"MedicalTherapy"},
    "primaryImageOfPage": {"ImageObject"},
    "publisher": {"MedicalClinic", "Organization"},
    "reviewedBy": {"Person"},
    "specialOpeningHoursSpecification": {"OpeningHoursSpecification"},
}

GRAPHS = graphs()
every_graph = pytest.mark.parametrize("document", GRAPHS.values(), ids=list(GRAPHS))


def topic(item: Node = TREATMENT, page: Page = PAGE) -> Node:
    return graph(topic_graph(item, page))


@every_graph
def test_a_graph_says_only_what_schema_org_lets_its_types_say(document: Node) -> None:
    assert document["@context"] == "https://schema.org"
    for node in nodes(document):
        assert set(node) - {"@type", "@id"} <= ALLOWED[node["@type"]], node


@every_graph
def test_a_property_holds_only_types_that_it_takes(document: Node) -> None:
    known = by_id(document)
    for node in nodes(document):
        for name, value in node.items():
            held = [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, dict)]
            kinds = {each.get("@type") or known[each["@id"]]["@type"] for each in held}
            assert kinds <= TAKES.get(name, set()), (name, kinds)


@every_graph
def test_no_value_is_null_or_empty(document: Node) -> None:
    for node in walk(document):
        for value in node.values():
            assert all(each not in (None, "", [], {}) for each in (value if isinstance(value, list) else [value]))
            assert value != []


@every_graph
def test_each_id_is_described_once_and_every_reference_resolves(document: Node) -> None:
    described = Counter(node["@id"] for node in nodes(document) if "@id" in node)
    assert set(described.values()) == {1}
    assert {node["@id"] for node in walk(document["@graph"]) if set(node) == {"@id"}} <= set(described)


@pytest.mark.parametrize("name", [name for name in GRAPHS if name.endswith("without_a_site")])
def test_a_clinic_without_a_site_has_urns_and_no_addresses_of_its_own(name: str) -> None:
    assert SITE not in json.dumps(GRAPHS[name])
    assert all(each.startswith("urn:clinic-cms:") for each in by_id(GRAPHS[name]))


def test_making_a_graph_changes_nothing_that_it_was_given() -> None:
    before = json.dumps([TREATMENT, CONDITION, GUIDE, PAGE.clinic, PAGE.included])
    graphs()
    assert json.dumps([TREATMENT, CONDITION, GUIDE, PAGE.clinic, PAGE.included]) == before


def test_a_second_description_of_an_id_becomes_a_reference() -> None:
    first, again = {"@type": "Thing", "@id": "a", "name": "A"}, {"@type": "Thing", "@id": "a", "name": "B"}
    inner = {"@type": "ItemList", "@id": "b", "itemListElement": [again]}
    assert graph([first, again, inner])["@graph"] == [first, inner | {"itemListElement": [{"@id": "a"}]}]


def test_nothing_empty_survives_but_nought_and_false_do() -> None:
    node = {"@type": "Thing", "a": None, "b": "", "c": [None, {"@type": "Answer", "text": None}], "d": {"e": []}}
    assert graph([{**node, "zero": 0, "no": False}])["@graph"] == [{"@type": "Thing", "zero": 0, "no": False}]
    assert graph([node])["@graph"] == []


def test_bytes_for_a_script_hold_no_markup_and_no_line_separator_and_read_back_the_same() -> None:
    hostile = {"a": "</script><!--<script>&amp;\u2028\u2029 ñ \U0001f600", "</script>": ["]]>", "\\u003c"]}
    given = script_safe(hostile)
    assert not any(sign in given.decode() for sign in "<>&\u2028\u2029")
    assert "ñ" in given.decode()
    assert json.loads(given) == hostile


def test_hostile_words_of_an_item_stay_inside_the_script() -> None:
    hostile = TREATMENT | {"title": "</script><script>alert(1)</script>"}
    assert b"<" not in script_safe(topic(hostile))


@pytest.mark.parametrize("item", [TREATMENT, FAQ, GUIDE | {"review": review(DEMO)}, TREATMENT | {"review": None}])
def test_a_demo_review_or_none_is_not_announced(item: Node) -> None:
    make = {"topic": topic_graph, "faq": faq_graph, "guide": guide_graph}[item["type"]]
    document = json.dumps(graph(make(item, PAGE)))
    assert "lastReviewed" not in document and "reviewedBy" not in document


def test_a_real_review_says_who_and_when() -> None:
    page = topic(CONDITION)["@graph"][0]
    assert page["lastReviewed"] == "2026-10-14"
    credential = {"@type": "EducationalOccupationalCredential", "name": REAL["credentials"][0]}
    assert page["reviewedBy"] == {
        "@type": "Person", "name": "A. Sample", "jobTitle": "Dermatologist", "hasCredential": [credential]
    }  # fmt: skip


def test_a_real_reviewer_known_by_role_alone_has_no_name() -> None:
    assert "name" not in graph(guide_graph(GUIDE, PAGE))["@graph"][0]["reviewedBy"]
