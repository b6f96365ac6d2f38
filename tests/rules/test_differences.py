"""Differences: by field and part, named by key, with the words of prose."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.rules.differences import clinical, differences, place, words
from schemas.content.topic import TOPIC
from tests.growth import grows_in_proportion


def told(before: Any, after: Any) -> list[tuple[str, str]]:
    return [(each["pointer"], each["kind"]) for each in differences(before, after)]


def test_what_is_the_same_has_no_differences() -> None:
    assert differences({"a": [1, {"key": "b"}]}, {"a": [1, {"key": "b"}]}) == []


def test_fields_come_go_and_change_under_their_own_names() -> None:
    before, after = {"a": 1, "b": 2, "c/d": 3}, {"a": 1, "c/d": 4, "e": None}
    assert told(before, after) == [("/b", "removed"), ("/c~1d", "changed"), ("/e", "added")]


def test_parts_are_named_by_key_aspect_or_id_and_not_by_their_place() -> None:
    old = [{"aspect": "overview", "body": "a"}, {"aspect": "risks", "body": "b"}]
    new = [{"aspect": "risks", "body": "c"}, {"aspect": "results", "body": "d"}]
    assert told({"sections": old, "refs": [{"id": "x"}]}, {"sections": new, "refs": [{"id": "y"}]}) == [
        ("/sections/overview", "removed"), ("/sections/risks/body", "changed"), ("/sections/results", "added"),
        ("/refs/x", "removed"), ("/refs/y", "added"),
    ]  # fmt: skip


def test_a_part_that_only_moved_is_told_as_moved_and_its_neighbours_are_not() -> None:
    before, after = ([{"key": name} for name in names] for names in ("abcde", "aebcd"))
    assert differences(before, after) == [{"pointer": "/e", "kind": "moved", "before": 4, "after": 1}]


def test_a_list_without_keys_changes_whole() -> None:
    assert told({"a": ["x", "y"]}, {"a": ["y", "x"]}) == [("/a", "changed")]
    assert told({"a": [{"key": "x"}, {"key": "x"}]}, {"a": []}) == [("/a", "changed")]


def test_prose_says_which_words_came_and_went() -> None:
    assert words("The skin may swell.", "The skin may swell for a day.") == [
        {"op": "equal", "text": "The skin may "}, {"op": "delete", "text": "swell"},
        {"op": "insert", "text": "swell for a day"}, {"op": "equal", "text": "."},
    ]  # fmt: skip


@given(st.text(alphabet="ab ñ.\n", max_size=60), st.text(alphabet="ab ñ.\n", max_size=60))
def test_the_words_of_a_difference_joined_give_both_texts_again(before: str, after: str) -> None:
    found = words(before, after)
    assert "".join(each["text"] for each in found if each["op"] != "insert") == before
    assert "".join(each["text"] for each in found if each["op"] != "delete") == after


def test_the_longest_texts_are_compared_in_proportion_to_their_length() -> None:
    assert grows_in_proportion(lambda size: words("the skin " * size, "skin the " * size), 1_250)


@pytest.mark.parametrize(
    ("pointer", "wanted"),
    [
        ("/document/sections/risks/body", True),
        ("/document/facts", True),
        ("/document/facts/pain/text", True),
        ("/document/facts/price/text", False),
        ("/document/title", False),
        ("/slug", False),
        ("/document", False),
    ],
)
def test_what_is_clinical_is_what_clinics_may_not_change(pointer: str, wanted: bool) -> None:
    assert clinical(TOPIC, pointer) is wanted


def test_a_pointer_by_key_leads_to_its_part_and_a_wrong_one_nowhere() -> None:
    document = {"sections": [{"aspect": "risks", "body": "b", "list": ["x"]}], "a/b": 1}
    assert place(document, "/sections/risks/body") == "b" and place(document, "/a~1b") == 1
    assert place(document, "/sections/risks/list/0") == "x"
    for wrong in ("/sections/overview", "/sections/risks/body/0", "/none", "/sections/risks/list/1", "/sections/"):
        with pytest.raises(LookupError):
            place(document, wrong)
