"""Hostile text for the claims check (IN13): no text takes longer than its length explains, and none makes a 5xx."""

from __future__ import annotations

import time

import pytest

from api.rules.claims import lint as linting
from api.rules.claims.packs import jurisdictions, languages
from tests.builders import a_topic
from tests.conftest import House
from tests.growth import grows_in_proportion
from tests.managing import Desk

PIECES = (
    "a", " ", "\n", "*", "](", "\\-", "no ", "not ", "guarantee ", "permanent ", "permanent", "? ", '" ',
    "100 % ", "1 ", "1,", "1",
    "without any ", "the best ", "can't ", "&#1", "&a", ".", "no downtime, ", "no-", "adverts say ",
    "if a clinic ", "is it ", "\n- ", "\n1. ", "before and after ", "la mejor ", "sin ningún ", "[",
    "e\u0301", "\u200b", "(", "results are ", "look 10 ", "safe ", "not permanent ", "not permanent. ",
    "no es permanente, ", "¿", "\U0001f600",
)  # fmt: skip
"""What is repeated until a text is long: beginnings of rules, negation without an end, markup that never closes."""


def seconds(text: str, jurisdiction: str, code: str, enough: float) -> float:
    """Processor time of one text that was never seen before; the least of three, for the machine is shared."""
    taken = []
    for _ in range(3):
        linting._remembered.cache_clear()
        began = time.process_time()
        linting.lint(text, jurisdiction, code)
        taken.append(time.process_time() - began)
        if taken[-1] < enough:
            break
    return min(taken)


def slow(size: int, most: float, pieces: tuple[str, ...]) -> list[tuple[str, str, float]]:
    """Pieces whose repetition takes longer than `most` seconds."""
    found = []
    for number, piece in enumerate(pieces):
        text = (piece * (size // len(piece) + 1))[:size]
        jurisdiction, code = jurisdictions()[number % len(jurisdictions())], sorted(languages())[number % 2]
        linting.lint(text[:200], jurisdiction, code)
        if (taken := seconds(text, jurisdiction, code, most)) > most:
            found.append((piece, jurisdiction, taken))
    return found


@pytest.mark.parametrize("piece", PIECES, ids=ascii)
def test_in13_hostile_text_takes_no_longer_than_its_length_explains(piece: str) -> None:
    at = PIECES.index(piece)
    jurisdiction, code = jurisdictions()[at % len(jurisdictions())], sorted(languages())[at % 2]
    linting.lint(piece, jurisdiction, code)

    def read(size: int) -> None:
        linting._remembered.cache_clear()
        linting.lint((piece * (size // len(piece) + 1))[:size], jurisdiction, code)

    assert grows_in_proportion(read, 5_000)


@pytest.mark.long
def test_in13_ten_kilobytes_of_hostile_text_take_less_than_50_ms() -> None:
    assert slow(10_000, 0.05, PIECES) == []


@pytest.mark.long
def test_in13_fifty_kilobytes_of_hostile_text_take_less_than_200_ms() -> None:
    assert slow(50_000, 0.2, PIECES[::3]) == []


@pytest.mark.parametrize(
    "piece", ["permanent ", "](", "\ud7ff", "not ", "&#x110000;", "&#0;", "%s{0.__class__}{{7*7}}"]
)
def test_in13_hostile_text_over_http_is_answered(shared_house: House, piece: str) -> None:
    desk = Desk(shared_house)
    for locale in ("en", "es"):
        reply = desk.ask("author", "POST", "/lint", {"locale": locale, "text": (piece * 50_000)[:50_000]})
        assert reply.status_code == 200 and len(reply.json["data"]["findings"]) <= linting.MOST


@pytest.mark.parametrize("number", ["\u2460", "\u2074", "\u1369", "\u0663", "\u00bd", "\u2167"], ids=ascii)
def test_a_number_in_signs_of_another_kind_is_read_or_passed_over(shared_house: House, number: str) -> None:
    desk, said = Desk(shared_house), {"key": "sessions", "label": "Sessions", "text": f"{number} sessions"}
    path = desk.create(f"signs-{ord(number)}", a_topic(facts=[said], summary=f"It takes {number} sessions."))
    assert desk.ask("author", "GET", f"{path}/findings").status_code == 200
