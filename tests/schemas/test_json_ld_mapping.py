"""JSON-LD: how topics, questions, guides, glossary words, lists and clinics are said in the words of schema.org."""

import json
from typing import Any

import pytest

from schemas.json_ld import (
    Page,
    clinic_graph,
    faq_graph,
    faq_page,
    graph,
    guide_graph,
    list_page,
    term_graph,
    topic_graph,
)
from tests.schemas.json_ld_samples import (
    CLINIC,
    COMBINATION,
    CONDITION,
    DERMIS,
    FAQ,
    GUIDE,
    LOCATION,
    MYTH,
    NEEDLING,
    NOWHERE,
    PAGE,
    SCARS,
    SITE,
    TREATMENT,
    TWO_HOUSES,
    by_id,
    fact,
    nodes,
    only,
    siteless,
)

Node = dict[str, Any]


def topic(item: Node = TREATMENT, page: Page = PAGE) -> Node:
    return graph(topic_graph(item, page))


def test_a_topics_page_says_what_it_is_about_and_where_it_belongs() -> None:
    document = topic()
    page, known = document["@graph"][0], by_id(document)
    assert (page["@id"], page["url"]) == (f"{TREATMENT['url']}#page", TREATMENT["url"])
    assert page["about"] == {"@id": f"{TREATMENT['url']}#topic"}
    assert [known[each["@id"]]["name"] for each in page["mentions"]] == ["Needling", "Scars", "Dermis"]
    assert known[page["publisher"]["@id"]]["@type"] == "MedicalClinic"
    assert known[page["isPartOf"]["@id"]]["@type"] == "WebSite"
    assert page["aspect"] == ["overview", "preparing", "procedure", "aftercare", "risks"]


def test_sections_with_a_health_aspect_are_parts_of_the_page() -> None:
    first, *others = topic()["@graph"][0]["hasPart"]
    assert first == {
        "@type": "HealthTopicContent", "name": "Overview", "url": f"{TREATMENT['url']}#overview",
        "hasHealthAspect": "https://schema.org/OverviewHealthAspect",
    }  # fmt: skip
    assert len(others) == 2


def test_a_source_cited_twice_stands_once() -> None:
    assert topic()["@graph"][0]["citation"] == [
        {
            "@type": "CreativeWork", "name": "A study", "url": "https://doi.org/10.1000/182",
            "identifier": "10.1000/182", "publisher": {"@type": "Organization", "name": "A press"},
        }
    ]  # fmt: skip


def test_a_treatment_tells_how_it_is_done_in_the_words_of_its_sections() -> None:
    therapy = by_id(topic())[f"{TREATMENT['url']}#topic"]
    assert therapy["@type"] == "MedicalTherapy"
    told = (therapy["preparation"], therapy["howPerformed"], therapy["followup"])
    assert told == ("Talk first.", "Small injections.", "Keep out of the sun.")
    assert "Bruising." not in json.dumps(topic())


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("minimally_invasive", None),
        ("percutaneous", "https://schema.org/PercutaneousProcedure"),
        ("non_invasive", "https://schema.org/NoninvasiveProcedure"),
        ({"min": "1"}, None),
        (None, None),
    ],
)
def test_the_kind_of_procedure_is_said_only_where_the_fact_says_it(value: Any, expected: str | None) -> None:
    document = topic(TREATMENT | {"facts": [fact("procedure_type", value)]})
    assert by_id(document)[f"{TREATMENT['url']}#topic"].get("procedureType") == expected


def test_a_condition_names_its_treatments() -> None:
    condition = by_id(topic(CONDITION))[f"{SCARS['url']}#topic"]
    treatments = [{"@id": f"{each['url']}#topic"} for each in (NEEDLING, TREATMENT)]
    assert (condition["@type"], condition["possibleTreatment"]) == ("MedicalCondition", treatments)


def test_what_a_treatment_is_meant_for_is_said_of_the_condition() -> None:
    assert by_id(topic())[f"{SCARS['url']}#topic"]["possibleTreatment"] == [{"@id": f"{TREATMENT['url']}#topic"}]


def test_a_combination_is_a_therapy_that_mentions_its_parts() -> None:
    document = topic(COMBINATION)
    assert by_id(document)[document["@graph"][0]["about"]["@id"]]["@type"] == "MedicalTherapy"


def test_only_questions_of_the_topic_itself_stand_on_its_page() -> None:
    stranger = MYTH | {"id": "faq_else", "url": f"{SITE}/faq#else"}
    document = topic(page=Page(CLINIC, (*PAGE.included, stranger)))
    assert [each["@id"] for each in only(document, "FAQPage")["mainEntity"]] == [FAQ["url"], MYTH["url"]]


def test_a_topic_without_included_items_has_no_faq_page_and_no_glossary() -> None:
    kinds = {node["@type"] for node in nodes(topic(page=Page(CLINIC)))}
    assert not kinds & {"FAQPage", "Question", "DefinedTerm", "DefinedTermSet"}


def test_breadcrumbs_are_counted_and_lead_to_the_site() -> None:
    crumbs = only(topic(), "BreadcrumbList")["itemListElement"]
    assert [each["position"] for each in crumbs] == [1, 2, 3]
    assert [each.get("item", {}).get("url") for each in crumbs] == [f"{SITE}/", None, f"{SITE}/this"]


