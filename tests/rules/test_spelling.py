"""Which known word a misspelt one probably means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.rules.words import closest
from api.rules.words.spelling import _distance

MEANT = "lasre:laser Lazer:laser treatmnet:treatment treetmant:treatment acen:acne fillr:fill scarx:scars"
NOT_MEANT = "trtmnt: botoks: acn: laser: treatments:"


@pytest.mark.parametrize("case", f"{MEANT} {NOT_MEANT}".split())
def test_the_closest_candidate_is_the_one_probably_meant(case: str) -> None:
    word, _, meant = case.partition(":")
    candidates = ["acne", "botox", "fill", "filler", "laser", "later", "scars", "scary", "treatment", "treatments"]
    assert closest(word, candidates) == closest(word, reversed(candidates)) == (meant or None)


def test_of_equally_near_candidates_the_one_that_begins_alike_is_meant() -> None:
    assert closest("xcars", ["ycars", "xcarz"]) == "xcarz"
    assert closest("scars", []) is None


def plain_distance(left: str, right: str) -> int:
    """Return the optimal string alignment distance, by the textbook."""
    rows = [[i + j if not i * j else 0 for j in range(len(right) + 1)] for i in range(len(left) + 1)]
    for i in range(1, len(left) + 1):
        for j in range(1, len(right) + 1):
            same = left[i - 1] == right[j - 1]
            rows[i][j] = min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + (not same))
            if i > 1 and j > 1 and left[i - 1] == right[j - 2] and left[i - 2] == right[j - 1]:
                rows[i][j] = min(rows[i][j], rows[i - 2][j - 2] + 1)
    return rows[-1][-1]


@given(st.text("abc", max_size=9), st.text("abc", max_size=9), st.integers(1, 2))
def test_the_bounded_distance_is_the_textbook_distance_or_none(left: str, right: str, bound: int) -> None:
    expected = plain_distance(left, right)
    assert _distance(left, right, bound) == (expected if expected <= bound else None)
