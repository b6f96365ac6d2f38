"""The purge log: what a commit makes old in every process that keeps replies, written with what made it so."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterable

from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from api.db import PURGED, Database
from api.models import Publication, Purge

EVERYTHING = "*"
KEPT = dt.timedelta(hours=25)
"""Longer than any reply is kept: whoever followed the log since then knows all that became old."""


def tick(database: Database, session: Session, now: dt.datetime, tags: Iterable[str], *, hard: bool) -> int:
    """Write one line, under the house lock, and wake those who follow; returns the purge clock.

    For `*` the clock jumps to the present microsecond: ahead of any line that a database since put back ever wrote.
    """
    ordered = sorted(set(tags))
    last = session.scalar(select(func.max(Purge.clock))) or 0
    clock = last + 1
    if EVERYTHING in ordered:
        # `now` is a whole second: a line that was written within it, and lost since, must lie behind this one too.
        clock = max(clock, int(now.timestamp() * 1_000_000), time.time_ns() // 1_000)
    number = session.scalar(select(func.max(Publication.number))) or 0
    session.add(Purge(clock=clock, at=now, tags=ordered, hard=hard, publication=number, written=time.time()))
    session.flush()
    if not database.sqlite:
        session.execute(text("SELECT pg_notify(:channel, :clock)"), {"channel": PURGED, "clock": str(clock)})
    return clock


def trim(session: Session, now: dt.datetime) -> None:
    """Drop lines that nobody can need; the newest stays, for it is the clock."""
    newest = select(func.max(Purge.clock)).scalar_subquery()
    session.execute(delete(Purge).where(Purge.at < now - KEPT, Purge.clock < newest))
