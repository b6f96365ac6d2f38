"""Processes that keep replies: who follows the purge log how far, and who has not confirmed a line of it."""

from __future__ import annotations

import datetime as dt
import os
import secrets
import socket
import time

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from api.db import Database
from api.models import Listener
from api.services.outbox import outbox

WAIT_SECONDS = 1.0
"""How long a withdrawal waits for every process to confirm that it shows the text no more."""
POLL_SECONDS = 0.005
FORGOTTEN = dt.timedelta(hours=24)
"""A process that was cut off may show what it keeps for this long, where all else fails; so long it is asked after."""


def new_id() -> str:
    """A process's name: its machine, its number there, and something of its own."""
    return f"{_here()}{os.getpid()}-{secrets.token_hex(3)}"


def beat(database: Database, listener_id: str, clock: int) -> None:
    """Say how far a process follows the purge log."""
    dialect = sqlite if database.sqlite else postgresql
    with database.transaction() as session:
        now = dt.datetime.fromtimestamp(int(outbox.clock(database, session)), dt.UTC)
        told = {"seen_at": now, "clock": clock}
        insert = dialect.insert(Listener).values(id=listener_id, started_at=now, **told)
        session.execute(insert.on_conflict_do_update(index_elements=["id"], set_=told))
        session.execute(delete(Listener).where(Listener.seen_at < now - FORGOTTEN))


def leave(database: Database, listener_id: str) -> None:
    """Take a process that ends off the list."""
    with database.transaction() as session:
        session.execute(delete(Listener).where(Listener.id == listener_id))


def unconfirmed(database: Database, clock: int) -> list[str]:
    """The processes that have not confirmed a line of the purge log after waiting for them; mostly none."""
    deadline = time.monotonic() + WAIT_SECONDS
    while behind := _behind(database, clock):
        gone = [each for each in behind if _dead(each)]
        for each in gone:
            leave(database, each)
        if len(gone) == len(behind):
            return []
        if time.monotonic() >= deadline:
            return sorted(set(behind) - set(gone))
        time.sleep(POLL_SECONDS)
    return []


def _behind(database: Database, clock: int) -> list[str]:
    with database.reading() as connection:
        return list(connection.scalars(select(Listener.id).where(Listener.clock < clock)))


def _dead(listener_id: str) -> bool:
    """Whether a process of this machine has ended without a word."""
    if not listener_id.startswith(_here()):
        return False
    try:
        os.kill(int(listener_id.removeprefix(_here()).partition("-")[0]), 0)
    except ProcessLookupError:
        return True
    except (PermissionError, ValueError):
        return False
    return False


def _here() -> str:
    return f"{socket.gethostname()[:40]}-"
