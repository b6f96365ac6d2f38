"""Packs: what a rule must say, and what a person who edits one is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.rules.claims import packs
from api.rules.claims.folding import fold
from api.rules.claims.packs import BadPack, jurisdictions, languages, pack, rules
from api.rules.claims.phrases import BadPhrase, lexicon, phrase

GOOD = """
[[rule]]
id = "no-shouting"
severity = "warn"
source = "house rule"
reason.en = "It shouts."
suggestion.en = "Say it."
says.en = ["louder than ~1 words"]
"""


def test_every_pack_can_be_read_in_every_language_and_each_rule_stands_once() -> None:
    assert {"general", "us", "au", "eu"} <= set(jurisdictions()) and set(languages()) == {"en", "es"}
    ids = [each.id for jurisdiction in jurisdictions() for each in rules(jurisdiction)]
    assert len(ids) == len(set(ids))
    for jurisdiction in jurisdictions():
        for each in rules(jurisdiction):
            assert each.reason.keys() == each.suggestion.keys() == {"en", "es"}, each.id
            assert each.check or each.replaces or each.says.keys() == {"en", "es"}, each.id
        assert all(pack(jurisdiction, code).language.code == code for code in languages())


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (("severity", "severty"), "lacks severity"), (('"warn"', '"stop"'), "severity is one of block, warn, note"),
        (("~1", "~x"), "is no word"), (("louder", "[louder]"), "begin with a word"),
        (("louder", "(louder"), "not closed"),
        (("says.en", "say.en"), "there is no say"), (("louder than ~1 words", "lo*"), "3 letters at least"),
        (("reason.en", "reason.fr"), "in English at least"), (("[[rule]]", "[[rule"), "at line"),
        (('source = "house rule"', 'source = "house rule"\ncheck = "luck"'), "check is one of parity"),
    ],
)  # fmt: skip
def test_a_rule_with_a_mistake_is_named_with_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: tuple[str, str], told: str
) -> None:
    (tmp_path / "packs" / "nowhere").mkdir(parents=True)
    file = tmp_path / "packs" / "nowhere" / "shouting.toml"
    monkeypatch.setattr(packs, "FOLDER", tmp_path)
    file.write_text(GOOD)
    assert [each.id for each in rules.__wrapped__("nowhere")] == ["no-shouting"]
    file.write_text(GOOD.replace(*changed))
    with pytest.raises(BadPack, match="packs/nowhere/shouting.toml") as refused:
        rules.__wrapped__("nowhere")
    assert told in str(refused.value)


@pytest.mark.parametrize(
    ("written", "said", "unsaid"),
    [
        ("guarantee*", ["guarantee", "guarantees", "Guaranteed"], ["guarant", "warrantee"]),
        ("no [real] risk", ["no risk", "no real risk", "no-risk"], ["no serious risk", "no risky"]),
        ("after ~2 visits", ["after visits", "after two or visits"], ["after one or two visits"]),
        ("# %", ["100 %", "100%", "3.5 percent"], ["% 100"]),
        ("(best|most trusted) clinic", ["best clinic", "most trusted clinic"], ["most clinic"]),
        ("número uno", ["numero uno", "NÚMERO UNO"], ["número"]),
    ],
)
def test_phrases_mean_what_docs_say_of_them(written: str, said: list[str], unsaid: list[str]) -> None:
    words = lexicon([written])

    def matches(text: str) -> bool:
        return any((start, end) == (0, len(text)) for start, end, _ in words.found(fold(text).text))

    assert [text for text in said if not matches(text)] == []
    assert [text for text in unsaid if matches(text)] == []


def test_a_phrase_of_nothing_is_refused() -> None:
    for written in ("", "~2", "()", "a b)"):
        with pytest.raises(BadPhrase):
            phrase(written)
