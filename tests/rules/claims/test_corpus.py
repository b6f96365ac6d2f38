"""How well the claims check reads: sentences in two languages, half of which may be said."""

from __future__ import annotations

from collections import Counter

from tests.rules.claims.corpus import Sentence, score, sentences

TUNED = ("corpus.txt", "second.txt", "third.txt", "fourth.txt", "sixth.txt", "seventh.txt")


def wrongly_read(asked: list[Sentence]) -> str:
    return "\n".join(
        f"{each.locale} {each.jurisdiction}: wrongly {sorted(each.found - each.wanted)}, "
        f"missed {sorted(each.wanted - each.found)}: {each.text}"
        for each in asked
        if each.found != each.wanted
    )


def test_the_corpus_holds_two_languages_and_half_of_it_may_be_said() -> None:
    found = list(sentences())
    assert len(found) > 300 and len({each.text for each in found}) == len(found)
    for locale in ("en", "es"):
        counted = Counter(bool(each.wanted) for each in found if each.locale == locale)
        assert min(counted.values()) >= 70 and 0.45 < counted[False] / counted.total() < 0.55


def test_precision_and_recall_are_ninety_percent_and_more() -> None:
    found = [each for name in TUNED for each in sentences(name)]
    told = score(found)
    assert told.precision >= 0.9 and told.recall >= 0.9, f"{told}\n{wrongly_read(found)}"


def test_precision_and_recall_are_as_good_on_the_third_that_nobody_tunes_on() -> None:
    held_out = [each for each in sentences() if each.held_out]
    told = score(held_out)
    assert len(held_out) > 90
    assert told.precision >= 0.9 and told.recall >= 0.9, told


def test_on_sentences_that_nobody_had_in_mind_the_rules_do_no_worse_than_they_did() -> None:
    """Measured, not tuned: 0.86 and 0.84 when these were written. What this shows stands in docs/claims.md."""
    told = score(sentences("unseen.txt"))
    assert told.precision >= 0.83 and told.recall >= 0.8, told
