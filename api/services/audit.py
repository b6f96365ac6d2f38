"""The audit log: append-only, each line chained by hash to the one before."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session

from api.models import AuditEntry
from api.queries.typed import Typed, inserted
from api.rules.permissions import Actor

START = "0" * 64
_HEAD = Typed(select(AuditEntry.number, AuditEntry.hash).order_by(AuditEntry.number.desc()).limit(1))
_LINE = inserted(AuditEntry.__table__, "number")  # type: ignore[arg-type]
AT_ONCE = 1_000
"""Lines that are in memory at once when the log is followed."""


class Head(NamedTuple):
    """Of the newest line, what the next one is chained to."""

    number: int
    hash: str


class Line(NamedTuple):
    """One line, as the table has it."""

    number: int
    at: dt.datetime
    actor: str
    verb: str
    subject: str
    details: dict[str, Any]
    previous_hash: str
    hash: str


def line(
    last: Head | Line | None, at: dt.datetime, actor: Actor, verb: str, subject: str, details: dict[str, Any]
) -> Line:
    """The line that follows `last`. Its hash covers everything in it and the hash before it."""
    entry = Line(
        number=last.number + 1 if last else 1,
        at=at,
        actor=actor.id,
        verb=verb,
        subject=subject,
        details=details,
        previous_hash=last.hash if last else START,
        hash="",
    )
    return entry._replace(hash=hash_of(entry))


def head(connection: Connection) -> Head | None:
    """What the next line follows."""
    return next((Head(*each) for each in _HEAD.rows(connection, {})), None)


def write(connection: Connection, entry: Line) -> None:
    """Put a line into the log."""
    _LINE.rows(connection, entry._asdict())


def hash_of(entry: Any) -> str:
    """SHA-256 in hexadecimal over the line's members as canonical JSON."""
    members = [entry.number, int(entry.at.timestamp()), entry.actor, entry.verb, entry.subject, entry.details]
    text = json.dumps([*members, entry.previous_hash], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def verify(session: Session) -> int | None:
    """The number of the first line that was changed, or stands where another was taken out; None if all is whole."""
    return checked(session).first_fault


@dataclass(frozen=True)
class Checked:
    """What a look through the whole log found. `last_hash` stands for all of it: keep it elsewhere to compare."""

    lines: int
    first_fault: int | None
    last_hash: str


def checked(session: Session) -> Checked:
    """Follow the chain from its start, some lines at a time."""
    before, number, fault = START, 0, None
    while lines := _after(session, number):
        for entry in lines:
            broken = entry.number != number + 1 or entry.previous_hash != before or entry.hash != hash_of(entry)
            if broken and fault is None:
                fault = number + 1
            number, before = entry.number, entry.hash
    return Checked(_count(session), fault, before)


def _after(session: Session, number: int) -> list[Any]:
    asked = select(AuditEntry.__table__).where(AuditEntry.number > number).order_by(AuditEntry.number).limit(AT_ONCE)
    return list(session.execute(asked))


def _count(session: Session) -> int:
    return session.scalar(select(func.count(AuditEntry.number))) or 0
