"""Folding: a text as the rules read it, without case, accents, markup or invisible characters, and the way back."""

from __future__ import annotations

import html
import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache

_SIGNS = {
    **dict.fromkeys("‘’‚′´`", "'"),
    **dict.fromkeys("“”„«»″‹›", '"'),
    **dict.fromkeys("‐‑‒–−", "-"),
    **dict.fromkeys("—―", ";"),
    **dict.fromkeys("\t\r\v\f\u0085\u00a0\u1680\u2028\u2029\u202f\u205f\u3000", " "),
    **{chr(code): " " for code in range(0x2000, 0x200B)},
    "…": ".", "，": ",", "。": ".", "％": "%",
}  # fmt: skip

SHORT = 4_000
"""Texts of so many characters at most are remembered folded: one document is looked at in several ways."""


def _letter(character: str) -> str:
    """A letter without its accent and case, where that is one letter again."""
    plain = "".join(each for each in unicodedata.normalize("NFKD", character) if not unicodedata.combining(each))
    folded = plain.casefold()
    return folded if len(folded) == 1 and folded.isalnum() else character


_LETTERS = {code: _letter(chr(code)) for spans in ((0x41, 0x250), (0x1E00, 0x1F00), (0xFF00, 0xFF5F))
            for code in range(*spans) if chr(code).isalnum()}  # fmt: skip
_TABLE = str.maketrans({**{chr(code): to for code, to in _LETTERS.items()}, **_SIGNS})

# Each way begins with a character of its own and takes all it can, so that no text is gone through twice.
_CUT = re.compile(
    r"\n(?P<blank>[ \n]*+)(?P<mark>(?:[-+*>]|\#{1,6}|\d{1,3}[.)])[ ]++)?"
    r"|(?P<gone>[*_~\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\u0300-\u036f]++)"
    r"|\]\([^()\s]{0,2000}+\)"
    r"|[\[\]]"
    r"|\\(?=[!-/:-@\[-`{-~])"
    r"|[ ]{2,}+"
    r"|(?P<entity>&(?:\#[0-9]{1,7}|\#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,30});)"
)


@dataclass(frozen=True)
class Folded:
    """`text` as the rules read it; where lines end a paragraph, a heading or an item, it has a line break."""

    text: str
    _at: list[int]
    _from: list[int]

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """Where a span of the folded text stands in the text as given, in characters."""
        return self._back(start), self._back(end - 1) + 1

    def _back(self, at: int) -> int:
        piece = bisect_right(self._at, at) - 1
        return self._from[piece] + at - self._at[piece]


def fold(text: str) -> Folded:
    """The text as the rules read it. Takes time in proportion to its length, whatever it holds."""
    return _remembered(text) if len(text) <= SHORT else _folded(text)


def _folded(text: str) -> Folded:
    plain = text.translate(_TABLE)
    pieces: list[str] = []
    at, origin, length, last = [0], [0], 0, 0

    def put(piece: str, start: int) -> None:
        nonlocal length
        if piece:
            at.append(length)
            origin.append(start)
            pieces.append(piece)
            length += len(piece)

    for found in _CUT.finditer(plain):
        put(plain[last : found.start()], last)
        put(_instead(found), found.start())
        last = found.end()
    put(plain[last:], last)
    return Folded("".join(pieces), at[1:] or [0], origin[1:] or [0])


_remembered = lru_cache(maxsize=512)(_folded)


def _instead(found: re.Match[str]) -> str:
    """What stands in the place of markup: one character at most."""
    if found["gone"] is not None:
        return ""
    if found["entity"] is not None:
        meant = html.unescape(found["entity"]).translate(_TABLE)
        return meant if len(meant) == 1 and meant not in "\u00ad\u200b" else ""
    if found[0][0] == "\n":
        return "\n" if "\n" in found["blank"] or found["mark"] else " "
    return " " if found[0][0] == " " else ""


def folded_words(text: str) -> str:
    """A pattern's own words, folded like the texts that it is held against."""
    return fold(text).text.strip()
