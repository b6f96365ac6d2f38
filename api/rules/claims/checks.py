"""Checks: what is looked at over a whole document: parity of benefits and risks, and facts against prose."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from api.rules.claims import facts
from api.rules.claims.facts import Span, Stated
from api.rules.claims.folding import fold
from api.rules.claims.lint import KEPT, Digested, Finding, finding
from api.rules.claims.packs import Pack, Rule, languages
from schemas.prose import Prose

Placed = tuple[Prose, Finding, str]
"""A finding, the prose it stands in, and all the words that it rests on."""
SIDES = ("risks", "suitability", "alternatives")
"""Aspects that belong beside benefits; what each is called, its language says."""
OF_BENEFITS = ("title", "summary", "facts.text", "sections.title", "sections.body", "seo.title", "seo.description")
SPEAKING_OF_ELSE = ("risks", "suitability", "alternatives", "misconceptions", "preparing", "aftercare")


def parity(rule: Rule, holding: Pack, document: dict[str, Any], texts: Sequence[Prose]) -> Iterator[Placed]:
    """A treatment whose benefits are stated needs its risks, whom it suits, and what else there is."""
    if not isinstance(document.get("sections"), list) or document.get("kind") == "condition":
        return
    benefit = _benefit(holding, texts)
    missing = [side for side in SIDES if not _stated(side, holding, document, texts)] if benefit else []
    if benefit and missing:
        words = ", ".join(holding.language.sides[side] for side in missing)
        where, start, end = benefit
        made = finding(rule, holding.language.code, start, end, missing=words)
        yield where, made, "\n".join(each.text for each in texts)


def _benefit(holding: Pack, texts: Sequence[Prose]) -> tuple[Prose, int, int] | None:
    """Where a benefit is stated first, and neither denied, quoted nor asked."""
    for each in texts:
        if (
            each.path not in OF_BENEFITS
            or each.pointer.split("/")[3:4]
            and each.pointer.split("/")[3] in SPEAKING_OF_ELSE
        ):
            continue
        if span := _first_benefit(Digested(each.text), holding.language.code):
            return each, *span
    return None


@lru_cache(maxsize=KEPT)
def _first_benefit(asked: Digested, code: str) -> tuple[int, int] | None:
    """Where a text states one; remembered, for an edit changes few of a document's texts."""
    folded, language = fold(asked.given_up()), languages()[code]
    for start, end, _ in language.lists["benefit"].found(folded.text):
        if not language.excuses(folded.text, start, end):
            return folded.origin(start, end)
    return None


def _stated(side: str, holding: Pack, document: dict[str, Any], texts: Sequence[Prose]) -> bool:
    """Whether a section has that aspect, a relation says it, or (risks aside) words anywhere do."""
    if any(each.get("aspect") == side for each in document["sections"]):
        return True
    if side == "risks":
        return False
    related = document.get("related") or []
    if side == "alternatives" and any(each.get("relation") == "alternative_to" for each in related):
        return True
    words = holding.language.lists[side]
    return any(next(words.found(fold(each.text).text), None) is not None for each in texts)


def sessions(rule: Rule, holding: Pack, document: dict[str, Any], texts: Sequence[Prose]) -> Iterator[Placed]:
    """Prose that says another number of sessions than the fact `sessions`."""
    if fact := _fact(document, "sessions"):
        code = holding.language.code
        yield from _contradicting(
            rule, holding, fact, texts, facts.told(fact, code), lambda text: facts.sessions(text, code)
        )


def downtime(rule: Rule, holding: Pack, document: dict[str, Any], texts: Sequence[Prose]) -> Iterator[Placed]:
    """Prose that says another time to recover than the fact `downtime`."""
    if fact := _fact(document, "downtime"):
        code = holding.language.code
        yield from _contradicting(
            rule, holding, fact, texts, facts.told(fact, code, hours=True), lambda text: facts.downtime(text, code)
        )


def price(rule: Rule, holding: Pack, document: dict[str, Any], texts: Sequence[Prose]) -> Iterator[Placed]:
    """Amounts in prose, the fact's own text too, that lie outside the fact `price`."""
    fact = _fact(document, "price")
    value = fact.get("value") if fact else None
    if fact is None or not isinstance(value, dict):
        return
    try:
        least = facts.money(value["min"])
        most = facts.money(value["max"]) if value.get("max") else float("inf")
    except ValueError:
        return
    currency, code = str(value["currency"]).upper(), holding.language.code
    shown = f"{value['min']}–{value['max']} {currency}" if value.get("max") else f"{value['min']} {currency}"
    yield from _contradicting(
        rule, holding, fact, texts, (least, most), lambda text: facts.prices(text, code, currency), shown
    )


def _contradicting(
    rule: Rule,
    holding: Pack,
    fact: dict[str, Any],
    texts: Sequence[Prose],
    told: Span | None,
    stated: Callable[[str], Iterator[Stated]],
    shown: str | None = None,
) -> Iterator[Placed]:
    if told is None:
        return
    own = f"/document/facts/{fact['key']}/"
    for each in texts:
        if each.quoted or (shown is None and each.pointer.startswith(own)):
            continue
        folded = fold(each.text)
        for found in stated(folded.text):
            denied = holding.language.excuses(folded.text, found.start, found.end)
            if found.contradicts(told) and not denied:
                start, end = folded.origin(found.start, found.end)
                says = shown or str(fact.get("text"))
                made = finding(rule, holding.language.code, start, end, fact=says)
                yield each, made, f"{each.text}\n{says}"
                break


def _fact(document: dict[str, Any], key: str) -> dict[str, Any] | None:
    there = document.get("facts")
    found = there if isinstance(there, list) else []
    return next((each for each in found if isinstance(each, dict) and each.get("key") == key), None)


Check = Callable[[Rule, Pack, dict[str, Any], Sequence[Prose]], Iterator[Placed]]
CHECKS: dict[str, Check] = {"parity": parity, "sessions": sessions, "downtime": downtime, "price": price}
