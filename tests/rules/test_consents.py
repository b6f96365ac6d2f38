"""Consents: when they end, how they stand, and what that does to a span."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from api.rules.consents import ends_at, state
from api.rules.timeline import Span, cut

SINCE, NOW = dt.datetime(2026, 10, 1, tzinfo=dt.UTC), dt.datetime(2026, 11, 1, tzinfo=dt.UTC)


def day(number: int) -> int:
    return int(NOW.timestamp()) + number * 86_400


def a_consent(until: int | None = None, revoked_at: int | None = None) -> dict[str, Any]:
    return {"clinics": [], "uses": ["site"], "until": until, "revoked_at": revoked_at}


@pytest.mark.parametrize(
    ("consent", "ends", "stands"),
    [(None, SINCE, "missing"), (a_consent(), None, "current"), (a_consent(day(31)), day(31), "current"),
     (a_consent(day(30)), day(30), "ending"), (a_consent(day(0)), day(0), "ended"),
     (a_consent(day(90), day(-1)), day(-1), "revoked"), (a_consent(None, day(0)), day(0), "revoked")],
)  # fmt: skip
def test_a_consent_ends_at_the_first_of_its_ends(consent: Any, ends: Any, stands: str) -> None:
    found = ends_at(shows_person=True, consent=consent, since=SINCE)
    assert (found if found in (None, SINCE) else int(found.timestamp())) == ends
    assert state(found, consent, shows_person=True, now=NOW) == stands


def test_a_picture_of_nobody_needs_none() -> None:
    assert ends_at(shows_person=False, consent=None, since=SINCE) is None
    assert state(None, None, shows_person=False, now=NOW) == "not_needed"


@pytest.mark.parametrize(
    ("at", "parts"),
    [(None, [(10, 20)]), (10, [(10, 20)]), (20, [(10, 20)]), (15, [(10, 15), (15, 20)]), (5, [(10, 20)])],
)
def test_a_span_is_parted_only_by_an_instant_within_it(at: int | None, parts: list[tuple[int, int]]) -> None:
    whole = Span("library", "en", 10, 20, "live", 1)
    assert [(each.visible_from, each.visible_until) for each in cut(whole, at)] == parts
