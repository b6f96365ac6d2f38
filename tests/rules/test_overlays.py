"""Overlays: a clinic's patch is merged by key, and never touches a clinical word."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.rules.overlays import locked, merge
from schemas.content import content_type
from tests.builders import a_section

TOPIC = content_type("topic")
PRICE = {"key": "price", "label": "Price", "text": "Ask us"}
NUMBING = {"key": "numbing", "label": "Numbing", "text": "A cream"}


@pytest.mark.parametrize(
    ("base", "patch", "merged"),
    [
        ({"a": 1, "b": 2}, {"b": 3}, {"a": 1, "b": 3}),
        ({"a": 1, "b": 2}, {"b": None}, {"a": 1}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"c": 3}}, {"a": {"b": 1, "c": 3}}),
        ({"a": 1}, {"a": {"b": 2}}, {"a": {"b": 2}}),
        ({"a": [1, 2]}, {"a": [3]}, {"a": [3]}),
        (None, {"a": {"b": None}}, {"a": {}}),
    ],
)
def test_members_merge_as_rfc_7396_says(base: Any, patch: Any, merged: Any) -> None:
    assert merge(base, patch) == merged


def test_a_list_of_parts_is_addressed_by_key() -> None:
    base = {"facts": [NUMBING, PRICE]}
    assert merge(base, {"facts": {"price": {"text": "Free"}}}) == {"facts": [NUMBING, {**PRICE, "text": "Free"}]}
    assert merge(base, {"facts": {"numbing": None}}) == {"facts": [PRICE]}
    assert merge(base, {"facts": {"more": {"text": "New"}}})["facts"][2] == {"key": "more", "text": "New"}
    assert merge(base, {"facts": [PRICE, NUMBING]}) == {"facts": [PRICE, NUMBING]}


def test_a_section_is_addressed_by_its_aspect() -> None:
    base = {"sections": [a_section("overview"), a_section("risks")]}
    merged = merge(base, {"sections": {"risks": {"title": "What may go wrong"}}})
    assert [each["title"] for each in merged["sections"]] == ["Overview", "What may go wrong"]


@given(st.dictionaries(st.sampled_from("abc"), st.one_of(st.none(), st.integers(), st.text(max_size=3)), max_size=3))
def test_merging_twice_is_merging_once_and_the_base_stays_as_it_was(patch: dict[str, Any]) -> None:
    base = {"a": 1, "b": {"c": 2}, "facts": [PRICE]}
    before = deepcopy(base)
    once = merge(base, patch)
    assert merge(once, patch) == once and base == before


@pytest.mark.parametrize("name", ["title", "summary", "position", "cta", "seo"])
def test_wording_is_open_to_clinics(name: str) -> None:
    assert locked(TOPIC, {name: "anything"}) == []


@pytest.mark.parametrize(
    ("patch", "named"),
    [
        ({"kind": "condition"}, ["kind"]),
        ({"sections": {"risks": {"body": "None."}}}, ["sections"]),
        ({"facts": {"price": {"text": "Free"}, "numbing": None}}, ["facts.numbing"]),
        ({"facts": [PRICE]}, ["facts"]),
        ({"related": [], "title": "x"}, ["related"]),
        ({"no_such_field": 1}, ["no_such_field"]),
    ],
)
def test_clinical_and_unknown_fields_are_locked_and_named(patch: dict[str, Any], named: list[str]) -> None:
    assert locked(TOPIC, patch) == named


def test_no_type_lets_clinics_change_a_whole_clinical_field() -> None:
    for name in ("topic", "faq", "guide", "term"):
        kind = content_type(name)
        assert set(kind.overridable).isdisjoint(kind.clinical)
