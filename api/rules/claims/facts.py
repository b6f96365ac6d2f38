"""Facts: numbers of sessions, days and money that prose states, held against the typed facts of the same text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from api.rules.claims.folding import fold, folded_words
from api.rules.claims.packs import languages
from api.rules.claims.phrases import WORD, Lexicon, lexicon
from api.rules.claims.reading import sentence

CURRENCIES = {"EUR": ("€", "eur", "euro", "euros"), "USD": ("$", "us$", "usd", "dollar", "dollars", "dolares"),
              "GBP": ("£", "gbp", "pound", "pounds"), "AUD": ("a$", "aud"), "MXN": ("mxn", "pesos")}  # fmt: skip
_AMOUNT = r"\d{1,9}(?:[.,' ]\d{3})*(?:[.,]\d{1,2})?(?!\d)"
Span = tuple[float, float]


@dataclass(frozen=True)
class Stated:
    """A span of a folded text that states from `least` to `most`."""

    start: int
    end: int
    least: float
    most: float

    def contradicts(self, told: Span) -> bool:
        return self.most < told[0] or self.least > told[1]


@dataclass(frozen=True)
class Measures:
    """How a language speaks of numbers, as its file has it."""

    numbers: dict[str, int]
    units: dict[str, int]
    sessions: Lexicon
    downtime: Lexicon
    no_downtime: Lexicon
    none: Lexicon
    depends: Lexicon
    other_price: Lexicon


@cache
def measures(code: str) -> Measures:
    said = languages()[code].facts
    number = f"(#|{'|'.join(said['numbers'])})"
    between = "|".join(each for each in said["range"] if each != "-")
    exact = f"(#|{'|'.join(each for each in said['numbers'] if each not in said['articles'])})"
    filled = {
        "{n}": f"{number} [{between}] [{number}]",
        "{m}": f"{exact} [{between}] [{exact}]",
        "{session}": said["session"],
        "{unit}": f"({'|'.join(said['units'])})",
    }

    def phrases(name: str) -> Lexicon:
        made = []
        for written in said[name]:
            for slot, what in filled.items():
                written = written.replace(slot, what)
            made.append(written)
        return lexicon(made)

    return Measures(
        said["numbers"], {folded_words(name): hours for name, hours in said["units"].items()},
        *(phrases(name) for name in ("sessions", "downtime", "no_downtime", "none", "depends", "other_price")),
    )  # fmt: skip


def told(fact: dict[str, Any], code: str, *, hours: bool = False) -> Span | None:
    """What a fact says of sessions, or of hours to recover: (least, most), or None where it says no number.

    (inf, inf) where it says that it depends: then no number is right.
    """
    text, known = fold(str(fact.get("text") or "")).text, measures(code)
    if numbers := _numbers(text, known):
        unit = _unit(text, known) if hours else 1
        return None if unit is None else (min(numbers) * unit, max(numbers) * unit)
    if next(known.depends.found(text), None) is not None:
        return float("inf"), float("inf")
    if hours and (next(known.none.found(text), None) or next(known.no_downtime.found(text), None)):
        return 0, 0
    return None


def sessions(text: str, code: str) -> Iterator[Stated]:
    """Statements of how many sessions are needed, in a folded text."""
    known = measures(code)
    for start, end, _ in known.sessions.found(text):
        if numbers := _numbers(text[start:end], known):
            yield Stated(start, end, min(numbers), max(numbers))


def downtime(text: str, code: str) -> Iterator[Stated]:
    """Statements of how many hours it takes to recover, in a folded text."""
    known = measures(code)
    for start, end, _ in known.downtime.found(text):
        numbers, unit = _numbers(text[start:end], known), _unit(text[start:end], known)
        if numbers and unit:
            yield Stated(start, end, min(numbers) * unit, max(numbers) * unit)
    for start, end, _ in known.no_downtime.found(text):
        yield Stated(start, end, 0, 0)


def prices(text: str, code: str, currency: str) -> Iterator[Stated]:
    """Amounts in a currency, in a folded text, where the sentence speaks of no other price such as a deposit."""
    signs = "|".join(re.escape(each) for each in CURRENCIES.get(currency, (currency.casefold(),)))
    written = re.compile(rf"(?<![\w.,])(?:(?:{signs}) ?({_AMOUNT})|({_AMOUNT}) ?(?:{signs})(?!\w))")
    for found in written.finditer(text):
        left, right = sentence(text, found.start(), found.end())
        if next(measures(code).other_price.found(text, left, right), None) is None:
            amount = money(found[1] or found[2])
            yield Stated(found.start(), found.end(), amount, amount)


def money(written: str) -> float:
    """1.200,50 and 1,200.50 alike; a sign before three digits parts thousands."""
    digits = re.sub(r"[.,' ](?=\d{3}(?!\d))", "", written)
    return float(digits.replace(",", "."))


def _numbers(text: str, known: Measures) -> list[float]:
    found = []
    for word in re.findall(r"\d{1,6}(?:[.,]\d{1,2})?|[^\W\d_]+", text):
        if word[0].isdecimal():
            found.append(float(word.replace(",", ".")))
        elif (number := known.numbers.get(word)) is not None:
            found.append(float(number))
    return found


def _unit(text: str, known: Measures) -> int | None:
    return next((known.units[word] for word in WORD.findall(text) if word in known.units), None)
