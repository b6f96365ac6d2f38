"""Generated demo topics."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import FrozenInstanceError
from itertools import islice
from typing import Any

import pytest

from schemas.content.topic import TopicSchema
from seed.scale import LOCALES, SAFETY, Generated, generated
from tests.growth import grows_in_proportion

MANY = 1_000
FORBIDDEN = {
    "en": r"permanent|\bsafe|painless|guarantee|\bcur(e|es|ed|ing)\b|doctor|\bstud(y|ies)\b|\bprice|\bcost",
    "es": r"permanente|segur[oa]|indolor|garanti|\bcura[rn]?\b|doctor|médic|estudio|precio|\bcoste",
}


@pytest.fixture(scope="module")
def topics() -> list[Generated]:
    return list(generated(MANY))


def documents(topics: list[Generated]) -> Iterator[tuple[str, dict[str, Any]]]:
    for topic in topics:
        for locale, (_, document) in topic.texts.items():
            yield locale, document


def words_of(value: Any) -> Iterator[str]:
    """Every printed text of a document, without its keys."""
    if isinstance(value, dict):
        for name, each in value.items():
            if name not in ("kind", "categories", "key", "aspect", "robots"):
                yield from words_of(each)
    elif isinstance(value, list):
        for each in value:
            yield from words_of(each)
    elif isinstance(value, str):
        yield value


def section(document: dict[str, Any], aspect: str) -> dict[str, Any]:
    return next(each for each in document["sections"] if each["aspect"] == aspect)


def test_every_document_is_what_the_schema_would_store(topics: list[Generated]) -> None:
    schema = TopicSchema()
    for _, document in documents(topics[:150]):
        assert schema.load(document) == document


def test_keys_carry_the_number_and_slugs_are_unique_and_end_with_it(topics: list[Generated]) -> None:
    assert topics[0].key == "scale-000001" and topics[-1].key == f"scale-{MANY:06}"
    for locale in LOCALES:
        slugs = [topic.texts[locale][0] for topic in topics]
        assert len(set(slugs)) == MANY
        assert all(slug.endswith(f"-{number}") for number, slug in enumerate(slugs, 1))
        assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug) and len(slug) <= 96 for slug in slugs)


def test_a_number_always_gives_the_same_topic(topics: list[Generated]) -> None:
    assert list(generated(3, start=500)) == topics[499:502]
    assert list(generated(0)) == []
    with pytest.raises(FrozenInstanceError):
        topics[0].key = "another"  # type: ignore[misc]


def test_topics_are_made_as_they_are_asked_for() -> None:
    assert [topic.key for topic in islice(generated(10**9), 2)] == ["scale-000001", "scale-000002"]


def test_both_locales_hold_the_same_parts(topics: list[Generated]) -> None:
    for topic in topics:
        english, spanish = (topic.texts[locale][1] for locale in LOCALES)
        for same in ("kind", "position", "categories"):
            assert english[same] == spanish[same]
        assert [each["key"] for each in english["facts"]] == [each["key"] for each in spanish["facts"]]
        assert [each["aspect"] for each in english["sections"]] == [each["aspect"] for each in spanish["sections"]]
        assert english["title"] != spanish["title"]


def test_every_overview_says_that_the_text_is_generated(topics: list[Generated]) -> None:
    notice = {"en": "This is generated demo text", "es": "Este es un texto de demostración generado por un programa"}
    for locale, document in documents(topics):
        assert section(document, "overview")["body"].startswith(notice[locale])
        assert document["seo"]["robots"].startswith("noindex")


def test_only_the_aspects_that_concern_safety_are_marked(topics: list[Generated]) -> None:
    for _, document in documents(topics):
        assert all(each["safety"] == (each["aspect"] in SAFETY) for each in document["sections"])


@pytest.mark.parametrize("locale", LOCALES)
def test_no_text_holds_a_figure_a_claim_or_an_unfilled_slot(topics: list[Generated], locale: str) -> None:
    for topic in topics:
        for text in words_of(topic.texts[locale][1]):
            assert not re.search(FORBIDDEN[locale], text, re.IGNORECASE), text
            assert not re.search(r"[\d{}%€$]", text), text


def test_spanish_contracts_its_articles_and_sentences_begin_with_a_capital(topics: list[Generated]) -> None:
    for locale, document in documents(topics):
        for text in words_of(document):
            assert locale == "en" or not re.search(r"\b(de|a) el\b", text), text
            assert not re.search(r"[.?] [a-záéíóú]", text), text


def test_sizes_and_counts_stay_in_their_bounds(topics: list[Generated]) -> None:
    for _, document in documents(topics):
        assert 5_000 <= len(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()) <= 10_000
        assert 3 <= len(document["facts"]) <= 6
        assert 5 <= len(document["sections"]) <= 9
        assert len(document["title"]) <= 120 and len(document["summary"]) <= 300


@pytest.mark.parametrize("locale", LOCALES)
def test_topics_differ_and_words_are_rare_common_and_everywhere(topics: list[Generated], locale: str) -> None:
    found = Counter[str]()
    for topic in topics:
        found.update(set(re.findall(r"\w+", " ".join(words_of(topic.texts[locale][1])).lower())))
    share = sorted(count / MANY for count in found.values())
    for low, high, least in ((0.003, 0.02, 5), (0.07, 0.15, 20), (0.4, 0.6, 20)):
        assert sum(low <= each <= high for each in share) >= least, (low, high)
    documents_here = [topic.texts[locale][1] for topic in topics]
    assert len({document["title"] for document in documents_here}) > MANY / 3
    assert len({section(document, "overview")["body"] for document in documents_here}) > MANY * 0.95
    assert any("\n\n- " in each["body"] for each in documents_here[0]["sections"])


def test_four_times_as_many_topics_take_four_times_as_long() -> None:
    assert grows_in_proportion(lambda many: sum(1 for _ in generated(many)), 100)
