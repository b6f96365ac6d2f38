"""Whole texts: findings by field, parity of benefits and risks, facts that prose contradicts, quoted fields."""

from __future__ import annotations

from typing import Any

import pytest

from api.rules.claims.documents import Anchored, findings
from schemas.content import content_type
from seed import files
from seed.scale import generated
from tests.builders import a_section, a_topic

PRICE = {"min": "100", "max": "200.00", "currency": "EUR"}
BALANCED = [a_section("overview"), a_section("risks", "Bruising may follow."), a_section("suitability"),
            a_section("alternatives")]  # fmt: skip


def found(document: dict[str, Any], kind: str = "topic", locale: str = "en", *where: str) -> list[Anchored]:
    loaded: dict[str, Any] = content_type(kind).loading.load(document)
    return findings(content_type(kind), loaded, locale, where)


def told(*args: Any) -> list[tuple[str, str]]:
    return [(each.rule, each.pointer) for each in found(*args)]


def a_fact(key: str, text: str, value: Any = None) -> dict[str, Any]:
    return {"key": key, "label": key.title(), "text": text, "value": value}


def test_a_finding_is_anchored_to_its_field_by_key() -> None:
    document = a_topic(
        summary="Permanent results.", sections=[*BALANCED, a_section("procedure", "It is painless.")],
        facts=[a_fact("pain", "No pain")], seo={"title": "The best clinic in town"},
    )  # fmt: skip
    assert told(document) == [
        ("permanent-result", "/document/summary"), ("painless", "/document/facts/pain/text"),
        ("painless", "/document/sections/procedure/body"), ("superlative", "/document/seo/title"),
    ]  # fmt: skip


def test_a_myth_may_be_quoted_and_a_sign_of_warning_too() -> None:
    faq = {"question": "Do results last?", "answer": "No.", "category": "results", "kind": "myth",
           "myth": "Results are permanent.", "fact": "They fade."}  # fmt: skip
    assert told(faq, "faq") == []
    assert told({**faq, "kind": "question"}, "faq") == [("permanent-result", "/document/myth")]
    guide = {"title": "Choose", "summary": "How.", "red_flags": {"title": "Signs", "items": [
        {"key": "promise", "title": "Guaranteed results", "why": "Ours are permanent."}]}}  # fmt: skip
    assert told(guide, "guide") == [("permanent-result", "/document/red_flags/items/promise/why")]


def test_titles_of_sources_are_others_words() -> None:
    section = {**a_section("overview"), "citations": [{"title": "A permanent cure?", "url": "https://a.example"}]}
    assert told(a_topic(sections=[section])) == []


@pytest.mark.parametrize("missing", ["risks", "suitability", "alternatives"])
def test_benefits_need_risks_suitability_and_alternatives(missing: str) -> None:
    stated = [{**each, "body": each["body"] + " Your skin looks smoother."} if each["aspect"] == "overview" else each
              for each in BALANCED]  # fmt: skip
    assert told(a_topic(sections=stated)) == []
    short = a_topic(sections=[each for each in stated if each["aspect"] != missing])
    assert told(short) == [("risk-parity", "/document/sections/overview/body")]
    assert found(short)[0].words == "skin looks smoother"
    assert told({**short, "kind": "condition"}) == []


def test_a_benefit_that_is_denied_needs_nothing_beside_it() -> None:
    assert told(a_topic(summary="It does not improve scars.")) == []
    assert told(a_topic(summary="It improves scars.")) == [("risk-parity", "/document/summary")]


@pytest.mark.parametrize(
    ("fact", "prose", "rules"),
    [
        (a_fact("sessions", "4 to 6 sessions"), "One session is enough.", ["fact-sessions", "instant-result"]),
        (a_fact("sessions", "4 to 6 sessions"), "You need 3 sessions.", ["fact-sessions"]),
        (a_fact("sessions", "4 to 6 sessions"), "You need five sessions.", []),
        (a_fact("sessions", "4 to 6 sessions"), "It takes 5-8 sessions.", []),
        (a_fact("sessions", "4 to 6 sessions"), "Nobody needs 12 sessions.", []),
        (a_fact("sessions", "4 to 6 sessions"), "Each session takes 40 minutes.", []),
        (a_fact("sessions", "Depends on your skin"), "A course of three sessions.", ["fact-sessions"]),
        (a_fact("sessions", "Depends on your skin"), "You may need a session now and then.", []),
        (a_fact("downtime", "2 to 3 days"), "Recovery takes about a week.", ["fact-downtime"]),
        (a_fact("downtime", "2 to 3 days"), "Plan 48 hours of downtime.", []),
        (a_fact("downtime", "2 to 3 days"), "There is no downtime.", ["fact-downtime", "no-downtime"]),
        (a_fact("price", "On request", PRICE), "From 80 €.", ["fact-price"]),
        (a_fact("price", "On request", {"min": "100", "max": "1500.00", "currency": "EUR"}), "It costs €1.200.", []),
        (a_fact("price", "On request", PRICE), "It costs $80.", []),
        (a_fact("price", "On request", PRICE), "A deposit of 20 €.", []),
    ],
)  # fmt: skip
def test_prose_that_contradicts_a_fact_is_found(fact: dict[str, Any], prose: str, rules: list[str]) -> None:
    document = a_topic(facts=[fact], sections=[*BALANCED, a_section("procedure", prose)])
    assert sorted(each.rule for each in found(document)) == rules


def test_a_fact_that_contradicts_itself_is_found_and_so_is_spanish_prose() -> None:
    price = a_fact("price", "From 90 EUR", {"min": "100", "max": "200", "currency": "EUR"})
    assert told(a_topic(facts=[price])) == [("fact-price", "/document/facts/price/text")]
    sesiones = a_fact("sessions", "De 4 a 6 sesiones")
    document = a_topic(facts=[sesiones], summary="Se necesitan dos sesiones.")
    assert told(document, "topic", "es") == [("fact-sessions", "/document/summary")]


def test_a_language_without_rules_is_not_looked_at() -> None:
    assert found(a_topic(summary="Résultats permanents garantis."), "topic", "fr") == []


def test_the_whole_seed_passes_in_every_jurisdiction() -> None:
    texts = [(each, locale, document) for each in files.entry_files() for locale, (_, document) in each.texts.items()]
    assert len(texts) > 90
    for each, locale, document in texts:
        at_fault = findings(content_type(each.type), document, locale, ("general", "us", "au", "eu"))
        assert [(each.name, locale, one.rule, one.pointer) for one in at_fault if one.blocking] == []


def test_generated_texts_pass() -> None:
    for each in generated(40):
        for locale, (_, document) in each.texts.items():
            found = findings(content_type("topic"), document, locale, ("general",))
            assert [(each.key, one.rule, one.words) for one in found if one.blocking] == []
