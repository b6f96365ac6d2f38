"""The corpus of marketing sentences, and how well the rules do on it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from api.rules.claims.lint import lint

PLACE = Path(__file__).parent


@dataclass(frozen=True)
class Sentence:
    """A sentence and the ids of the rules that it breaks; none where it may be said."""

    locale: str
    jurisdiction: str
    wanted: frozenset[str]
    text: str

    @property
    def held_out(self) -> bool:
        """Whether nobody tunes the rules on it: every third one, by the digest of its text."""
        return hashlib.sha256(self.text.encode()).digest()[0] % 3 == 0

    @property
    def found(self) -> frozenset[str]:
        return frozenset(each.rule.id for each in lint(self.text, self.jurisdiction, self.locale))


@dataclass(frozen=True)
class Score:
    """How many (sentence, rule) were rightly found, wrongly found and missed."""

    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong)

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed)

    def __str__(self) -> str:
        claims = self.right + self.missed
        return f"precision {self.precision:.3f}, recall {self.recall:.3f} of {claims}, {self.wrong} found wrongly"


def sentences(name: str = "corpus.txt") -> Iterator[Sentence]:
    """Every sentence of a file of lines `locale jurisdiction | rules | text`."""
    for line in (PLACE / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            where, rules, text = line.split(" | ", 2)
            locale, jurisdiction = where.split()
            yield Sentence(locale, jurisdiction, frozenset(rules.split()) - {"-"}, text)


def score(asked: Iterable[Sentence]) -> Score:
    """How the rules do on some sentences."""
    pairs = [(each.wanted, each.found) for each in asked]
    return Score(
        sum(len(wanted & found) for wanted, found in pairs),
        sum(len(found - wanted) for wanted, found in pairs),
        sum(len(wanted - found) for wanted, found in pairs),
    )
