"""Whether an edit is of the class of a typo: a few letters inside words that were there before, and nothing else."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from typing import Any

MOST_LETTERS = 12
"""Letters that may change in all."""
LONGEST_WORD = 100
"""Letters beyond which something is no word; comparing letters takes as long as the square of their number."""
NEVER = frozenset(("not", "no", "never", "without", "nor", "none", "sin", "nunca", "ni", "jamás"))
"""Words that may neither come nor go: they turn a sentence round."""
_WORD = re.compile(r"\w+", re.UNICODE)
_FIXED = re.compile(r"\]\([^)\]]*\)|<[^<>]*>|\{\{[^{}]*\}\}|https?://\S+")
"""Addresses and placeholders. None holds what another begins with, so a text of beginnings alone is read once."""


def is_typo(before: dict[str, Any], after: dict[str, Any]) -> bool:
    """Same parts in the same order; only words were respelled, no number, link, negation or word count changed."""
    changed = list(_changes(before, after))
    if not changed or any(pair is None for pair in changed):
        return False
    return sum(_letters(*pair) for pair in changed if pair) <= MOST_LETTERS


def _changes(before: Any, after: Any) -> Iterator[tuple[str, str] | None]:
    """Every pair of texts that differ; None for a difference that is more than words."""
    if type(before) is not type(after):
        yield None
    elif isinstance(before, dict):
        if before.keys() != after.keys():
            yield None
            return
        for name in before:
            yield from _changes(before[name], after[name])
    elif isinstance(before, list):
        if len(before) != len(after):
            yield None
            return
        for old, new in zip(before, after, strict=True):
            yield from _changes(old, new)
    elif before != after:
        yield (before, after) if isinstance(before, str) and _respelled(before, after) else None


def _respelled(before: str, after: str) -> bool:
    old, new = _WORD.findall(before), _WORD.findall(after)
    if len(old) != len(new) or _rest(before) != _rest(after) or _FIXED.findall(before) != _FIXED.findall(after):
        return False
    pairs = [(one, other) for one, other in zip(old, new, strict=True) if one != other]
    return all(_same_word(one.casefold(), other.casefold()) for one, other in pairs)


def _same_word(one: str, other: str) -> bool:
    if any(sign.isdigit() for sign in one + other) or {one, other} & NEVER or max(len(one), len(other)) > LONGEST_WORD:
        return False
    return difflib.SequenceMatcher(None, one, other, autojunk=False).ratio() >= 0.6


def _rest(text: str) -> list[str]:
    """What stands between words, but for commas, full stops and spaces: links and marks must stay as they are."""
    return [re.sub(r"[\s.,;:]", "", part) for part in _WORD.split(text)]


def _letters(before: str, after: str) -> int:
    """How many letters differ, word by word and mark by mark: both texts have as many of them."""
    pairs = [*zip(_WORD.findall(before), _WORD.findall(after), strict=True),
             *zip(_WORD.split(before), _WORD.split(after), strict=True)]  # fmt: skip
    return sum(_differing(one, other) for one, other in pairs if one != other)


def _differing(one: str, other: str) -> int:
    if max(len(one), len(other)) > LONGEST_WORD:
        return MOST_LETTERS + 1
    matcher = difflib.SequenceMatcher(None, one, other, autojunk=False)
    return sum(max(j - i, n - m) for kind, i, j, m, n in matcher.get_opcodes() if kind != "equal")
