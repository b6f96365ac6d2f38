"""Review: current, due from midnight UTC of its day, overdue so many days later."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.rules.review import DAY, lapsed, renewable, status

DUE = "2026-11-01"
MIDNIGHT = 1_793_491_200


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (MIDNIGHT - 1, ("current", None, MIDNIGHT)),
        (MIDNIGHT, ("due", MIDNIGHT, MIDNIGHT + 30 * DAY)),
        (MIDNIGHT + 30 * DAY - 1, ("due", MIDNIGHT, MIDNIGHT + 30 * DAY)),
        (MIDNIGHT + 30 * DAY, ("overdue", MIDNIGHT + 30 * DAY, None)),
    ],
)
def test_the_status_changes_at_its_second(now: int, expected: tuple[str, int | None, int | None]) -> None:
    assert status(DUE, 30, now) == expected


@given(st.integers(0, 400), st.integers(-500 * DAY, 500 * DAY))
def test_nothing_changes_before_the_instant_that_is_told(overdue_days: int, offset: int) -> None:
    now = MIDNIGHT + offset
    found, since, changes = status(DUE, overdue_days, now)
    if since is None:
        assert found == "current"
    else:
        assert since <= now and status(DUE, overdue_days, since)[0] == found
        assert status(DUE, overdue_days, since - 1)[0] != found
    if changes is None:
        assert found == "overdue"
    else:
        assert changes > now
        assert status(DUE, overdue_days, changes - 1)[0] == found
        assert status(DUE, overdue_days, changes)[0] != found


@pytest.mark.parametrize(("day", "due_soon", "over"), [
    ("2026-10-01", False, False), ("2026-10-02", True, False), ("2026-11-30", True, False), ("2026-12-01", True, True),
])  # fmt: skip
def test_a_review_is_renewed_a_month_before_it_is_due_and_lapses_after_its_grace(
    day: str, due_soon: bool, over: bool
) -> None:
    today = dt.date.fromisoformat(day)
    assert (renewable(DUE, today), lapsed(DUE, 30, today)) == (due_soon, over)
