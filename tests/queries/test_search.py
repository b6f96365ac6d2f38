"""Search: the words as a visitor types them, the same hits in the same order on both databases."""

from __future__ import annotations

import re
from typing import Any

import pytest

from seed.bulk import add_generated
from tests.builders import a_live_topic, a_topic, entry_id
from tests.conftest import House, opened
from tests.engines import fresh_postgres_database

Given = dict[str, Any]


def search(house: House, query: str, clinic: str = "demo-south") -> Given:
    found: Given = house.data(f"{clinic}/search?{query}")
    return found


def slugs(found: Given) -> list[str]:
    return [each["slug"] for each in found["data"]]


def facets(found: Given) -> dict[str, dict[str, int]]:
    return {
        each["name"]: {value["value"]: value["count"] for value in each["values"]} for each in found["meta"]["facets"]
    }


@pytest.fixture
def stocked(house: House) -> House:
    """A house with a few topics whose words are all known."""
    for slug, title, summary in (
        ("amber-lamp", "Amber lamp", "A lamp with a warm glow."),
        ("blue-lamp", "Blue lamp", "A lamp of cold and amber glow."),
        ("warm-light", "Warm light", "No such thing as a cold lamp."),
        ("accented", "Épilation léger", "Words with marks."),
    ):
        a_live_topic(house.database, slug, a_topic(title=title, summary=summary, sections=[]))
    return house


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("amber lamp", ["amber-lamp", "blue-lamp"]),
        ("LAMPS amber", ["amber-lamp", "blue-lamp"]),
        ('"cold lamp"', ["warm-light"]),
        ('"lamp cold"', []),
        ("lamp -amber", ["warm-light"]),
        ('glow -"cold and amber"', ["amber-lamp"]),
        ("epilation", ["accented"]),
        ("épilation leger", ["accented"]),
        ("amber nonsenseword", []),
        ("-amber", []),
    ],
)
def test_words_phrases_and_exclusions(stocked: House, q: str, expected: list[str]) -> None:
    found = search(stocked, f"q={q}&type=topic")
    assert slugs(found) == expected
    assert found["meta"]["total"] == len(expected)


@pytest.mark.parametrize(("q", "other"), [("raised", "hypertrophic"), ("hypertrophic", "raised")])
def test_a_lay_word_and_its_clinical_one_find_the_same(library: House, q: str, other: str) -> None:
    found = search(library, f"q={q}")
    assert found["data"] and slugs(found) == slugs(search(library, f"q={other}"))
    assert {"from": q, "to": other} in found["meta"]["query"]["expanded"]


@pytest.mark.parametrize(
    ("q", "locale", "told"),
    [("pain", "en", "discomfort"), ("side effects", "en", "risk"), ("complications", "en", "risk"),
     ("downtime", "en", "recovery time"), ("choose a doctor", "en", "provider"),
     ("micro-needling", "en", "microneedling"), ("dolor", "es", "molestia"), ("efectos secundarios", "es", "riesgo"),
     ("médico", "es", "profesional"), ("microagujas", "es", "microneedling")],
)  # fmt: skip
def test_what_patients_ask_about_is_found_by_the_words_they_have_for_it(
    library: House, q: str, locale: str, told: str
) -> None:
    found = search(library, f"q={q}&locale={locale}")
    assert told in {each["to"] for each in found["meta"]["query"]["expanded"]}
    assert {"term", "faq"} <= {each["type"] for each in found["data"]}


@pytest.mark.parametrize("q", ["cicatriz hipertrófica", "cicatriz hipertrofica", "CICATRICES HIPERTRÓFICAS"])
def test_accents_may_be_typed_or_not(library: House, q: str) -> None:
    found = search(library, f"q={q}&locale=es")
    assert slugs(found) == slugs(search(library, "q=cicatriz hipertrófica&locale=es")) and found["data"]


