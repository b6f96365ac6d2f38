"""The outbox: owed promises are claimed for a while, kept once, tried again later, and set aside when all tries fail.

A claim is a compare-and-set of the row's `attempts`, so a worker whose lease ran out can't keep what another one holds.
"""

from __future__ import annotations

import datetime as dt
import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Update, and_, func, or_, select, update
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from api.db import Database
from api.edges.asking import EdgeFailed
from api.errors import CmsError, NotReady
from api.models import Promise
from api.services.outbox import copies, long_promises, promises
from api.services.outbox.promises import WORKER, NoSense, NotYet
from api.services.work import writing

LEASE_SECONDS = 30
BATCH = 20
TRIES = 10
"""How often a promise is tried before it is set aside; the waits between double, up to an hour."""
LONGEST_WAIT = 3_600
AGAIN_SECONDS = 5
"""Between tries of what is tried until it can be done."""
STEPS_SECONDS = 5.0
"""How long a promise of many steps holds up the others."""
SENSELESS = "The promise does not say what became old."
_log = logging.getLogger("clinic_cms.worker")
LOST = ("40001", "40P01", "55P03")


@dataclass(frozen=True)
class Claim:
    """A promise that this worker holds; `attempts` is the number of this try, and proves that it is still ours."""

    id: int
    attempts: int
    subject: str
    kind: str = ""


def claim(database: Database, *, lease: int = LEASE_SECONDS, limit: int = BATCH) -> list[Claim]:
    """Take some owed promises that are due and held by nobody, the oldest first; [] without a write if there are none.

    Of several workers each gets others: rows that one is just taking are skipped.
    """
    with database.reading() as connection:
        if connection.execute(_owed(clock(database, connection)).limit(1)).first() is None:
            return []
    with database.transaction() as session:
        now = clock(database, session)
        asked = _owed(now).order_by(Promise.due_at, Promise.id).limit(limit).with_for_update(skip_locked=True)
        ids = [row.id for row in session.execute(asked)]
        taken = _still(now, update(Promise).where(Promise.id.in_(ids))).values(
            attempts=Promise.attempts + 1, leased_until=_instant(now + lease)
        )
        told = taken.returning(Promise.id, Promise.attempts, Promise.subject, Promise.kind)
        rows = session.execute(told).all()
    return [Claim(*row) for row in sorted(rows, key=lambda row: row.id)]


def keep(database: Database, claimed: Claim) -> bool:
    """Keep one promise and say so in the same transaction. False where it was not ours any more, or has to wait.

    What goes wrong is written into its row; it is tried again later or set aside. Raises only what the database does.
    """
    if claimed.attempts > TRIES:
        _set_aside(database, claimed, f"It was begun {TRIES} times and never ended.")
        return False
    try:
        with writing(database, WORKER) as work:
            mine = update(Promise).where(*_ours(claimed)).values(kept_at=work.now(), leased_until=None, last_error=None)
            # First of all, and locked until the end: from here on no other worker can claim it.
            if not _changed(work.session, mine):
                return False
            promises.keep(work, work.session.get_one(Promise, claimed.id))
            return True
    except NotYet as early:
        _note(database, claimed, due_at=early.at, leased_until=None, attempts=claimed.attempts - 1)
    except NoSense as error:
        _set_aside(database, claimed, str(error))
    except Exception as error:
        if _passing(error):
            _note(database, claimed, leased_until=_after(database, 1), attempts=claimed.attempts - 1)
            return False
        if isinstance(error, OperationalError | InterfaceError):
            raise
        _failed(database, claimed, f"{type(error).__name__}: {error}")
    return False


def keep_outside(database: Database, claims: list[Claim], told: copies.Copies) -> int:
    """Keep promises of one kind to one place outside the house, all in one; how many that were.

    Whoever is outside is told first, with no transaction open, and the promises are kept after: word may come twice.
    """
    first = claims[0]
    asked = select(Promise.id, Promise.payload).where(Promise.id.in_([each.id for each in claims]))
    with database.reading() as connection:
        said = {row.id: copies.said(row.payload) for row in connection.execute(asked)}
    for each in [each for each in claims if said.get(each.id) is None or each.attempts > TRIES]:
        _set_aside(database, each, f"It was begun {TRIES} times and never ended." if said.get(each.id) else SENSELESS)
        claims = [other for other in claims if other is not each]
    if not claims:
        return 0
    try:
        told.tell(database, first.kind, first.subject, [found for each in claims if (found := said[each.id])])
    except copies.Later as error:
        for each in claims:
            wait = {"leased_until": _after(database, AGAIN_SECONDS), "attempts": each.attempts - 1}
            _note(database, each, **wait, last_error=str(error)[:2_000])
        return 0
    except (EdgeFailed, NotReady) as error:
        for each in claims:
            _failed(database, each, str(error))
        return 0
    with database.transaction() as session:
        kept = {"kept_at": _instant(clock(database, session)), "leased_until": None, "last_error": None}
        return sum(_changed(session, update(Promise).where(*_ours(each)).values(**kept)) for each in claims)