def test_a_question_has_its_answer_as_plain_text() -> None:
    page = only(graph(faq_graph(FAQ, PAGE)), "FAQPage")
    (question,) = page["mainEntity"]
    assert (page["@id"], question["@id"]) == (f"{FAQ['url']}-page", FAQ["url"])
    assert question["acceptedAnswer"] == {"@type": "Answer", "text": "A little.", "inLanguage": "en"}


def test_a_list_of_questions_is_one_faq_page_in_the_given_order() -> None:
    page = only(graph(faq_page([MYTH, FAQ], PAGE, f"{SITE}/faq")), "FAQPage")
    assert [each["name"] for each in page["mainEntity"]] == ["For ever?", "Does it hurt?"]
    assert (page["@id"], page["url"]) == (f"{SITE}/faq#page", f"{SITE}/faq")


def test_a_guides_checklists_are_its_main_entities() -> None:
    document = graph(guide_graph(GUIDE, PAGE))
    lists = [by_id(document)[each["@id"]] for each in document["@graph"][0]["mainEntity"]]
    assert [each["@id"].partition("#")[2] for each in lists] == ["steps", "red-flags"]
    assert lists[0]["itemListElement"] == [
        {
            "@type": "ListItem", "position": 1, "name": "Read",
            "description": "About it. You will ask better questions.",
        }
    ]  # fmt: skip
    assert "description" not in lists[1]["itemListElement"][0]
    assert "HowTo" not in json.dumps(document)


def test_a_word_belongs_to_the_glossary_of_its_language() -> None:
    document = graph(term_graph(DERMIS, PAGE))
    word, glossary = only(document, "DefinedTerm"), only(document, "DefinedTermSet")
    assert (word["@id"], word["alternateName"]) == (DERMIS["url"], ["corium"])
    assert word["inDefinedTermSet"] == {"@id": f"{SITE}/glossary#glossary"} == {"@id": glossary["@id"]}
    assert glossary["inLanguage"] == "en"


def test_a_list_of_words_is_a_glossary_that_has_them() -> None:
    document = graph(list_page([DERMIS], PAGE, "Glossary", f"{SITE}/glossary"))
    glossary = only(document, "DefinedTermSet")
    assert (glossary["name"], glossary["hasDefinedTerm"]) == ("Glossary", [{"@id": DERMIS["url"]}])
    assert only(document, "CollectionPage")["mainEntity"] == {"@id": glossary["@id"]}


def test_a_list_of_topics_names_them_in_order() -> None:
    listed = only(graph(list_page([NEEDLING, SCARS], PAGE, "Treatments", None)), "ItemList")
    assert [each["url"] for each in listed["itemListElement"]] == [NEEDLING["url"], SCARS["url"]]
    assert listed["numberOfItems"] == 2


def test_a_clinic_with_one_location_is_that_place() -> None:
    clinic = only(graph(clinic_graph(PAGE)), "MedicalClinic")
    assert (clinic["@id"], clinic["name"]) == (f"{SITE}/#clinic", "Demo Clinic South")
    assert clinic["address"]["addressCountry"] == "ES"
    assert clinic["geo"] == {"@type": "GeoCoordinates", "latitude": 0.0, "longitude": -15.5}
    assert clinic["sameAs"] == ["https://video.example/south"]


def test_opening_hours_name_days_by_address_and_no_hour_past_midnight() -> None:
    first, night = only(graph(clinic_graph(PAGE)), "MedicalClinic")["openingHoursSpecification"]
    assert first["dayOfWeek"] == ["https://schema.org/Monday", "https://schema.org/Tuesday"]
    assert (first["opens"], first["closes"]) == ("09:00", "13:00")
    assert (night["opens"], night["closes"]) == ("00:00", "23:59")


def test_exceptions_say_closed_as_nought_to_nought_and_leave_out_unknown_hours() -> None:
    rows = only(graph(clinic_graph(PAGE)), "MedicalClinic")["specialOpeningHoursSpecification"]
    assert [(row["validFrom"], row["validThrough"], row["opens"], row["closes"]) for row in rows] == [
        ("2026-12-25", "2026-12-26", "00:00", "00:00"),
        ("2026-12-31", "2026-12-31", "09:00", "12:00"),
    ]


def test_several_locations_are_departments_and_their_addresses_the_clinics() -> None:
    document = graph(clinic_graph(Page(TWO_HOUSES)))
    clinic = by_id(document)[f"{SITE}/#clinic"]
    houses = [by_id(document)[each["@id"]] for each in clinic["department"]]
    assert [each["name"] for each in houses] == ["Main house", "East"]
    assert all(each["parentOrganization"] == {"@id": clinic["@id"]} for each in houses)
    assert len(clinic["address"]) == 2 and "openingHoursSpecification" not in clinic
    assert "geo" not in houses[1]


def test_the_only_location_lends_its_phone_to_a_clinic_that_names_none() -> None:
    house = LOCATION | {"phone": "+1-202-555-0101"}
    silent = CLINIC | {"contact": {"phone": None, "email": None}, "locations": [house]}
    assert only(graph(clinic_graph(Page(silent))), "MedicalClinic")["telephone"] == "+1-202-555-0101"


def test_without_a_site_things_are_named_by_their_opaque_ids() -> None:
    known = by_id(topic(siteless(TREATMENT), NOWHERE))
    assert known["urn:clinic-cms:top_meso"]["@type"] == "MedicalTherapy"
    assert known["urn:clinic-cms:top_meso#page"]["publisher"] == {"@id": "urn:clinic-cms:cln_south"}
    assert "isPartOf" not in known["urn:clinic-cms:top_meso#page"]
