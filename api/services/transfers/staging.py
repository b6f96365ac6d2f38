"""Rows of a file put beside each other in the database, each with the entry it speaks of; no content is touched."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError
from sqlalchemy import select

from api.models import LIBRARY, Clinic, Transfer, TransferRow
from api.services.transfers import names
from api.services.transfers.incoming import Fault, Incoming, fault
from api.services.work import Work
from schemas.clinic import LocaleCode
from schemas.content import CONTENT_TYPES
from schemas.meant import asked_back

READ, CREATE, UPDATE, UNCHANGED, REFUSED, FAILED = "read", "create", "update", "unchanged", "refused", "failed"
ACTIONS = (CREATE, UPDATE, UNCHANGED, REFUSED, FAILED)
"""What becomes of a row: `failed` is one that was sound, and that something else prevented when it was written."""
_LOCALE = LocaleCode()


def stage(work: Work, transfer: Transfer, number: int, row: Incoming) -> None:
    """Keep one row. What is wrong with it already stays with it."""
    scope, wrong = _scope(work, transfer, row.clinic)
    locale, wrong_locale = _locale(row.locale or transfer.asked.get("locale") or "")
    # Of a line that can't be read nothing else is known, and nothing else is wrong.
    unread = any(each["code"] == "malformed" for each in row.faults)
    faults = [*row.faults, *([] if unread else [*_type(row.type), *wrong, *wrong_locale])]
    entry_id, fresh = None, False
    if not faults:
        assert scope is not None
        entry_id, fresh = names.identify(work, transfer, LIBRARY if row.overlay else scope, row)
    said: dict[str, Any] = {"overlay": row.overlay, "revision": row.revision, "old_id": row.id}
    said |= {name: each for name in ("document", "changes") if (each := getattr(row, name)) is not None}
    work.session.add(
        TransferRow(
            transfer_id=transfer.id,
            row=number,
            line=row.line,
            action=REFUSED if faults else READ,
            type=row.type[:64],
            scope=scope,
            locale=locale[:64],
            slug=row.slug[:96] or None,
            title="",
            external_key=row.external_key,
            address=row.address,
            entry_id=entry_id,
            fresh=fresh,
            said=said,
            faults=faults,
            notes=row.notes,
            redirect=None,
        )
    )


def _type(said: str) -> list[Fault]:
    known = [each.name for each in CONTENT_TYPES]
    if not said:
        return [fault("/type", "required", "Name the content type.", allowed=known)]
    told = f"There is no such content type.{asked_back(said, known)}"
    return [] if said in known else [fault("/type", "unknown", told, allowed=known)]


def _scope(work: Work, transfer: Transfer, said: str | None) -> tuple[str | None, list[Fault]]:
    """(scope, faults): a clinic that the actor does not see reads like one that never was."""
    slug = transfer.asked.get("clinic") if said == "" else said
    if slug is None:
        if work.actor.sees(LIBRARY):
            return LIBRARY, []
        detail = "The library is not yours to write in: name a clinic, in the row or by `clinic`."
        return None, [fault("/clinic", "required", detail)]
    found = work.session.scalar(select(Clinic.id).where(Clinic.slug == slug[:96]))
    if found is None or not work.actor.sees(found):
        return None, [fault("/clinic", "unknown_reference", f"There is no clinic {slug[:96]}.")]
    return found, []


def _locale(said: str) -> tuple[str, list[Fault]]:
    if not said:
        return "", [fault("/locale", "required", "Name the language, in the row or by `locale`.")]
    try:
        found: str = _LOCALE.deserialize(said)
        return found, []
    except ValidationError as error:
        return said, [fault("/locale", "invalid", str(error.messages[0]))]
