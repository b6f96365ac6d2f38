"""Faults: each is named by a pointer into what was sent, repeated parts by key."""

from __future__ import annotations

import pytest

from schemas.category import CategorySchema
from schemas.clinic import ClinicSchema
from schemas.content.topic import TopicSchema
from schemas.faults import ADVISED, load


@pytest.mark.parametrize(("texts", "pointer", "code"), [
    ({"en": {"title": "Laser"}}, "/texts/en/slug", "required"),
    ({"en": {"title": "Laser", "slug": "a", "colour": "red"}}, "/texts/en/colour", "unknown_field"),
    ({"not a tag": {"title": "Laser", "slug": "a"}}, "/texts/not a tag", "invalid"),
    ({"en": "Laser"}, "/texts/en", "invalid"),
])  # fmt: skip
def test_a_part_of_a_mapping_is_named_by_its_own_name(texts: object, pointer: str, code: str) -> None:
    _, faults = load(CategorySchema(), {"key": "laser", "group": "subject", "texts": texts})
    assert [(each["pointer"], each["code"]) for each in faults] == [(pointer, code)]


def test_a_fact_that_lacks_its_value_is_still_a_fact() -> None:
    fact = {"key": "price", "label": 1, "text": "x"}
    _, faults = load(TopicSchema(), {"kind": "treatment", "title": "T", "summary": "S", "facts": [fact]}, "/document")
    assert [each["pointer"] for each in faults] == ["/document/facts/price/label"]


def test_a_misspelt_field_is_answered_with_those_that_there_are() -> None:
    citation = {"title": "T", "publisherr": "P"}
    section = {"aspect": "risks", "title": "R", "body": "B", "citations": [citation]}
    sent = {"kind": "treatment", "titel": "T", "title": "T", "summary": "S", "sections": [section], "colour": "red"}
    _, faults = load(TopicSchema(), sent, "/document")
    told = {each["pointer"]: each for each in faults}
    assert told["/document/titel"]["detail"] == "There is no such field. Did you mean title?"
    assert "sections" in told["/document/titel"]["allowed"]
    assert told["/document/colour"]["detail"] == "There is no such field."
    nested = told["/document/sections/risks/citations/0/publisherr"]
    assert nested["allowed"] == ["title", "publisher", "url", "doi", "accessed_on"]


def test_a_misspelt_field_inside_a_mapping_is_too() -> None:
    _, faults = load(CategorySchema(), {"key": "a", "group": "faq", "texts": {"en": {"titel": "A", "slug": "a"}}})
    assert {each["pointer"]: "title" in each.get("allowed", ()) for each in faults}["/texts/en/titel"]


def test_thousands_of_unknown_fields_are_told_without_all_of_the_advice() -> None:
    _, faults = load(
        TopicSchema(), {"kind": "treatment", "title": "T", "summary": "S"} | {f"t{n}": 1 for n in range(3000)}
    )
    assert len(faults) == 3000
    assert sum("allowed" in each for each in faults) == ADVISED


@pytest.mark.parametrize(
    ("said", "pointer", "example"),
    [({"name": "New Town"}, "/name", '{"en": …}'), ({"locales": ["en"]}, "/locales/0", '{"code": …}'),
     ({"booking": "call us"}, "/booking", '{"label": …}'), ({"contact": "us"}, "/contact", "")],
)  # fmt: skip
def test_where_an_object_is_wanted_it_is_told_which(said: dict[str, object], pointer: str, example: str) -> None:
    clinic = {"slug": "new-town", "name": {"en": "New Town"}, "time_zone": "UTC", "default_locale": "en",
              "locales": [{"code": "en"}]}  # fmt: skip
    [fault] = [each for each in load(ClinicSchema(), clinic | said)[1] if each["pointer"] == pointer]
    assert fault["detail"] == (f"Give an object, such as {example}." if example else "Give an object.")
