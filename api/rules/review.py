"""Where a medical review stands today: current, due, or overdue."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import Literal

DAY = 86_400
RENEWABLE_DAYS = 30
"""So long before it is due a text's review is renewed when the text is submitted; `/reviews/due` looks as far ahead."""
Status = Literal["current", "due", "overdue"]


def status(next_due: str, overdue_days: int, now: int) -> tuple[Status, int | None, int | None]:
    """(the status at `now`, since when it is no longer current, when it changes next), instants in epoch seconds.

    `due` from the due day's 00:00 UTC, `overdue` so many days later.
    """
    due = _midnight(next_due)
    overdue = due + overdue_days * DAY
    if now < due:
        return "current", None, due
    return ("due", due, overdue) if now < overdue else ("overdue", overdue, None)


@lru_cache(maxsize=4096)
def _midnight(day: str) -> int:
    return int(dt.datetime.combine(dt.date.fromisoformat(day), dt.time(), dt.UTC).timestamp())


def renewable(next_due: str, today: dt.date) -> bool:
    """Whether a text that is submitted now goes to the doctor again, though no clinical word of it changed."""
    return dt.date.fromisoformat(next_due) <= today + dt.timedelta(days=RENEWABLE_DAYS)


def lapsed(next_due: str, overdue_days: int, today: dt.date) -> bool:
    """Whether a review has run out altogether, where the type's policy is to withdraw then."""
    return dt.date.fromisoformat(next_due) + dt.timedelta(days=overdue_days) <= today
