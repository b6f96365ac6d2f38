"""Lint: what one text says that it must not, by the rules of a jurisdiction."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import blake2b
from itertools import islice

from api.rules.claims.folding import Folded, fold
from api.rules.claims.packs import Pack, Readable, Rule, pack
from api.rules.claims.reading import sentence

MOST = 200
"""How many findings of one text are told; nobody mends more at once."""
LOOKED = 40
"""In how many places of a text negation and quotation are looked for."""
KEPT = 4_096


@dataclass(frozen=True)
class Finding:
    """A rule and where a text breaks it: `start` and `end` count characters (code points) of the text as given."""

    rule: Rule
    code: str
    start: int
    end: int
    reason: str
    suggestion: str

    def moved(self, by: int) -> Finding:
        """The same finding in a text before which so many characters stand."""
        return replace(self, start=self.start + by, end=self.end + by)


def finding(rule: Rule, code: str, start: int, end: int, **filled: str) -> Finding:
    """A finding with its words in the text's language, English where the rule does not speak it."""
    reason = rule.reason.get(code, rule.reason["en"])
    suggestion = rule.suggestion.get(code, rule.suggestion["en"])
    for name, value in filled.items():
        reason = reason.replace(f"{{{name}}}", value)
    return Finding(rule, code, start, end, reason, suggestion)


def lint(text: str, jurisdiction: str, code: str) -> tuple[Finding, ...]:
    """What a text says that it must not, in order. What was found in the same text before is remembered."""
    return _remembered(Digested(text), jurisdiction, code)


class Digested:
    """A text that is told from others by its digest, so that long ones are not kept."""

    def __init__(self, text: str) -> None:
        self.text: str | None = text
        self.digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()

    def given_up(self) -> str:
        """The text, for the last time: what was found in it is remembered, not the text."""
        text, self.text = self.text or "", None
        return text

    def __hash__(self) -> int:
        return hash(self.digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Digested) and self.digest == other.digest


@lru_cache(maxsize=KEPT)
def _remembered(asked: Digested, jurisdiction: str, code: str) -> tuple[Finding, ...]:
    text = asked.given_up()
    holding = pack(jurisdiction, code)
    folded = fold(text)
    broken = islice(_broken(folded, holding), MOST)
    found = [finding(rule, code, *folded.origin(start, end)) for start, end, rule in broken]
    return tuple(sorted(found, key=lambda each: (each.start, each.end, each.rule.id)))


def _broken(folded: Folded, holding: Pack) -> Iterator[tuple[int, int, Rule]]:
    """(start, end, rule) of what stands. Past so many places a text is no prose: the rest stands as it is written."""
    text = folded.text
    passing: dict[str, bool] = {}
    looked = 0
    for start, end, readable in _spans(text, holding):
        if readable.unless_text is not None:
            if readable.rule.id not in passing:
                passing[readable.rule.id] = next(readable.unless_text.found(text), None) is not None
            if passing[readable.rule.id]:
                continue
        looked += 1
        if looked > LOOKED or not (_excepted(text, start, end, readable) or holding.language.excuses(text, start, end)):
            yield start, end, readable.rule


def _spans(text: str, holding: Pack) -> Iterator[tuple[int, int, Readable]]:
    """Where phrases of rules stand; of one rule, spans that overlap are one."""
    open_spans: dict[str, tuple[int, int, Readable]] = {}
    for start, end, stands_for in holding.lexicon.found(text):
        assert isinstance(stands_for, Readable)
        name = stands_for.rule.id
        before = open_spans.get(name)
        if before is not None and start < before[1]:
            open_spans[name] = (before[0], max(end, before[1]), stands_for)
            continue
        open_spans[name] = (start, end, stands_for)
        if before is not None:
            yield before
    yield from open_spans.values()


def _excepted(text: str, start: int, end: int, readable: Readable) -> bool:
    """Whether the rule itself lets it pass, by words around it or in its sentence."""
    left, right = sentence(text, start, end)
    if any(at < end and start < until for at, until, _ in readable.unless.found(text, left, right)):
        return True
    return next(readable.unless_sentence.found(text, left, right), None) is not None
