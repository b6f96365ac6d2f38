"""Where a medical review stands today: current, due, or overdue."""

from __future__ import annotations

import datetime as dt
from typing import Literal

DAY = 86_400
Status = Literal["current", "due", "overdue"]


def status(next_due: str, overdue_days: int, now: int) -> tuple[Status, int | None]:
    """(the status at `now`, the instant at which it changes next), instants in epoch seconds.

    `due` from the due day's 00:00 UTC, `overdue` so many days later.
    """
    due = int(dt.datetime.combine(dt.date.fromisoformat(next_due), dt.time(), dt.UTC).timestamp())
    overdue = due + overdue_days * DAY
    if now < due:
        return "current", due
    return ("due", overdue) if now < overdue else ("overdue", None)
