"""How far the outbox is, and another try for what was set aside."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from api.db import Database
from api.errors import conflict, not_found
from api.models import Promise, WorkerSeen
from api.rules.permissions import OPERATOR
from api.services.lookup import instant
from api.services.work import Work, looking

SHOWN = 100
OWED = (Promise.kept_at.is_(None), Promise.set_aside_at.is_(None))
ASIDE = (Promise.kept_at.is_(None), Promise.set_aside_at.is_not(None))


def state(work: Work) -> dict[str, Any]:
    """{lag, owed, due, set_aside, workers}; lag in seconds."""
    now = work.now() if work.locked else work.database.instant()
    owed = work.session.scalar(select(func.count(Promise.id)).where(*OWED)) or 0
    come = select(func.count(Promise.id), func.min(Promise.due_at)).where(*OWED, Promise.due_at <= now)
    due, oldest = work.session.execute(come).one()
    return {
        "lag": int((now - oldest).total_seconds()) if oldest else 0,
        "owed": owed,
        "due": due,
        "set_aside": [_aside(each) for each in _set_aside(work)],
        "workers": [
            {"id": each.id, "started_at": instant(each.started_at), "seen_at": instant(each.seen_at)}
            for each in work.session.scalars(select(WorkerSeen).order_by(WorkerSeen.id))
        ],
    }


def retry(work: Work, promise_id: str) -> Promise:
    """Owe again, from the first try, what was set aside. Raises not_found, conflict."""
    known = promise_id.isascii() and promise_id.isdigit() and len(promise_id) < 18
    found = work.session.get(Promise, int(promise_id)) if known else None
    if found is None:
        raise not_found("There is no such promise.")
    work.now()
    work.session.refresh(found)
    if found.set_aside_at is None or found.kept_at is not None:
        detail = "It was kept." if found.kept_at else "It is owed, and not set aside."
        raise conflict([{"move": "retry", "code": "not_set_aside", "pointer": "", "detail": detail}])
    found.set_aside_at, found.leased_until, found.attempts = None, None, 0
    work.log("retry", found.subject, promise=found.id)
    return found


def aside(work: Work) -> int:
    """How many were set aside; `state` shows the newest of them."""
    return work.session.scalar(select(func.count(Promise.id)).where(*ASIDE)) or 0


def _set_aside(work: Work) -> list[Promise]:
    asked = select(Promise).where(*ASIDE)
    return list(work.session.scalars(asked.order_by(Promise.set_aside_at.desc(), Promise.id).limit(SHOWN)))


def _aside(promise: Promise) -> dict[str, Any]:
    since: dt.datetime | None = promise.set_aside_at
    return {
        "id": promise.id,
        "kind": promise.kind,
        "subject": promise.subject,
        "attempts": promise.attempts,
        "last_error": promise.last_error,
        "since": instant(since),
    }


def gauges(database: Database) -> dict[str, float]:
    """How far the outbox is, by Prometheus names; {} while the database is lost."""
    try:
        with looking(database, OPERATOR) as work:
            told, apart = state(work), aside(work)
    except SQLAlchemyError:
        return {}
    counted = {"lag_seconds": told["lag"], "owed": told["owed"], "due": told["due"]}
    return {
        **{f"clinic_cms_outbox_{name}": float(value) for name, value in counted.items()},
        "clinic_cms_outbox_set_aside": float(apart),
    }
