"""Digests: what exactly was approved, and which edits void it."""

from __future__ import annotations

from typing import Any

import pytest

from api.rules.digests import clinical_digest, digest
from schemas.content import CONTENT_TYPES, content_type
from tests.builders import a_section, a_topic

TOPIC = content_type("topic")
FACTS = [
    {"key": "price", "label": "Price", "text": "Ask"},
    {"key": "numbing", "label": "Numbing", "text": "A cream"},
]


def loaded(**changed: Any) -> dict[str, Any]:
    found: dict[str, Any] = TOPIC.schema().load(a_topic(facts=FACTS, **changed))
    return found


def with_fact(key: str, text: str) -> dict[str, Any]:
    document = loaded()
    document["facts"] = [{**each, "text": text} if each["key"] == key else each for each in document["facts"]]
    return document


def test_a_digest_is_sha_256_in_hexadecimal() -> None:
    assert digest("a", {"b": 1}).startswith("sha256:") and len(digest("a", {"b": 1})) == 71


def test_the_order_of_members_does_not_matter_and_that_of_parts_does() -> None:
    document = loaded()
    assert digest("a", document) == digest("a", dict(reversed(document.items())))
    assert digest("a", document) != digest("a", {**document, "facts": document["facts"][::-1]})


def test_the_slug_is_part_of_what_was_approved_but_not_clinical() -> None:
    assert digest("a", loaded()) != digest("b", loaded())


@pytest.mark.parametrize(
    "edited",
    [loaded(title="Other"), loaded(summary="Other."), loaded(position=7), with_fact("price", "Free")],
    ids=["title", "summary", "position", "price"],
)
def test_wording_changes_the_digest_and_not_the_clinical_one(edited: dict[str, Any]) -> None:
    assert digest("a", edited) != digest("a", loaded())
    assert clinical_digest(TOPIC, edited) == clinical_digest(TOPIC, loaded())


@pytest.mark.parametrize(
    "edited",
    [loaded(kind="condition"), loaded(sections=[a_section("risks")]), with_fact("numbing", "None")],
    ids=["kind", "sections", "fact"],
)
def test_a_clinical_word_changes_both(edited: dict[str, Any]) -> None:
    assert digest("a", edited) != digest("a", loaded())
    assert clinical_digest(TOPIC, edited) != clinical_digest(TOPIC, loaded())


def test_safety_relevant_fields_are_clinical_in_every_type() -> None:
    for kind in CONTENT_TYPES:
        assert set(kind.safety) <= set(kind.clinical) <= set(kind.stored)
