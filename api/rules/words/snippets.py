"""The part of a text that shows best why it was found."""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from html import escape
from typing import NamedTuple

from api.rules.words.splitting import spans
from api.rules.words.stemming import stem

_Span = tuple[str, int, int]

_CUT = "\u2026"
_SENTENCE_END = re.compile("[.!?\u2026\u3002][\"'\u201d\u2019\u00bb)\\]]*+\\s++|\\n\\s*+")


@dataclass(frozen=True, slots=True)
class Snippet:
    """Safe HTML whose only tag is <mark>, and how many different of what is wanted the whole text holds."""

    html: str
    found: int


# A text may hold thousands, and a frozen dataclass takes four times as long to make.
class _Hit(NamedTuple):
    start: int
    end: int
    stem: str


def _hits(found: list[_Span], wanted: Collection[str], locale: str) -> list[_Hit]:
    sought = frozenset(wanted) - {""}
    longest = 1 + max((each.count(" ") for each in sought), default=0)
    if longest == 1:
        return [_Hit(start, end, known) for word, start, end in found if (known := stem(word, locale)) in sought]
    stemmed = [_Hit(start, end, known) for word, start, end in found if (known := stem(word, locale))]
    firsts = {each.partition(" ")[0] for each in sought}
    hits, at = [], 0
    while at < len(stemmed):
        hit = _longest(stemmed[at : at + longest], sought) if stemmed[at].stem in firsts else None
        hits += [hit] if hit else []
        at += hit.stem.count(" ") + 1 if hit else 1
    return hits


def _longest(ahead: Sequence[_Hit], sought: frozenset[str]) -> _Hit | None:
    """The longest run from here that is sought."""
    for length in range(len(ahead), 0, -1):
        run = " ".join(each.stem for each in ahead[:length])
        if run in sought:
            return _Hit(ahead[0].start, ahead[length - 1].end, run)
    return None


def _best(hits: list[_Hit], width: int) -> tuple[int, int]:
    """Return (start, end) of the first stretch of at most `width` with the most different stems.

    It reaches from the start of one hit to the end of another, and is longer than `width` only
    if a single word is.
    """
    best, most, after = (hits[0].start, hits[0].end), 0, 0
    inside: Counter[str] = Counter()
    for index, first in enumerate(hits):
        while after < len(hits) and (after <= index or hits[after].end - first.start <= width):
            inside[hits[after].stem] += 1
            after += 1
        if len(inside) > most:
            best, most = (first.start, hits[after - 1].end), len(inside)
        inside[first.stem] -= 1
        if not inside[first.stem]:
            del inside[first.stem]
    return best


def _begin(text: str, found: list[_Span], stretch: tuple[int, int], width: int) -> int:
    """Return where to begin so that the stretch fits: at a sentence's start, else at a word's."""
    first, last = stretch
    lowest = min(first, max(0, last - width))
    fullest = max(0, len(text) - width)
    ends = _SENTENCE_END.finditer(text, max(0, lowest - 2), first)
    starts = ([0] if lowest == 0 else []) + [match.end() for match in ends if match.end() >= lowest]
    if starts:
        return max((start for start in starts if start <= fullest), default=starts[0])
    target = max(lowest, min(fullest, first - width // 4))
    return next(start for _, start, _ in found if start >= target)


def _end(text: str, found: list[_Span], begin: int, width: int) -> int:
    """Return where to end: within `width`, and not inside a word unless it alone is longer."""
    limit = begin + width
    if limit >= len(text):
        return len(text)
    split = next((start for _, start, stop in found if start < limit < stop), limit)
    return split if split > begin else limit


def _marked(text: str, hits: Sequence[_Hit], begin: int, end: int) -> str:
    """Return text[begin:end] as HTML, its hits marked."""
    parts, done = [], begin
    for hit in hits:
        if hit.end > begin and hit.start < end:
            start, stop = max(hit.start, begin), min(hit.end, end)
            parts += [escape(text[done:start]), "<mark>", escape(text[start:stop]), "</mark>"]
            done = stop
    return "".join([*parts, escape(text[done:end])])


def held(text: str, wanted: Collection[str], locale: str) -> int:
    """How many different of what is wanted the text holds: the `found` of its snippet, which takes longer to cut."""
    return len({hit.stem for hit in _hits(list(spans(text)), wanted, locale)})


def snippet(text: str, wanted: Collection[str], locale: str, width: int = 160) -> Snippet:
    """Return the stretch of about `width` characters with the most different of what is wanted.

    Wanted are stems, and stems that stand side by side joined by spaces: those are marked only where they do.

    It is the first such stretch, with "…" where the text was cut; the text's beginning if none
    of the stems is in it. `width` counts characters of the text, not of the HTML.
    """
    width, found = max(width, 1), list(spans(text))
    hits = _hits(found, wanted, locale)
    begin = _begin(text, found, _best(hits, width), width) if hits else 0
    begin = len(text) - len(text[begin:].lstrip())
    end = _end(text, found, begin, width)
    end = begin + len(text[begin:end].rstrip())
    before = _CUT if text[:begin].strip() else ""
    after = _CUT if text[end:].strip() else ""
    return Snippet(before + _marked(text, hits, begin, end) + after, len({hit.stem for hit in hits}))
