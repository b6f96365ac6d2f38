"""What a text says: offsets, markup, denial, quotation, questions."""

from __future__ import annotations

import pytest

from api.rules.claims.lint import lint


def found(text: str, locale: str = "en", jurisdiction: str = "general") -> list[tuple[str, str]]:
    """(rule, the words at its offsets)."""
    return [(each.rule.id, text[each.start : each.end]) for each in lint(text, jurisdiction, locale)]


@pytest.mark.parametrize(
    ("text", "locale", "words"),
    [
        ("Results are permanent.", "en", "permanent"),
        ("🙂🙂 Results are PERMANENT.", "en", "PERMANENT"),
        ("Results are **perm**anent.", "en", "perm**anent"),
        ("Results are perma\u00adn\u200bent.", "en", "perma\u00adn\u200bent"),
        ("Read [what is permanent](entry:top_1) here.", "en", "permanent"),
        ("Los efectos son perma\u006e\u0065ntes.", "es", "permanentes"),
        ("U\u0301n resultado defini\u0301tivo.", "es", "defini\u0301tivo"),
        ("Results are ｐｅｒｍａｎｅｎｔ.", "en", "ｐｅｒｍａｎｅｎｔ"),
        ("Results are p&#101;rmanent.", "en", "p&#101;rmanent"),
        ("Line one\n\n- results are\n  permanent", "en", "permanent"),
        ("A risk\\-free peel.", "en", "risk\\-free"),
        ("A risk‑free peel.", "en", "risk‑free"),
        ("Without   any\nrisk at all.", "en", "Without   any\nrisk"),
    ],
)
def test_offsets_count_characters_of_the_text_as_given(text: str, locale: str, words: str) -> None:
    assert [each for _, each in found(text, locale)] == [words]


@pytest.mark.parametrize(
    "text",
    [
        "Results are not permanent.", "Results aren't permanent.", "No result is permanent.",
        "It is **not** permanent.",
        "Is it permanent?", "Some adverts promise permanent results.",
        "If a clinic tells you that it is permanent, leave.",
        "“Permanent” is not a word we use.", "Permanent results do not exist.",
        "It is a myth that results are permanent.",
    ],
)  # fmt: skip
def test_what_is_denied_quoted_or_asked_is_not_claimed(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Not only is it quick: results are permanent.", "It is not surgery, and the results are permanent.",
        "Is it permanent? Yes!", "Why wait for permanent results?", "There is no doubt that it is permanent.",
        "Do you want permanent results?", "You will see permanent results.",
        "We are not magicians. Results are permanent.",
        "Some adverts promise little, but our results are permanent.", "It does not hurt; results are permanent.",
    ],
)  # fmt: skip
def test_what_only_looks_denied_quoted_or_asked_is_claimed(text: str) -> None:
    assert ("permanent-result", "permanent") in found(text)


def test_a_rule_of_a_jurisdiction_takes_the_place_of_the_general_one() -> None:
    text = "Read what our happy patients say."
    assert [rule for rule, _ in found(text)] == ["testimonial"]
    assert [rule for rule, _ in found(text, jurisdiction="au")] == ["au-testimonial"]


def test_a_word_of_ahpra_passes_where_the_risks_are_told_with_it() -> None:
    assert [rule for rule, _ in found("A simple treatment.", jurisdiction="au")] == ["au-trivialising-word"]
    assert found("A simple treatment; risks include bruising.", jurisdiction="au") == []


def test_reasons_are_in_the_language_of_the_text() -> None:
    told = lint("Los efectos son permanentes.", "general", "es")[0]
    assert told.reason.startswith("Dice que") and told.suggestion.startswith("Diga cuánto")
