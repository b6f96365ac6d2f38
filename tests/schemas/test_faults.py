"""Faults: each is named by a pointer into what was sent, repeated parts by key."""

from __future__ import annotations

import pytest

from schemas.category import CategorySchema
from schemas.content.topic import TopicSchema
from schemas.faults import load


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
