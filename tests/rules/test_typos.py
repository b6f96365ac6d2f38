"""What counts as a typo, and what is an edit that somebody has to read."""

from __future__ import annotations

import pytest

from api.rules.typos import is_typo
from tests.growth import grows_in_proportion

BEFORE = "Do not take more than 2 doses; [ask](entry:top_x) your doctor before teh session."


@pytest.mark.parametrize(
    ("after", "typo"),
    [
        (BEFORE.replace("teh", "the"), True),
        (BEFORE.replace("doses;", "doses,"), True),
        (BEFORE.replace("2", "3"), False),
        (BEFORE.replace("not ", ""), False),
        (BEFORE.replace("not", "now"), False),
        (BEFORE.replace("top_x", "top_y"), False),
        (BEFORE.replace("before", "after"), False),
        (BEFORE.replace("doctor", "dentist"), False),
        (BEFORE + " Indeed.", False),
        (BEFORE, False),
    ],
)
def test_a_typo_is_a_word_respelled_and_nothing_else(after: str, typo: bool) -> None:
    assert is_typo({"sections": [{"body": BEFORE}]}, {"sections": [{"body": after}]}) is typo


@pytest.mark.parametrize("after", [{"a": "x", "b": 1}, {"a": ["x"]}, {}, {"a": None}])
def test_a_part_that_comes_or_goes_is_no_typo(after: object) -> None:
    assert not is_typo({"a": "x"}, after)  # type: ignore[arg-type]


@pytest.mark.parametrize("part", ["](", "<", "{{", "https://", "a", "a ", ". "])
def test_in13_looking_for_typos_takes_no_longer_than_the_text_is_long(part: str) -> None:
    def look(size: int) -> object:
        return is_typo({"body": "teh " + part * size}, {"body": "the " + part * size})

    assert grows_in_proportion(look, 500)
