"""Phrases: the small language in which rules are written, made into patterns that no text can slow down.

A phrase is words in order. `guarantee*` is a word with any ending, `(a|b c)` one of several, `[x]` may be left out,
`~3` stands for up to three words of any kind, `#` for a number, `%` for a percent sign or its words. Between two words
stands a space or a hyphen. A phrase begins with a word or a choice of words; accents and case do not count.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from api.rules.claims.folding import folded_words

WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_PIECE = re.compile(r"\s*([()\[\]|]|~\d|[^\s()\[\]|]+)")
_GAP = r'"?[ -]"?'
_ANY = r"[^\W_]++(?:'[^\W_]++)?%?"
_PERCENT = r" ?(?:%|percent|per cent|por ciento|por cien)"
STEM = 3
"""How many letters a word with any ending shows at least; by these it is found."""
KNOWN, LONGEST = 20_000, 40
"""How many words, of how many letters at most, are remembered with the phrases that they can begin."""
Entry = tuple[str, object]
Beginning = tuple[re.Pattern[str] | None, tuple[tuple[re.Pattern[str], object], ...]]
"""(what any of some phrases must match, None for few; each phrase with what it stands for)."""
NOTHING: Beginning = (None, ())
FEW = 3


class BadPhrase(ValueError):
    """A phrase that can't be read; the message says why."""


@dataclass(frozen=True)
class Phrase:
    """A regular expression, and the words (`guarantee`) or beginnings (`guarante*`) with which it can begin."""

    pattern: str
    firsts: frozenset[str]


def phrase(written: str) -> Phrase:
    """Read a phrase. Raises BadPhrase."""
    reader = _Reader(_PIECE.findall(written), written)
    pattern, firsts = reader.sequence()
    if reader.left:
        raise BadPhrase(f"{written!r}: a bracket is closed that was never opened.")
    return Phrase(pattern, frozenset(firsts))


@dataclass
class _Reader:
    left: list[str]
    written: str

    def sequence(self) -> tuple[str, set[str]]:
        """(the pattern of words in order, with which it can begin), up to the end or a sign that ends it."""
        made, firsts = "", set[str]()
        while self.left and self.left[0] not in ")]|":
            piece = self.left.pop(0)
            optional, gap = piece == "[", re.fullmatch(r"~(\d)", piece)
            if not made and (optional or gap or piece == "%"):
                raise BadPhrase(f"{self.written!r}: begin with a word, not with {gap and '~' or piece}.")
            if gap:
                made += f"(?:{_GAP}{_ANY}){{0,{gap[1]}}}"
                continue
            part, begins = self._choice(")" if piece == "(" else "]") if piece in "([" else self._word(piece)
            firsts = firsts or begins
            joint = "" if piece == "%" or not made else _GAP
            made += f"(?:{joint}{part})?" if optional else f"{joint}{part}"
        if not made:
            raise BadPhrase(f"{self.written!r}: there is a choice of nothing.")
        return made, firsts

    def _choice(self, closing: str) -> tuple[str, set[str]]:
        ways, firsts = [], set[str]()
        while True:
            pattern, begins = self.sequence()
            ways.append(pattern)
            firsts |= begins
            if not self.left:
                raise BadPhrase(f"{self.written!r}: a bracket is not closed.")
            if (sign := self.left.pop(0)) == closing:
                return f"(?:{'|'.join(ways)})", firsts
            if sign != "|":
                raise BadPhrase(f"{self.written!r}: {sign} closes a bracket of the other kind.")

    def _word(self, piece: str) -> tuple[str, set[str]]:
        if piece == "%":
            return _PERCENT, set()
        if piece == "#":
            return r"\d++(?:[.,]\d++)?", {"#"}
        ending = piece.endswith("*")
        stem = folded_words(piece.removesuffix("*"))
        begins = WORD.match(stem)
        if begins is None or not re.fullmatch(r"[\w'’-]+\*?", piece) or (ending and len(stem) < STEM):
            raise BadPhrase(
                f"{self.written!r}: {piece!r} is no word; one with any ending shows {STEM} letters at least."
            )
        pattern = re.escape(stem).replace(r"\-", "[ -]")
        whole = begins[0] == stem
        return (
            f"{pattern}[^\\W_]*+" if ending else f"{pattern}(?![^\\W_])",
            {f"{begins[0]}*" if ending and whole else begins[0]},
        )


class Lexicon:
    """Phrases by what they begin with, each with something that it stands for."""

    def __init__(self, phrases: Iterable[tuple[Phrase, object]]) -> None:
        self._known: dict[str, Beginning] = {}
        self._words: dict[str, list[Entry]] = {}
        self._stems: dict[str, list[tuple[str, Entry]]] = {}
        for each, stands_for in phrases:
            for first in each.firsts:
                if first.endswith("*"):
                    self._stems.setdefault(first[:STEM], []).append((first[:-1], (each.pattern, stands_for)))
                else:
                    self._words.setdefault(first, []).append((each.pattern, stands_for))

    def found(self, text: str, start: int = 0, end: int | None = None) -> Iterator[tuple[int, int, object]]:
        """(start, end, what it stands for) of every phrase that begins in a stretch of a folded text."""
        stop = len(text) if end is None else end
        for token in WORD.finditer(text, start, stop):
            word = token[0]
            beginning = self._known.get(word)
            any_of, entries = self._learn(word) if beginning is None else beginning
            if any_of is not None and any_of.match(text, token.start(), stop) is None:
                continue
            for pattern, stands_for in entries:
                if match := pattern.match(text, token.start(), stop):
                    yield token.start(), match.end(), stands_for

    def _learn(self, word: str) -> Beginning:
        """The phrases that can begin with a word; compiled now and remembered, for texts use few words often."""
        found = list(self._words.get(word, ()))
        if word.isdecimal():
            found += self._words.get("#", ())
        elif "'" in word:
            found += self._words.get(word.partition("'")[0], ())
        found += [entry for stem, entry in self._stems.get(word[:STEM], ()) if word.startswith(stem)]
        any_of = _compiled("|".join(each for each, _ in found)) if len(found) > FEW else None
        made = (any_of, tuple((_compiled(each), what) for each, what in found)) if found else NOTHING
        if len(self._known) > KNOWN:
            self._known.clear()
        if len(word) <= LONGEST:
            self._known[word] = made
        return made


_compiled = cache(re.compile)


def lexicon(written: Iterable[str]) -> Lexicon:
    """Phrases that stand for themselves."""
    return Lexicon((phrase(each), each) for each in written)
