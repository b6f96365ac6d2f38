"""Workers: who is alive, and the small things that one of them sees to now and then."""

from __future__ import annotations

import datetime as dt
import os
import secrets
import socket

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from api.db import Database
from api.models import IdempotentReply, Promise, WorkerSeen
from api.services.outbox import outbox
from api.services.processes import purges
from api.services.replies import KEPT

BEAT_SECONDS = 10
FORGOTTEN = dt.timedelta(minutes=10)
"""After so long without a sign a worker is taken off the list."""
ALIVE_SECONDS = 3 * BEAT_SECONDS
KEPT_PROMISES = dt.timedelta(days=7)
"""So long one can still see what was done."""


def new_id() -> str:
    """A worker's name: its machine, its process, and something of its own."""
    return f"{socket.gethostname()[:40]}-{os.getpid()}-{secrets.token_hex(3)}"


def beat(database: Database, worker_id: str, started_at: dt.datetime, kept: int) -> None:
    """Say that a worker is alive, and throw away what nobody needs any more: one short transaction."""
    dialect = sqlite if database.sqlite else postgresql
    with database.transaction() as session:
        now = dt.datetime.fromtimestamp(int(outbox.clock(database, session)), dt.UTC)
        insert = dialect.insert(WorkerSeen).values(id=worker_id, started_at=started_at, seen_at=now, kept=kept)
        session.execute(insert.on_conflict_do_update(index_elements=["id"], set_={"seen_at": now, "kept": kept}))
        session.execute(delete(WorkerSeen).where(WorkerSeen.seen_at < now - FORGOTTEN))
        session.execute(delete(IdempotentReply).where(IdempotentReply.created_at < now - KEPT))
        session.execute(delete(Promise).where(Promise.kept_at < now - KEPT_PROMISES))
        purges.trim(session, now)


def leave(database: Database, worker_id: str) -> None:
    """Take a worker that ends off the list."""
    with database.transaction() as session:
        session.execute(delete(WorkerSeen).where(WorkerSeen.id == worker_id))


def alive_here(database: Database) -> bool:
    """Whether a worker on this machine has given a sign within the last 30 s."""
    with database.reading() as connection:
        since = dt.datetime.fromtimestamp(outbox.clock(database, connection) - ALIVE_SECONDS, dt.UTC)
        here = WorkerSeen.id.startswith(f"{socket.gethostname()[:40]}-", autoescape=True)
        asked = select(WorkerSeen.id).where(WorkerSeen.seen_at >= since, here)
        return connection.scalar(asked.limit(1)) is not None