def keep_in_steps(database: Database, claimed: Claim, lease: int, stopping: Callable[[], bool]) -> bool:
    """Keep a promise that takes many transactions. False where it has to go on later, or is another worker's by now.

    Each step stays done, and the claim is renewed after it; after a while others get their turn, and it goes on later.
    """
    if claimed.attempts > TRIES:
        long_promises.stumbled(database, claimed.subject, last=True)
        _set_aside(database, claimed, f"It was begun {TRIES} times and never ended.")
        return False
    until = time.monotonic() + STEPS_SECONDS
    try:
        for _ in long_promises.steps(database, claimed.subject, lambda: _renewed(database, claimed, lease)):
            if not _renewed(database, claimed, lease):
                return False
            if stopping() or time.monotonic() > until:
                give_back(database, [claimed])
                return False
    except long_promises.Overtaken:
        return False
    except NoSense as error:
        _set_aside(database, claimed, str(error))
        return False
    except Exception as error:
        if _passing(error) or isinstance(error, CmsError) and error.code == "stale":
            _note(database, claimed, leased_until=_after(database, 1), attempts=claimed.attempts - 1)
            return False
        if isinstance(error, OperationalError | InterfaceError):
            raise
        _log.warning("%s stumbled: %s: %s", claimed.subject, type(error).__name__, error)
        long_promises.stumbled(database, claimed.subject, last=claimed.attempts >= TRIES)
        _failed(database, claimed, f"{type(error).__name__}: {error}")
        return False
    with database.transaction() as session:
        kept = {"kept_at": _instant(clock(database, session)), "leased_until": None, "last_error": None}
        return _changed(session, update(Promise).where(*_ours(claimed)).values(**kept))


def _renewed(database: Database, claimed: Claim, lease: int) -> bool:
    with database.transaction() as session:
        until = _instant(clock(database, session) + lease)
        return _changed(session, update(Promise).where(*_ours(claimed)).values(leased_until=until))


def give_back(database: Database, claims: list[Claim]) -> None:
    """Hand claims back that were not begun, as if they had never been taken."""
    for claimed in claims:
        _note(database, claimed, leased_until=None, attempts=claimed.attempts - 1)


def pause(database: Database) -> float | None:
    """Seconds until the next promise can be claimed: 0 and less if one can now, None where nothing is owed."""
    with database.reading() as connection:
        now = clock(database, connection)
        free = func.coalesce(Promise.leased_until, Promise.due_at)
        ahead = select(func.min(Promise.due_at)).where(*_OWED, Promise.due_at > _instant(now))
        held = select(func.min(free)).where(*_OWED, Promise.due_at <= _instant(now))
        found = [each for asked in (ahead, held) if (each := connection.scalar(asked)) is not None]
    return min(_seconds(each) for each in found) - now if found else None


def clock(database: Database, asked: Connection | Session) -> float:
    """Now in epoch seconds by the database's clock, so that workers whose own clocks differ agree."""
    if database.sqlite or database.clock.frozen_at is not None:
        return database.clock.now()
    return float(asked.execute(select(func.extract("epoch", func.clock_timestamp()))).scalar_one())


_OWED: tuple[ColumnElement[bool], ...] = (Promise.kept_at.is_(None), Promise.set_aside_at.is_(None))


def _owed(now: float) -> Select[Any]:
    return select(Promise.id).where(_free(now))


def _still(now: float, statement: Update) -> Update:
    return statement.where(_free(now)).execution_options(synchronize_session=False)


def _free(now: float) -> ColumnElement[bool]:
    unheld = or_(Promise.leased_until.is_(None), Promise.leased_until <= _instant(now))
    return and_(*_OWED, Promise.due_at <= _instant(now), unheld)


def _ours(claimed: Claim) -> tuple[ColumnElement[bool], ...]:
    return (Promise.id == claimed.id, Promise.attempts == claimed.attempts, *_OWED)


def _failed(database: Database, claimed: Claim, told: str) -> None:
    if claimed.attempts >= TRIES:
        _set_aside(database, claimed, told)
        return
    wait = min(LONGEST_WAIT, 2**claimed.attempts) * random.uniform(0.75, 1.25)
    _note(database, claimed, leased_until=_after(database, wait), last_error=told[:2_000])


def _set_aside(database: Database, claimed: Claim, told: str) -> None:
    """Out of the way, with its reason, and on record: somebody has to look."""
    with writing(database, WORKER) as work:
        now = work.now()
        aside = update(Promise).where(*_ours(claimed))
        aside = aside.values(set_aside_at=now, leased_until=None, last_error=told[:2_000])
        if _changed(work.session, aside):
            work.log("set_aside", claimed.subject, promise=claimed.id, attempts=claimed.attempts)


def _note(database: Database, claimed: Claim, **values: Any) -> None:
    with database.transaction() as session:
        _changed(session, update(Promise).where(*_ours(claimed)).values(**values))


def _changed(session: Session, statement: Update) -> bool:
    done: Any = session.execute(statement, execution_options={"synchronize_session": False})
    return bool(done.rowcount)


def _after(database: Database, seconds: float) -> dt.datetime:
    with database.reading() as connection:
        return _instant(clock(database, connection) + seconds)


def _passing(error: Exception) -> bool:
    """Whether the database chose another writer, which is no fault of the promise."""
    cause = getattr(error, "orig", None)
    return getattr(cause, "sqlstate", None) in LOST or "database is locked" in str(cause)


def _instant(seconds: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(int(seconds), dt.UTC)


def _seconds(found: Any) -> float:
    return float(found.timestamp() if isinstance(found, dt.datetime) else found)