def test_a_facet_leaves_out_its_own_filter_alone(library: House) -> None:
    whole = search(library, "q=mesotherapy&facets=type,category")
    narrow = search(library, "q=mesotherapy&facets=type,category&filter[type]=faq")
    assert facets(narrow)["type"] == facets(whole)["type"]
    assert sum(facets(whole)["type"].values()) == whole["meta"]["total"]
    assert narrow["meta"]["total"] == facets(whole)["type"]["faq"]
    assert set(facets(narrow)["category"]) < set(facets(whole)["category"])
    for value, number in facets(narrow)["category"].items():
        chosen = search(library, f"q=mesotherapy&filter[type]=faq&filter[category]={value}&facets=category")
        assert chosen["meta"]["total"] == number
        assert facets(chosen)["category"] == facets(narrow)["category"]


@pytest.mark.parametrize(("q", "meant"), [("mesotherpy", "mesotherapy"), ("colagen skin", "collagen skin")])
def test_a_misspelling_is_answered_with_a_spelling_that_finds_something(library: House, q: str, meant: str) -> None:
    found = search(library, f"q={q}")
    assert (found["meta"]["total"], found["meta"]["query"]["did_you_mean"]) == (0, meant)
    assert search(library, f"q={meant}")["meta"]["total"] > 0


def test_what_finds_something_is_not_respelled(library: House) -> None:
    assert search(library, "q=collagen")["meta"]["query"]["did_you_mean"] is None


@pytest.mark.parametrize(
    ("q", "first"),
    [("does it hurt", "does-mesotherapy-hurt"), ("is this surgery?", "is-it-surgery"),
     ("what are the risks of mesotherapy", "what-are-the-risks")],
)  # fmt: skip
def test_a_question_finds_what_its_telling_words_find(library: House, q: str, first: str) -> None:
    assert slugs(search(library, f"q={q}&type=faq"))[0] == first


def test_little_words_alone_and_in_phrases_are_looked_for(stocked: House) -> None:
    assert slugs(search(stocked, 'q="such thing as a cold lamp"&type=topic')) == ["warm-light"]
    assert "amber-lamp" in slugs(search(stocked, "q=with a&type=topic"))


def test_a_synonym_of_several_words_is_marked_as_one_and_nowhere_in_parts(library: House) -> None:
    for hit in search(library, "q=dermis&locale=es&page[size]=100")["data"]:
        marked = re.findall("<mark>(.*?)</mark>", hit["match"]["html"])
        assert marked and {each.lower() for each in marked} <= {"dermis", "capa media", "capa media de la piel"}


def test_a_synonym_is_shown_with_the_others_of_its_word(library: House) -> None:
    found = search(library, "q=pain&type=term")["data"][0]
    assert found["slug"] == "discomfort" and found["match"]["field"] == "synonyms"
    assert found["match"]["html"] == "<mark>pain</mark>, <mark>soreness</mark>, <mark>ache</mark>"
    dermatologist = search(library, "q=skin doctor&type=term")["data"][0]["match"]
    assert dermatologist["html"].endswith("</mark>, <mark>skin specialist</mark>")


def test_a_match_shows_sentences_and_not_a_heading_run_into_them(library: House) -> None:
    shown = {each["slug"]: each["match"] for each in search(library, "q=microneedling&type=topic")["data"]}
    assert shown["microneedling"]["html"].startswith("<mark>Microneedling</mark> makes controlled")
    price = search(library, "q=price&type=topic")["data"][0]["match"]
    assert price["html"] == "<mark>Price</mark>: Depends on the plan made for you"


def test_a_word_that_finds_something_by_itself_is_not_respelled(library: House) -> None:
    assert search(library, "q=needles -fine")["meta"]["query"]["did_you_mean"] is None
    assert search(library, "q=mesotheraby needles")["meta"]["query"]["did_you_mean"] == "mesotherapy needles"


def test_two_restrictions_to_types_are_refused_and_none_is_dropped(library: House) -> None:
    [fault] = library.get("demo-south/search?q=skin&type=faq&filter[type]=topic").json["errors"]
    assert (fault["parameter"], fault["code"]) == ("filter[type]", "excluded")


def test_a_header_names_the_next_page_of_hits(library: House) -> None:
    reply = library.get("demo-south/search?q=skin&page[size]=1")
    assert reply.headers["Link"] == f'<{reply.json["links"]["next"]}>; rel="next"'


