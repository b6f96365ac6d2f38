"""Reading: whether a sentence says what its words seem to say, or denies, quotes or asks it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from api.rules.claims.phrases import WORD, Lexicon, lexicon

_END = re.compile(r"[.!?]+(?=[\s\")']|\Z)|\n")
_BREAK = re.compile(r"[,;:()\n]| - ")
_HARD = re.compile(r"[;\n]")
LEXICONS = (
    "negators", "not_negators", "near", "denials", "reporters", "turns", "asks", "teasers", "assents"
)  # fmt: skip
REACH = {"negators": 8, "reporters": 14, "denials": 5}
"""How many words may stand between such a phrase and what it speaks of."""
LONGEST = 300
"""Characters of a sentence that are looked at on each side; what runs on for longer is no sentence."""


@dataclass(frozen=True)
class Language:
    """How one language denies, quotes and asks, as `languages/*.toml` has it; `lists` are words that rules name."""

    code: str
    negators: Lexicon
    not_negators: Lexicon
    near: Lexicon
    denials: Lexicon
    reporters: Lexicon
    turns: Lexicon
    asks: Lexicon
    teasers: Lexicon
    assents: Lexicon
    lists: dict[str, Lexicon]
    sides: dict[str, str]
    facts: dict[str, Any]

    def excuses(self, text: str, start: int, end: int) -> bool:
        """Whether a span of a folded text is denied, quoted or asked where it stands."""
        left, right = sentence(text, start, end)
        return (
            self._negated(text, left, start)
            or self._denied(text, end, right)
            or self._reported(text, left, start)
            or self._asked(text, left, right)
        )

    def _negated(self, text: str, left: int, start: int) -> bool:
        """`not`, `never`, `nobody` and such before it, in the same part of the sentence."""
        apparent = [at for at, _, _ in self.not_negators.found(text, left, start)]
        for at, end, _ in sorted(self.negators.found(text, left, start), reverse=True):
            between = text[end:start]
            if _words(between) > REACH["negators"]:
                break
            if any(at <= other < end for other in apparent):
                continue
            if not _BREAK.search(between) and not self._turned(text, end, start):
                return True
        return any(not _words(text[end:start]) for _, end, _ in self.near.found(text, left, start))

    def _denied(self, text: str, end: int, right: int) -> bool:
        """`is not possible`, `does not exist`, `; it does not` and such after it."""
        for at, _, _ in self.denials.found(text, end, right):
            between = text[end:at]
            if _words(between) <= REACH["denials"] and not re.search(r"[,:(\n]", between):
                return True
        return False

    def _reported(self, text: str, left: int, start: int) -> bool:
        """`some adverts promise`, `be wary of`, `words such as` and such before it."""
        return any(
            not _HARD.search(text, end, start) and not self._turned(text, end, start)
            and _words(text[end:start]) <= REACH["reporters"]
            for _, end, _ in self.reporters.found(text, left, start)
        )  # fmt: skip

    def _asked(self, text: str, left: int, right: int) -> bool:
        """A question that wants to know, and is not answered with yes; what advertises with a question mark is none."""
        if right >= len(text) or text[right] != "?":
            return False
        opening = WORD.search(text, left, right)
        first = opening.start() if opening else left
        # A question may stand at the end of a sentence: what it asks begins after the last break.
        begins = {first} | {found.end() for found in re.finditer(r"[:;,¿] ?", text[left:right])}
        begins = {first} | {left + each for each in begins if each != first}
        asks = any(at in begins for at, _, _ in self.asks.found(text, left, right))
        if not asks or any(at in begins for at, _, _ in self.teasers.found(text, left, right)):
            return False
        answer = WORD.search(text, right)
        return answer is None or not any(
            at == answer.start() for at, _, _ in self.assents.found(text, answer.start(), answer.start() + 40)
        )

    def _turned(self, text: str, start: int, end: int) -> bool:
        return next(self.turns.found(text, start, end), None) is not None


def sentence(text: str, start: int, end: int) -> tuple[int, int]:
    """(where the sentence around a span begins, where it ends: at the sign that ends it)."""
    least, most = max(0, start - LONGEST), min(len(text), end + LONGEST)
    left = max((found.end() for found in _END.finditer(text, least, start)), default=least)
    ending = _END.search(text, end, most)
    return left, ending.start() if ending else most


def language(code: str, said: dict[str, Any]) -> Language:
    """A language by what its file says. Raises KeyError, BadPhrase."""
    lexicons = {name: lexicon(said[name]) for name in LEXICONS}
    lists = {name: lexicon(phrases) for name, phrases in said["lists"].items()}
    return Language(code=code, lists=lists, sides=said["sides"], facts=said["facts"], **lexicons)


def _words(text: str) -> int:
    return len(WORD.findall(text))
