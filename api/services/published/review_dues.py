"""Reviews that fall due: what delivers a review date owes a numbered change when that date comes."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select

from api.models import Entry, Promise
from api.services.work import Work
from schemas.content_type import ContentType

Owed = tuple[dt.datetime, dict[str, Any]]
"""What is promised for an instant: (when, the promise's payload)."""


def owe(work: Work, kind: ContentType, entry: Entry, rows: Iterable[dict[str, Any]]) -> None:
    """See that every review date in an entry's published rows has its promises; those that stand are left alone.

    A date that is replaced later needs no cancelling: its promise finds nothing that shows it, and does nothing.
    """
    see_to(work, [(entry, each) for each in owed(work, kind, entry, rows)])


def see_to(work: Work, wanted: Sequence[tuple[Entry, Owed]]) -> None:
    """The same of many entries at once."""
    if not wanted:
        return
    asked = select(Promise.subject, Promise.payload).where(
        Promise.kept_at.is_(None), Promise.set_aside_at.is_(None), Promise.due_at.in_({at for _, (at, _) in wanted}),
        Promise.subject.in_({f"entry:{entry.id}" for entry, _ in wanted}),
    )  # fmt: skip
    there: dict[str, list[Any]] = defaultdict(list)
    for subject, payload in work.session.execute(asked):
        there[subject].append(payload)
    work.session.add_all(
        promise(work, entry, at, payload)
        for entry, (at, payload) in wanted
        if payload not in there[f"entry:{entry.id}"]
    )


def owed(work: Work, kind: ContentType, entry: Entry, rows: Iterable[dict[str, Any]]) -> list[Owed]:
    """(instant, payload) of every promise that the review dates in an entry's published rows want."""
    if kind.review is None:
        return []
    dates = {(row["locale"], row["next_due"]) for row in rows if row["state"] == "live" and row["next_due"]}
    return [
        (at, {"scope": entry.scope, "locale": locale, "due_on": due_on, "change": change})
        for locale, due_on in sorted(dates)
        for at, change in _instants(kind, due_on)
        if at > work.now()
    ]


def promise(work: Work, entry: Entry, at: dt.datetime, payload: dict[str, Any]) -> Promise:
    """What an entry owes at an instant, to be written."""
    return Promise(kind="review", subject=f"entry:{entry.id}", payload=payload, created_at=work.now(), due_at=at)


def _instants(kind: ContentType, due_on: str) -> list[tuple[dt.datetime, str]]:
    """(instant, what happens): due from the day's 00:00 UTC, overdue so many days later."""
    assert kind.review is not None
    due = dt.datetime.combine(dt.date.fromisoformat(due_on), dt.time(), dt.UTC)
    last = "expire" if kind.review.at_expiry == "withdraw" else "review_overdue"
    return [(due, "review_due"), (due + dt.timedelta(days=kind.review.overdue_days), last)]
