"""The audit log as admins read it: of the house all of it, of a clinic the lines about that clinic."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, or_, select

from api.models import LIBRARY, ApiKey, AuditEntry, Entry, Person
from api.services import audit, lookup, pages
from api.services.minding import minded
from api.services.pages import Rows
from api.services.work import Work

FILTERS = ("subject", "verb", "actor")


def lines(work: Work, asked: dict[str, Any], after: tuple[Any, ...] | None, size: int) -> Rows:
    """Newest first, narrowed by subject, verb, actor and the instants `since` (with it) and `until` (without it)."""
    clinics = minded(work, "audit")
    found = select(AuditEntry)
    if clinics is not None:
        found = found.where(_about(clinics))
    for name in FILTERS:
        if (value := asked.get(f"filter[{name}]")) is not None:
            found = found.where(getattr(AuditEntry, name) == value)
    if since := asked.get("filter[since]"):
        found = found.where(AuditEntry.at >= since)
    if until := asked.get("filter[until]"):
        found = found.where(AuditEntry.at < until)
    rows = pages.page(work, found, (AuditEntry.number,), after, size, lambda row: _told(row[0]), falling=True)
    names = _names(work, {row["actor"] for row in rows.rows}) if clinics is None else {}
    for row in rows.rows:
        row["actor_name"] = names.get(row["actor"])
    return rows


def verified(work: Work) -> dict[str, Any]:
    """{whole, lines, first_fault, last_hash} of the whole log."""
    work.check("audit", LIBRARY)
    found = audit.checked(work.session)
    whole = found.first_fault is None
    return {"whole": whole, "lines": found.lines, "first_fault": found.first_fault, "last_hash": found.last_hash}


def _about(clinics: frozenset[str]) -> ColumnElement[bool]:
    """Lines about a clinic itself, its own entries, or what a verb said it did in that clinic alone."""
    own = select(Entry.id).where(Entry.scope.in_(clinics))
    where = AuditEntry.details["scope"].as_string()
    return or_(AuditEntry.subject.in_(clinics), AuditEntry.subject.in_(own), where.in_(clinics))


def _told(line: AuditEntry) -> dict[str, Any]:
    about = {name: getattr(line, name) for name in ("number", "actor", "verb", "subject", "details")}
    return {**about, "at": lookup.instant(line.at), "previous_hash": line.previous_hash, "hash": line.hash}


def _names(work: Work, actors: set[str]) -> dict[str, str]:
    """What people and keys are called."""
    people = work.session.execute(select(Person.id, Person.name, Person.email).where(Person.id.in_(actors)))
    named = {id_: name or email for id_, name, email in people}
    keys = work.session.execute(select(ApiKey.id, ApiKey.name).where(ApiKey.id.in_(actors)))
    return named | dict(keys.all())
