"""Sound rows become drafts, in the name of whoever asked: each for itself, so that one that fails undoes no other."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from api.errors import CmsError
from api.models import Entry, ImportedKey, Transfer, TransferRow, Variant
from api.services.overlays import overlays
from api.services.texts import entries
from api.services.texts.facts import newest_of
from api.services.transfers import names
from api.services.transfers.incoming import Fault, fault
from api.services.transfers.staging import CREATE, FAILED
from api.services.work import Work


def apply(work: Work, transfer: Transfer, row: TransferRow) -> None:
    """Write what a row says as a draft. What somebody else did meanwhile may stand in its way: then it is `failed`."""
    try:
        with work.attempt():
            _announce(work, transfer, row)
            _write(work, transfer, row)
            work.flush()
    except CmsError as error:
        _failed(row, error.code, error.detail, error.faults)
    except (IntegrityError, StaleDataError):
        _failed(row, "taken", "Somebody else wrote the same at the same moment; import it again.", [])
    finally:
        # What else the import refers to comes with one of its next steps.
        work.announced = {}


def _write(work: Work, transfer: Transfer, row: TransferRow) -> None:
    assert row.scope is not None and row.entry_id is not None
    entry = work.session.get(Entry, row.entry_id)
    if row.said["overlay"]:
        if entry is None:
            raise CmsError("conflict", "The library's text that it lies over was not taken in.")
        overlays.overlay(work, entry, row.scope, row.locale, row.said["changes"])
        return
    document, slug = row.said["document"], row.slug or ""
    if entry is None and row.fresh:
        _create(work, transfer, row)
        return
    if entry is None:
        raise CmsError("conflict", "The entry was removed since the import looked at it.")
    there = entries.variant_of(work, entry, row.locale)
    if there is None:
        entries.translate(work, entry, row.locale, slug, document)
    elif row.action == CREATE or _moved_on(row, there):
        raise CmsError("conflict", "Somebody else has written this text since the import looked at it.")
    else:
        entries.revise(work, there, slug, document)


def _create(work: Work, transfer: Transfer, row: TransferRow) -> None:
    assert row.scope is not None and row.entry_id is not None
    source = transfer.asked.get("source") or ""
    entries.create(
        work, row.type, row.locale, row.slug or "", row.said["document"], scope=row.scope, entry_id=row.entry_id,
        external_key=None if source else row.external_key,
    )  # fmt: skip
    for where, key in names.source_keys(transfer, row.external_key, row.said.get("old_id")):
        named = {"scope": row.scope, "type": row.type, "source": where, "key": key}
        work.session.add(ImportedKey(**named, entry_id=row.entry_id))


def _moved_on(row: TransferRow, there: Variant) -> bool:
    seen = row.said.get("revision")
    return seen is not None and newest_of(there).number != seen


def _announce(work: Work, transfer: Transfer, row: TransferRow) -> None:
    """Entries that come with the same import may be referred to already."""
    words = row.said.get("document") or row.said.get("changes") or {}
    if ids := names.ids_in(words):
        asked = select(TransferRow.entry_id, TransferRow.type).where(
            TransferRow.transfer_id == transfer.id, TransferRow.entry_id.in_(ids), TransferRow.fresh.is_(True)
        )
        work.announced = {entry_id: type_name for entry_id, type_name in work.session.execute(asked) if entry_id}


def _failed(row: TransferRow, code: str, detail: str, faults: list[Fault]) -> None:
    row.action, row.faults = FAILED, faults or [fault("", code, detail)]
