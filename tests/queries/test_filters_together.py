"""Filters beside everything else that a list can be asked for: each alone, and two at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import combinations

import pytest

from schemas.content import CONTENT_TYPES, content_type
from schemas.content_type import ContentType, Filter
from tests.conftest import House

VALUES = {"category": "skin-basics", "instant": "2020-01-01T00:00:00Z", "text": "skin", "relation": "mesotherapy"}
BESIDE = "include=categories&count=true&page[size]=100"


def asked(kind: ContentType) -> Iterator[str]:
    """Every filter of a type with each of its operators, as it stands in a query."""
    for name, each in kind.filters.items():
        for operator in each.operators:
            yield f"filter[{name}][{operator}]={value(each, operator)}"


def value(asked_for: Filter, operator: str) -> str:
    if operator == "exists":
        return "true"
    return asked_for.choices[0] if asked_for.choices else VALUES.get(asked_for.kind, "mesotherapy")


@pytest.mark.parametrize("kind", [each.name for each in CONTENT_TYPES])
def test_the_categories_beside_a_filtered_list_count_its_items(library: House, kind: str) -> None:
    queries = list(asked(content_type(kind)))
    for query in [*queries, *(f"{one}&{other}" for one, other in combinations(queries, 2))]:
        reply = library.data(f"demo-south/{content_type(kind).plural}?{query}&{BESIDE}")
        assert reply["meta"]["total"] == len(reply["data"]), query
        labels = [each.get("categories") or [each["category"]] for each in reply["data"] if has_category(each)]
        held = Counter(label["key"] for each in labels for label in each)
        told = {each["key"]: each["count"] for each in reply["included"] if each["type"] == "category"}
        assert told == held, query


def has_category(item: dict[str, object]) -> bool:
    return bool(item.get("categories") or item.get("category"))
