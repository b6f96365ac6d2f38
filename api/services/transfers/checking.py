"""What each row of an import would do, and what is wrong with it: all is looked at before anything is written."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError
from sqlalchemy import select

from api.errors import CmsError
from api.models import LIBRARY, Clinic, Entry, Revision, Transfer, TransferRow, Variant
from api.models import Slug as Held
from api.rules import overlays
from api.services.texts import documents, entries
from api.services.texts.facts import newest_of
from api.services.transfers import names
from api.services.transfers.incoming import Fault, fault
from api.services.transfers.staging import CREATE, REFUSED, UNCHANGED, UPDATE
from api.services.work import Work
from schemas.cells import blank
from schemas.content import content_type
from schemas.content_type import ContentType
from schemas.strict import Slug

_SLUG = Slug()


def check(work: Work, transfer: Transfer, row: TransferRow) -> None:
    """Settle what becomes of a row: `action`, its words complete and by this house's ids, or its faults."""
    kind = content_type(row.type)
    work.announced = {}
    try:
        faults = _overlay(work, transfer, row, kind) if row.said["overlay"] else _text(work, transfer, row, kind)
    except CmsError as error:
        faults = error.faults or [fault("", error.code, error.detail)]
    except (TypeError, AttributeError, KeyError, ValueError) as error:
        faults = [fault("/document", "invalid", f"The document has another shape than it should: {error}")]
    if faults:
        row.action, row.faults = REFUSED, [*row.faults, *faults]
    work.announced = {}


def _text(work: Work, transfer: Transfer, row: TransferRow, kind: ContentType) -> list[Fault]:
    """Of a whole text, or of changes to one."""
    assert row.scope is not None and row.entry_id is not None
    entry = None if row.fresh else work.session.get(Entry, row.entry_id)
    if faults := _entry_faults(work, transfer, row, entry):
        return faults
    there = entries.variant_of(work, entry, row.locale) if entry else None
    newest = newest_of(there) if there else None
    if faults := _rights(work, row, entry, there) + _stale(row, newest):
        return faults
    said = dict(row.said)
    words = names.resolved(work, transfer, row.scope, _words(said, kind, newest), row.address)
    slug = row.slug or (newest.slug if newest else None) or ""
    faults = [*names.strangers(words), *_slug_faults(work, transfer, row, slug)]
    try:
        loaded = documents.load(kind, words)
        documents.check_links(work, kind, row.scope, loaded)
    except CmsError as error:
        return [*faults, *(error.faults or [fault("", error.code, error.detail)])]
    if faults:
        return faults
    row.slug, row.title = slug, str(loaded.get(kind.title) or "")
    row.action = CREATE if newest is None else UPDATE
    if newest is not None and (newest.slug, newest.document) == (slug, loaded):
        row.action = UNCHANGED
    seen = newest.number if newest else None
    row.said = {**said, "changes": None, "document": loaded, "revision": seen}
    row.redirect = _redirect(work, transfer, row, kind)
    return []


def _words(said: dict[str, Any], kind: ContentType, newest: Revision | None) -> dict[str, Any]:
    if said.get("document") is not None:
        return dict(said["document"])
    patch = said["changes"]
    merged: dict[str, Any] = overlays.merge(newest.document if newest else blank(kind, patch), patch)
    return merged


def _overlay(work: Work, transfer: Transfer, row: TransferRow, kind: ContentType) -> list[Fault]:
    """Of a clinic's words over a library text, which may come with the same import."""
    assert row.scope is not None and row.entry_id is not None
    entry = None if row.fresh else work.session.get(Entry, row.entry_id)
    if entry is not None and (entry.type, entry.scope) != (row.type, LIBRARY):
        return [fault("/id", "unknown_reference", "There is no such entry in the library.")]
    if not work.actor.may("overlay", row.scope):
        return [fault("/clinic", "forbidden", "Your roles do not allow to lay words over the library's here.")]
    base = _base(work, transfer, row, entry)
    if base is None:
        return [fault("/locale", "no_base", f"The library has no text of this entry in {row.locale} to lay over.")]
    patch = names.resolved(work, transfer, row.scope, row.said["changes"], None)
    if locked := overlays.locked(kind, patch):
        return [fault(f"/document/{locked[0].replace('.', '/')}", "locked_field", f"{locked[0]} is locked for clinics.",
                      allowed=list(kind.overridable))]  # fmt: skip
    documents.load(kind, overlays.merge(base, patch))
    there = entries.variant_of(work, entry, row.locale, row.scope) if entry else None
    newest = newest_of(there) if there and there.revisions else None
    row.slug, row.title = None, str(base.get(kind.title) or "")
    row.action = CREATE if newest is None else UNCHANGED if newest.document == patch else UPDATE
    row.said = {**row.said, "changes": patch}
    return []


