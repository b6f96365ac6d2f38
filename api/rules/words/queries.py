"""What somebody asks for who types a line into the search field."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from api.rules.words.splitting import spans
from api.rules.words.stemming import stem

MOST_CLAUSES = 12

_QUOTES = str.maketrans(dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\uff02", '"'))
# A minus excludes only at the start of a part: "follow-up" asks for both words.
_PART = re.compile(r'((?<!\S)[-\u2212]++)?+(?:"([^"]*+)"|([^\s"]++))')


@dataclass(frozen=True, slots=True)
class Clause:
    """One demand on a text: it holds these stems, next to each other if a phrase; or it must not.

    `words` are the same words as typed, one for each stem.
    """

    stems: tuple[str, ...]
    phrase: bool
    negated: bool
    words: tuple[str, ...]


def _pairs(text: str, locale: str) -> list[tuple[str, str]]:
    """Return (stem, word as typed) for every word that has a stem."""
    return [(found, word) for word, _, _ in spans(text) if (found := stem(word, locale))]


def _clause(pairs: list[tuple[str, str]], *, phrase: bool, negated: bool) -> Clause:
    return Clause(tuple(pair[0] for pair in pairs), phrase, negated, tuple(pair[1] for pair in pairs))


def _clauses(q: str, locale: str) -> Iterator[Clause]:
    """Yield every clause of the query in its order, however many and however often."""
    for match in _PART.finditer(q.translate(_QUOTES)):
        minus, quoted, bare = match.groups()
        pairs = _pairs(quoted or bare or "", locale)
        if quoted is None and not minus:
            yield from (_clause([pair], phrase=False, negated=False) for pair in pairs)
        elif pairs:
            # To exclude "follow-up" is to exclude the expression, not each of its words.
            yield _clause(pairs, phrase=quoted is not None or len(pairs) > 1, negated=bool(minus))


def parse_query(q: str, locale: str) -> list[Clause]:
    """Return the at most 12 different clauses of a query, in the order typed.

    Every word is a clause, and so is every "phrase in quotes"; a minus right before either
    negates it, and a lone quote is ignored. Clauses that differ only in the form of their words
    are equal, and the first one stays. Nothing to find, or only something to exclude, gives [].
    """
    kept: dict[tuple[tuple[str, ...], bool, bool], Clause] = {}
    for clause in _clauses(q, locale):
        kept.setdefault((clause.stems, clause.phrase, clause.negated), clause)
        if len(kept) == MOST_CLAUSES:
            break
    clauses = list(kept.values())
    return clauses if any(not clause.negated for clause in clauses) else []
