"""Resolving conflicts: for each field the clinic keeps its own words, or takes the library's."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, or_, select

from api.errors import conflict, invalid_content, not_found
from api.models import LIBRARY, Clinic, Conflict, Entry, Revision, Variant
from api.rules import overlays as rules
from api.services import lookup
from api.services.etags import etag
from api.services.lookup import instant
from api.services.overlays import overlays
from api.services.texts import selecting
from api.services.work import Work

Told = dict[str, Any]


@dataclass(frozen=True)
class Task:
    """A conflict with the overlay, the entry and the clinic it is about."""

    row: Conflict
    own: Variant
    entry: Entry
    clinic: Clinic


def every(
    work: Work, clinic: str | None, *, unresolved: bool | None, after: tuple[Any, ...] | None, size: int
) -> tuple[list[Told], tuple[Any, ...] | None]:
    """(one page of conflicts that the actor sees, newest first; the key to go on from, None at the end)."""
    asked = _asked().where(selecting.visible(work.actor, Variant.scope))
    if clinic is not None:
        asked = asked.where(Clinic.id == lookup.own_clinic(work, clinic).id)
    if unresolved is not None:
        asked = asked.where(Conflict.resolved_at.is_(None) if unresolved else Conflict.resolved_at.is_not(None))
    if after is not None:
        at = dt.datetime.fromtimestamp(after[0], dt.UTC)
        asked = asked.where(or_(Conflict.opened_at < at, and_(Conflict.opened_at == at, Conflict.id < after[1])))
    asked = asked.order_by(Conflict.opened_at.desc(), Conflict.id.desc()).limit(size + 1)
    found = [Task(*row) for row in work.session.execute(asked)]
    page = found[:size]
    last = (int(page[-1].row.opened_at.timestamp()), page[-1].row.id) if len(found) > size else None
    return [told(each) for each in page], last


def find(work: Work, conflict_id: str) -> Task:
    """A conflict of a clinic that the actor sees. Raises not_found."""
    row = work.session.execute(_asked().where(Conflict.id == conflict_id)).one_or_none()
    if row is None or not work.actor.sees(row[1].scope):
        raise not_found("There is no such conflict.")
    return Task(*row)


def told(task: Task) -> Told:
    row = task.row
    return {
        "id": row.id,
        "clinic": task.clinic.slug,
        "entry": {"type": task.entry.type, "id": task.entry.id},
        "locale": task.own.locale,
        "patch": row.patch,
        "base_was": row.base_was,
        "base_is": row.base_is,
        "paths": row.fields,
        "opened_at": instant(row.opened_at),
        "resolved_at": instant(row.resolved_at),
        "resolution": row.resolution,
        "etag": tag(task),
    }


def three_ways(work: Work, task: Task) -> list[Told]:
    """Of each field what the library said, what it says, and what the clinic says: [{path, pointer, …}]."""
    asked = select(Revision.number, Revision.document).join(Variant, Variant.id == Revision.variant_id).where(
        Variant.entry_id == task.entry.id, Variant.scope == LIBRARY, Variant.locale == task.own.locale,
        Revision.number.in_((task.row.base_was, task.row.base_is)),
    )  # fmt: skip
    texts = {row.number: row.document for row in work.session.execute(asked)}
    patch = _newest(task.own).document
    return [
        {
            "path": path,
            "pointer": f"/document/{path.replace('.', '/')}",
            "base_was": rules.value_at(texts.get(task.row.base_was), path),
            "base_is": rules.value_at(texts.get(task.row.base_is), path),
            "clinic": rules.value_at(patch, path),
        }
        for path in task.row.fields
    ]


def resolve(work: Work, task: Task, keep: list[str], take: list[str]) -> int | None:
    """Decide every field; returns the number of the draft that says less, None where all is kept as it is."""
    own, row = task.own, task.row
    work.check("overlay", own.scope)
    kept, taken = ({_path(each) for each in named} for named in (keep, take))
    _check_decided(row.fields, kept, taken)
    now = work.now()
    work.session.refresh(row)
    if row.resolved_at is not None:
        detail = "Somebody has dealt with this already, or the library changed again."
        raise conflict([{"move": "resolve", "code": "already_resolved", "pointer": "", "detail": detail}])
    before = _newest(own)
    after = rules.without(before.document, taken)
    draft = None
    if after != before.document:
        overlays.overlay(work, task.entry, own.scope, own.locale, after)
        draft = _newest(own).number
    row.resolved_at, row.resolution = now, "mixed" if kept and taken else "taken" if taken else "kept"
    work.log("resolve_conflict", task.entry.id, locale=own.locale, scope=own.scope, kept=sorted(kept),
             taken=sorted(taken), revision=draft)  # fmt: skip
    return draft


def tag(task: Task) -> str:
    """The ETag of a conflict; what the clinic writes meanwhile changes it too."""
    state = "open" if task.row.resolved_at is None else "resolved"
    return etag("conflict", task.row.id, version=f"{task.own.version}.{state}")


def _asked() -> Any:
    return (
        select(Conflict, Variant, Entry, Clinic)
        .join(Variant, Variant.id == Conflict.variant_id)
        .join(Entry, Entry.id == Variant.entry_id)
        .join(Clinic, Clinic.id == Variant.scope)
    )


def _newest(own: Variant) -> Revision:
    return max(own.revisions, key=lambda each: each.number)


def _path(named: str) -> str:
    """A field by its path, or by its pointer."""
    return named.removeprefix("/document/").replace("/", ".") if named.startswith("/") else named


def _check_decided(fields: list[str], kept: set[str], taken: set[str]) -> None:
    faults = [
        {"pointer": pointer, "code": "not_allowed", "detail": f"{path[:80]} is not in conflict.", "allowed": fields}
        for pointer, named in (("/keep", kept), ("/take", taken))
        for path in sorted(named - set(fields))
    ]
    faults += [
        {"pointer": "/take", "code": "contradiction", "detail": f"{path} can't be kept and taken."}
        for path in sorted(kept & taken & set(fields))
    ]
    faults += [
        {"pointer": "/keep", "code": "required", "detail": f"Say of {path} whether you keep or take it."}
        for path in fields if path not in kept | taken
    ]  # fmt: skip
    if faults:
        raise invalid_content(faults)