def test_a_highlight_holds_no_tag_but_mark(house: House) -> None:
    a_live_topic(house.database, "tags", a_topic(title="Tags", summary="If a < b & b > c, a lamp is “lit”."))
    html = search(house, "q=lamp&type=topic")["data"][0]["match"]["html"]
    assert "<mark>lamp</mark>" in html and "a &lt; b &amp; b &gt; c" in html
    for hit in search(house, "q=skin&page[size]=100")["data"]:
        assert set(re.findall(r"<[^>]*>", hit["match"]["html"])) <= {"<mark>", "</mark>"}


def test_every_hit_says_where_it_stands_and_its_rank(library: House) -> None:
    found = search(library, "q=dermis&page[size]=100")
    assert [each["match"]["rank"] for each in found["data"]] == list(range(1, len(found["data"]) + 1))
    assert found["data"][0]["slug"] == "dermis"
    with_anchor = [each for each in found["data"] if each["match"]["anchor"]]
    assert all(each["match"]["field"] == "sections" for each in with_anchor)


def test_a_hidden_topic_is_not_found_at_its_clinic(library: House) -> None:
    query = "q=combined treatment&locale=en&type=topic&page[size]=100"
    hidden = entry_id(library.database, "combined-treatment")
    assert hidden in [each["id"] for each in search(library, query)["data"]]
    assert hidden not in [each["id"] for each in search(library, query, "demo-north")["data"]]
    counts = facets(search(library, query + "&facets=type", "demo-north"))["type"]
    assert counts.get("topic", 0) == len(search(library, query, "demo-north")["data"])


@pytest.mark.parametrize("size", [1, 3])
def test_cursors_walk_every_hit_once(library: House, size: int) -> None:
    whole = search(library, "q=skin&page[size]=100")
    walked: list[Given] = []
    reply = search(library, f"q=skin&page[size]={size}")
    walked += reply["data"]
    while reply["links"]["next"]:
        reply = library.data(reply["links"]["next"])
        walked += reply["data"]
    assert walked == whole["data"] and len(walked) == whole["meta"]["total"] > 3


QUERIES = (
    "q=skin", "q=scars -raised", 'q="acne scars"', "q=treatment session", "q=mesotherpy", "q=piel&locale=es",
    "q=cicatrices de acne&locale=es", "q=what should i ask", "q=it's", "q=no-such", "q=' OR 1", 'q="skin', "q=a*",
    "q=skin&filter[category]=acne-scars&facets=type,category", "q=results&type=faq,topic&facets=type",
)  # fmt: skip


def test_both_databases_give_the_same_reply_byte_by_byte(request: pytest.FixtureRequest, tmp_path: Any) -> None:
    template = request.getfixturevalue("postgres_seeded")
    copied = tmp_path / "house.sqlite"
    copied.write_bytes(request.getfixturevalue("sqlite_seeded").read_bytes())
    urls = (f"sqlite:///{copied}", fresh_postgres_database(request.getfixturevalue("postgres_url"), template))
    houses = [opened(url, tmp_path) for url in urls]
    small, real = (next(each) for each in houses)
    for each in (small, real):
        add_generated(each.database, 5)
    for query in QUERIES:
        for clinic in ("demo-south", "demo-north"):
            one, other = (each.get(f"{clinic}/search?{query}&page[size]=50") for each in (small, real))
            assert (one.status_code, one.data) == (other.status_code, other.data), query
    for each in houses:
        next(each, None)


@pytest.mark.parametrize(("plural", "kind", "field"), [
    ("topics", "topic", "sections"), ("faqs", "faq", "answer"), ("terms", "term", "body"),
    ("guides", "guide", "alternates"),
])  # fmt: skip
def test_a_hit_gives_a_field_as_the_item_itself_does(library: House, plural: str, kind: str, field: str) -> None:
    hits = search(library, f"q=skin&type={kind}&fields[{kind}]={field}")["data"]
    whole = [library.data(f"demo-south/{plural}/{each['slug']}?fields[{kind}]={field}")["data"] for each in hits]
    assert [each[field] for each in hits] == [each[field] for each in whole] != []
