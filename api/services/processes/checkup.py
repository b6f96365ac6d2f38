"""What the database knows of how the service is: its clock, workers, listeners, and how far the purge log is."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, text

from api.db import Database
from api.models import Listener, Purge
from api.services.lookup import instant
from api.services.outbox import outbox, outbox_state
from api.services.processes import workers
from api.services.work import Work


@dataclass(frozen=True)
class Seen:
    """A process that keeps replies: how many lines of the purge log it is behind, and seconds since its last sign."""

    id: str
    behind: int
    seconds: int


def version(database: Database) -> str:
    """`SQLite 3.45.1` or `PostgreSQL 18.1`. Raises SQLAlchemyError where it can't be reached."""
    asked = "SELECT sqlite_version()" if database.sqlite else "SHOW server_version"
    with database.reading() as connection:
        return f"{'SQLite' if database.sqlite else 'PostgreSQL'} {connection.execute(text(asked)).scalar_one()}"


def ahead(database: Database) -> float:
    """Seconds by which the database's clock is ahead of this machine's, at least; an answer may be long in coming."""
    with database.reading() as connection:
        before = time.time()
        there = outbox.clock(database, connection)
        return min(0.0, there - before) or max(0.0, there - time.time())


def purge_clock(work: Work) -> dict[str, Any]:
    """{clock, at, lines} of the purge log."""
    clock, at, lines = work.session.execute(select(func.max(Purge.clock), func.max(Purge.at), func.count())).one()
    return {"clock": clock or 0, "at": instant(at) if at else None, "lines": lines}


def listeners(work: Work) -> list[Seen]:
    """Those who keep replies, the furthest behind first."""
    newest, now = purge_clock(work)["clock"], _now(work)
    rows = work.session.scalars(select(Listener).order_by(Listener.clock, Listener.id))
    return [Seen(each.id, max(0, newest - each.clock), int((now - each.seen_at).total_seconds())) for each in rows]


def alive(work: Work) -> int:
    """How many workers gave a sign lately."""
    since = _now(work) - dt.timedelta(seconds=workers.ALIVE_SECONDS)
    return sum(dt.datetime.fromisoformat(each["seen_at"]) >= since for each in outbox_state.state(work)["workers"])


def _now(work: Work) -> dt.datetime:
    return dt.datetime.fromtimestamp(int(outbox.clock(work.database, work.session)), dt.UTC)
