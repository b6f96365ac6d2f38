"""Documents: what a whole text says that it must not, each finding anchored to its field."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from api.rules.claims.checks import CHECKS
from api.rules.claims.lint import Finding, lint
from api.rules.claims.packs import GENERAL, pack, spoken
from schemas.content_type import ContentType
from schemas.prose import prose

LONGEST = 200
"""Characters of the words at fault that are told."""


@dataclass(frozen=True)
class Anchored:
    """A finding in the field that `pointer` names. `rests_on` is the digest of the words that it rests on."""

    finding: Finding
    pointer: str
    words: str
    """What the text says there."""
    rests_on: str

    @property
    def rule(self) -> str:
        return self.finding.rule.id

    @property
    def blocking(self) -> bool:
        return self.finding.rule.severity == "block"


def findings(kind: ContentType, document: dict[str, Any], locale: str, where: Iterable[str]) -> list[Anchored]:
    """What a document says that it must not in any of some jurisdictions, by field; none where no rules speak its
    language. A rule that holds in several is told once."""
    code = spoken(locale)
    if code is None:
        return []
    texts = list(prose(kind, document))
    found: dict[tuple[str, str, int], Anchored] = {}
    for jurisdiction in sorted(set(where) or {GENERAL}, key=lambda each: (each != GENERAL, each)):
        for each in texts:
            for one in () if each.quoted else lint(each.text, jurisdiction, code):
                made = Anchored(one, each.pointer, _words(each.text, one), _digest(each.text))
                found.setdefault((made.rule, made.pointer, one.start), made)
        holding = pack(jurisdiction, code)
        for check, rule in holding.checks.items():
            for there, one, words in CHECKS[check](rule, holding, document, texts):
                made = Anchored(one, there.pointer, _words(there.text, one), _digest(words))
                found.setdefault((made.rule, made.pointer, one.start), made)
    order = {each.pointer: number for number, each in enumerate(texts)}
    return sorted(found.values(), key=lambda each: (order[each.pointer], each.finding.start, each.rule))


def _words(text: str, found: Finding) -> str:
    return text[found.start : found.end][:LONGEST]


def _digest(words: str) -> str:
    return f"sha256:{hashlib.sha256(words.encode('utf-8', 'surrogatepass')).hexdigest()}"
