"""Replies kept for repeated requests: one row a key, in the transaction of the effect."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import IntegrityError, OperationalError

from api.models import IdempotentReply
from api.services.work import Work

KEPT = dt.timedelta(hours=24)


class Repeated(Exception):
    """The twin of a request came first and has ended: ask again what it was answered."""


def known(work: Work, owner: str, key: str) -> IdempotentReply | None:
    """What a key was answered, if it was used within the last day."""
    asked = select(IdempotentReply).where(IdempotentReply.key_id == owner, IdempotentReply.key == key)
    return work.session.scalar(asked)


def insert(work: Work, owner: str, key: str, fingerprint: str, waiting: float) -> bool:
    """Insert the row before the effect. False where another process holds the same key for longer than `waiting` s.

    The instant is the process's own: the house lock is taken by the verb, later.
    """
    now = work.database.instant()
    work.session.execute(delete(IdempotentReply).where(IdempotentReply.created_at < now - KEPT))
    row = IdempotentReply(key_id=owner, key=key, fingerprint=fingerprint, headers={}, created_at=now)
    try:
        if not work.database.sqlite:
            work.session.execute(text("SELECT set_config('lock_timeout', :wait, true)"), {"wait": f"{waiting:.0f}s"})
        work.session.add(row)
        work.session.flush()
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) == "55P03":
            return False
        raise
    except IntegrityError:
        raise Repeated from None
    if not work.database.sqlite:
        work.session.execute(text("SELECT set_config('lock_timeout', '5s', true)"))
    return True


def keep(work: Work, owner: str, key: str, status: int, headers: dict[str, str], body: str) -> None:
    """Store the reply beside the effect."""
    work.session.execute(
        update(IdempotentReply)
        .where(IdempotentReply.key_id == owner, IdempotentReply.key == key)
        .values(status=status, headers=headers, body=body)
    )
