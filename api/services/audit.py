"""The audit log: append-only, each line chained by hash to the one before."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.models import AuditEntry
from api.rules.permissions import Actor

START = "0" * 64


def line(
    last: AuditEntry | None, at: dt.datetime, actor: Actor, verb: str, subject: str, details: dict[str, Any]
) -> AuditEntry:
    """The line that follows `last`. Its hash covers everything in it and the hash before it."""
    entry = AuditEntry(
        number=last.number + 1 if last else 1,
        at=at,
        actor=actor.id,
        verb=verb,
        subject=subject,
        details=details,
        previous_hash=last.hash if last else START,
    )
    entry.hash = hash_of(entry)
    return entry


def hash_of(entry: AuditEntry) -> str:
    """SHA-256 in hexadecimal over the line's members as canonical JSON."""
    members = [entry.number, int(entry.at.timestamp()), entry.actor, entry.verb, entry.subject, entry.details]
    text = json.dumps([*members, entry.previous_hash], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def verify(session: Session) -> int | None:
    """The number of the first line that was changed, or stands where another was taken out; None if all is whole."""
    before = START
    asked = select(AuditEntry).order_by(AuditEntry.number).execution_options(yield_per=500)
    for number, entry in enumerate(session.scalars(asked), start=1):
        if entry.number != number or entry.previous_hash != before or entry.hash != hash_of(entry):
            return number
        before = entry.hash
    return None
