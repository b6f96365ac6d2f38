"""Which known word somebody probably meant who typed an unknown one."""

from collections.abc import Iterable
from itertools import takewhile

from api.rules.words.folding import fold

_SHORTEST = 4
_SHORTEST_FOR_TWO = 7
_LONGEST = 64


def _allowed(word: str) -> int:
    """Return how many slips a word of this length may hold."""
    if not _SHORTEST <= len(word) <= _LONGEST:
        return 0
    return 2 if len(word) >= _SHORTEST_FOR_TWO else 1


def _common(left: str, right: str) -> int:
    """Return the length of the common prefix."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(left, right, strict=False)))


def _next_row(left: str, right: str, i: int, row: list[int], before: list[int], bound: int) -> list[int]:
    """Return the distances of left[:i] to every beginning of right; those beyond the bound are not exact."""
    current = [bound + 1] * (len(right) + 1)
    if i <= bound:
        current[0] = i
    for j in range(max(1, i - bound), min(len(right), i + bound) + 1):
        same = left[i - 1] == right[j - 1]
        cost = min(row[j - 1] + (not same), row[j] + 1, current[j - 1] + 1)
        if i > 1 and j > 1 and left[i - 1] == right[j - 2] and left[i - 2] == right[j - 1]:
            cost = min(cost, before[j - 2] + 1)
        current[j] = cost
    return current


def _distance(left: str, right: str, bound: int) -> int | None:
    """Return the Damerau-Levenshtein distance (optimal string alignment), or None beyond the bound."""
    # Most candidates differ in more letters than any number of allowed slips could change.
    if abs(len(left) - len(right)) > bound or len(set(left).difference(right)) > bound:
        return None
    before: list[int] = []
    row = [min(j, bound + 1) for j in range(len(right) + 1)]
    for i in range(1, len(left) + 1):
        before, row = row, _next_row(left, right, i, row, before, bound)
        if min(row) > bound and min(before) > bound:
            return None
    return row[-1] if row[-1] <= bound else None


def closest(word: str, candidates: Iterable[str]) -> str | None:
    """Return the candidate that the word most probably misspells, or None.

    Candidates are folded words. Words of 4 to 6 letters may differ by one slip (a letter missing,
    added, changed, or two swapped), longer ones by two, shorter ones and those over 64 not at all.
    Among equally near candidates the longer common beginning wins, then the alphabet. A word that
    is itself a candidate is not misspelt: None.
    """
    folded = fold(word)
    bound = _allowed(folded)
    if not bound:
        return None
    best: tuple[int, int, str] | None = None
    for candidate in candidates:
        if candidate == folded:
            return None
        distance = _distance(folded, candidate, bound)
        if distance is not None:
            rank = (distance, -_common(folded, candidate), candidate)
            best = min(best or rank, rank)
            bound = best[0]
    return best[2] if best else None