def _base(work: Work, transfer: Transfer, row: TransferRow, entry: Entry | None) -> dict[str, Any] | None:
    there = entries.variant_of(work, entry, row.locale, LIBRARY) if entry else None
    if there is not None:
        return newest_of(there).document
    asked = select(TransferRow.said).where(
        TransferRow.transfer_id == transfer.id, TransferRow.entry_id == row.entry_id, TransferRow.row < row.row,
        TransferRow.scope == LIBRARY, TransferRow.locale == row.locale, TransferRow.action == CREATE,
    )  # fmt: skip
    said = work.session.scalar(asked)
    return said["document"] if said else None


def _entry_faults(work: Work, transfer: Transfer, row: TransferRow, entry: Entry | None) -> list[Fault]:
    """Whether this row and those before it mean one entry, of one scope and type, once in each language."""
    if not row.fresh and (entry is None or (entry.type, entry.scope) != (row.type, row.scope)):
        return [fault("/id", "unknown_reference", "There is no such entry.")]
    if entry is not None and entry.archived_at is not None:
        return [fault("/id", "archived", "The entry is archived; nothing changes it.")]
    asked = select(TransferRow.scope, TransferRow.locale, TransferRow.line, TransferRow.said).where(
        TransferRow.transfer_id == transfer.id, TransferRow.entry_id == row.entry_id, TransferRow.row < row.row
    )
    for each in work.session.execute(asked):
        if each.said["overlay"]:
            continue
        if each.scope != row.scope:
            return [fault("/clinic", "contradiction", f"Line {each.line} says the same entry is another clinic's.")]
        if each.locale == row.locale:
            return [fault("/locale", "twice", f"Line {each.line} holds the same text already.")]
    return []


def _rights(work: Work, row: TransferRow, entry: Entry | None, there: Variant | None) -> list[Fault]:
    act = "create" if entry is None else "translate" if there is None else "edit"
    if work.actor.may(act, row.scope or LIBRARY):
        return []
    return [fault("/clinic", "forbidden", f"Your roles do not allow to {act} here.")]


def _stale(row: TransferRow, newest: Revision | None) -> list[Fault]:
    """Whoever edits beside the house says what they saw: nobody's words are lost."""
    seen = row.said.get("revision")
    if seen is None or newest is None or newest.number == seen:
        return []
    detail = f"Revision {newest.number} is the newest, and this row was made of {seen}: export it anew and change that."
    return [fault("/revision", "stale", detail)]


def _slug_faults(work: Work, transfer: Transfer, row: TransferRow, slug: str) -> list[Fault]:
    try:
        _SLUG.deserialize(slug)
    except ValidationError as error:
        return [fault("/slug", "invalid" if slug else "required", str(error.messages[0]))]
    here = (TransferRow.type == row.type, TransferRow.locale == row.locale, TransferRow.scope == row.scope)
    before = select(TransferRow.line).where(
        TransferRow.transfer_id == transfer.id, TransferRow.slug == slug, TransferRow.row < row.row, *here,
        TransferRow.entry_id != row.entry_id, TransferRow.action != REFUSED,
    )  # fmt: skip
    if (line := work.session.scalar(before.limit(1))) is not None:
        return [fault("/slug", "slug_taken", f"Line {line} has the slug {slug} already.")]
    held = select(Held.entry_id).where(
        Held.scope == row.scope, Held.type == row.type, Held.locale == row.locale, Held.slug == slug,
        Held.former.is_(False), Held.entry_id != row.entry_id,
    )  # fmt: skip
    if work.session.scalar(held) is not None:
        return [fault("/slug", "slug_taken", f"Another {row.type} already has the slug {slug} in {row.locale}.")]
    return []


def _redirect(work: Work, transfer: Transfer, row: TransferRow, kind: ContentType) -> dict[str, Any] | None:
    """Where the old page of a text should lead once it is live, as POST /redirects takes it."""
    slug = transfer.asked.get("clinic")
    if not row.address or slug is None:
        return None
    clinic = work.session.scalar(select(Clinic).where(Clinic.slug == slug))
    paths = (clinic.document.get("paths") or {}).get(row.locale, {}) if clinic else {}
    named = f"{kind.name}.{row.said['document'].get('kind')}"
    template = paths.get(named) or paths.get(kind.name)
    old = names.path_of(row.address)
    if not template or old == (to := template.replace("{slug}", row.slug or "")):
        return None
    return {"clinic": slug, "from": old, "to": to, "status": 301}
