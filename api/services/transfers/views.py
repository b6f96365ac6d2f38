"""Imports and exports as those who began them see them, and as the house's admins do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import select

from api.errors import CmsError, not_found
from api.models import LIBRARY, Clinic, Transfer, TransferRow
from api.services import pages
from api.services.lookup import instant
from api.services.pages import Rows
from api.services.transfers import folder, staging
from api.services.work import Work

HINTS = 20
"""Refused rows that stand in the reply about an import itself."""
OF_AN_EXPORT = ("clinic", "type", "locale", "state")


def every(work: Work, direction: str, asked: dict[str, Any], after: tuple[Any, ...] | None, size: int) -> Rows:
    """The newest first."""
    found = select(Transfer).where(Transfer.direction == direction)
    if not work.actor.may("people", LIBRARY):
        found = found.where(Transfer.actor_id == work.actor.id)
    if state := asked.get("filter[state]"):
        found = found.where(Transfer.state == state)
    order = (Transfer.created_at, Transfer.id)
    return pages.page(work, found, order, after, size, lambda row: shown(row[0], work.database.root), falling=True)


def find(work: Work, direction: str, transfer_id: str) -> Transfer:
    """A transfer of the actor's own, or any for an admin of the house. Raises not_found."""
    found = work.session.get(Transfer, transfer_id[:40])
    if found is None or found.direction != direction:
        raise not_found(f"There is no such {direction}.")
    if found.actor_id != work.actor.id and not work.actor.may("people", LIBRARY):
        raise not_found(f"There is no such {direction}.")
    return found


def shown(found: Transfer, root: str) -> dict[str, Any]:
    """What an import or export has come to; `root` is what addresses of this API begin with."""
    about = {"id": found.id, "mode": found.mode, "format": found.format, "state": found.state}
    times = {name: instant(getattr(found, name)) for name in ("created_at", "updated_at", "finished_at")}
    progress = {"phase": found.phase, "done": found.done, "total": found.total}
    told = {"created_by": found.actor_id, "progress": progress, "problem": found.problem, "bytes": found.bytes}
    own = _import(found) if found.direction == "import" else _export(found, root)
    return {**about, **told, **own, "digest": found.digest, **times}


def _import(found: Transfer) -> dict[str, Any]:
    asked = {name: found.asked.get(name) for name in ("clinic", "locale", "source")}
    counts = {name: found.counts.get(name, 0) for name in staging.ACTIONS}
    return {**asked, "refused_rows": found.asked.get("refused", "stop"), "counts": counts,
            "left_out": found.counts.get("left_out", {})}  # fmt: skip


def _export(found: Transfer, root: str) -> dict[str, Any]:
    asked = {name: found.asked.get(name) for name in OF_AN_EXPORT}
    ready = found.state == "done"
    file = f"{root}/v1/manage/exports/{found.id}/file" if ready else None
    more = {"complete": bool(found.asked.get("complete")), "columns": found.asked.get("columns", [])}
    return {"filters": asked, **more, "counts": found.counts, "file": file}


def rows(
    work: Work, found: Transfer, action: str | None, after: tuple[Any, ...] | None = None, size: int = HINTS
) -> Rows:
    """The rows of an import in their order: what each becomes, what is wrong with it, and what was left out."""
    asked = select(TransferRow, Clinic.slug).outerjoin(Clinic, Clinic.id == TransferRow.scope)
    asked = asked.where(TransferRow.transfer_id == found.id)
    if action:
        asked = asked.where(TransferRow.action == action)
    return pages.page(work, asked, (TransferRow.row,), after, size, lambda row: _row(row[0], row[1]))


def _row(row: TransferRow, clinic: str | None) -> dict[str, Any]:
    about = {name: getattr(row, name) for name in ("row", "line", "action", "type", "locale", "slug", "title")}
    about |= {"clinic": clinic, "overlay": bool(row.said.get("overlay")), "external_key": row.external_key}
    there = row.entry_id if row.action not in (staging.REFUSED, staging.FAILED) else None
    return {**about, "id": there, "address": row.address, "faults": [_fault(each) for each in row.faults],
            "notes": row.notes, "redirect": row.redirect}  # fmt: skip


def _fault(said: dict[str, Any]) -> dict[str, Any]:
    about = {name: said.get(name) or "" for name in ("pointer", "code", "detail")}
    return {**about, "allowed": said.get("allowed")}


def file(work: Work, found: Transfer) -> Path:
    """The file of an export that has ended. Raises conflict, not_found."""
    if found.state != "done":
        told = f"The export is {found.state}; its file is there once it is done."
        raise CmsError(
            "conflict", told, blockers=[{"move": "read", "code": found.state, "pointer": "", "detail": told}]
        )
    path = folder.file_of(work.database, found.id, "export")
    if not path.exists():
        raise not_found("The export's file is not on this machine: api and worker must share the data folder.")
    return path
