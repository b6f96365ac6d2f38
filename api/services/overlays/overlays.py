"""Overlays: what a clinic changes in a library entry, hides, or holds on to."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from api.errors import conflict, invalid_content
from api.models import LIBRARY, Entry, Revision, Transition, Variant
from api.rules import overlays as rules
from api.rules.digests import digest
from api.rules.workflow import DRAFT
from api.services.moves import scheduling
from api.services.overlays import conflicts, overlaid
from api.services.texts import documents, live
from api.services.work import Work
from schemas.content import content_type
from schemas.content_type import ContentType


def overlay(work: Work, entry: Entry, clinic_id: str, locale: str, patch: dict[str, Any]) -> Variant:
    """Write a draft patch of the library text of the same locale. Locked fields are refused by name.

    The same patch of the same words stays in its review.
    """
    work.check("overlay", clinic_id)
    kind = content_type(entry.type)
    if locked := rules.locked(kind, patch):
        raise invalid_content([_locked(path, kind) for path in locked])
    text = _below(work, entry, clinic_id, locale)
    documents.load(kind, rules.merge(text.document, patch))
    if faults := documents.unknown_picture(work, clinic_id, patch.get("image")):
        raise invalid_content(faults)
    variant = _variant(work, entry, clinic_id, locale)
    newest = max(variant.revisions, key=lambda each: each.number, default=None)
    if newest is not None and (newest.document, newest.base_revision) == (patch, text.number):
        return variant
    revision = _write(work, variant, patch, text.number)
    work.session.flush()
    work.log("overlay", entry.id, locale=locale, scope=clinic_id, revision=revision.number)
    return variant


def amend(work: Work, entry: Entry, clinic_id: str, locale: str, changes: dict[str, Any]) -> Variant:
    """The next patch as the newest one with a merge patch (RFC 7396); null takes the clinic's own word away."""
    newest = overlaid.standing(work, entry, clinic_id, locale).newest
    merged = rules.merge(newest.document if newest else {}, changes)
    return overlay(work, entry, clinic_id, locale, rules.without(merged, ()))


def remove(work: Work, entry: Entry, clinic_id: str, locale: str) -> Transition | None:
    """Give the library's words back at once, and cancel what was planned; the clinic's stay in the history.

    The transition if the clinic's words were live. Raises conflict where there are none, or where they were withdrawn.
    """
    work.check("overlay", clinic_id)
    there = overlaid.standing(work, entry, clinic_id, locale)
    own, newest = there.own, there.newest
    if own is None or newest is None or overlaid.state(work, own) is None:
        raise conflict([_blocker("no_overlay", "The clinic says nothing of its own here.")])
    if overlaid.gone(work, own):
        detail = "These words were withdrawn: restore them, or publish an empty patch."
        raise conflict([_blocker("withdrawn", detail)])
    now = work.now()
    shown = live.revision(work, own)
    scheduling.cancel(work, own)
    _write(work, own, {}, newest.base_revision)
    transition = None if shown is None else scheduling.put(work, own, "unpublish", now)
    scheduling.settle(work, own)
    conflicts.close(work, own, "taken")
    work.log("remove_overlay", entry.id, locale=locale, scope=clinic_id, revision=shown)
    return transition


def hide(work: Work, entry: Entry, clinic_id: str) -> Transition:
    """Show the entry nowhere at this clinic, in no language."""
    return _switch(work, entry, clinic_id, "*", "hide")


def show(work: Work, entry: Entry, clinic_id: str) -> Transition:
    """End a hide."""
    return _switch(work, entry, clinic_id, "*", "show")


def pin(work: Work, entry: Entry, clinic_id: str, locale: str) -> Transition:
    """Hold on to the library text that is live now, whatever the library publishes later."""
    base = _base(work, entry, locale)
    return _switch(work, entry, clinic_id, locale, "pin", live.revision(work, base))


def follow(work: Work, entry: Entry, clinic_id: str, locale: str) -> Transition:
    """End a pin: a new library text goes live here at once."""
    return _switch(work, entry, clinic_id, locale, "follow")


def _switch(
    work: Work, entry: Entry, clinic_id: str, locale: str, move: str, revision: int | None = None
) -> Transition:
    work.check(move, clinic_id)
    now = work.now()
    if blocker := overlaid.standing(work, entry, clinic_id, locale).blocker(move):
        raise conflict([blocker])
    variant = _variant(work, entry, clinic_id, locale)
    transition = scheduling.put(work, variant, move, now, revision)
    scheduling.settle(work, variant)
    work.log(move, entry.id, locale=locale, scope=clinic_id, revision=revision)
    return transition


def _below(work: Work, entry: Entry, clinic_id: str, locale: str) -> Revision:
    """The library's words that a patch is written against; people of a clinic alone write against public ones."""
    base = _base(work, entry, locale)
    if (shown := overlaid.standing(work, entry, clinic_id, locale).text_below()) is not None:
        return shown
    if not work.actor.sees(LIBRARY):
        raise conflict([_blocker("not_live", "The library text is not live.")])
    return max(base.revisions, key=lambda each: each.number)


def _write(work: Work, variant: Variant, patch: dict[str, Any], base_revision: int | None) -> Revision:
    number = work.session.scalar(select(func.max(Revision.number)).where(Revision.variant_id == variant.id)) or 0
    revision = Revision(
        variant_id=variant.id,
        number=number + 1,
        state=DRAFT,
        slug=None,
        document=patch,
        base_revision=base_revision,
        digest=digest(None, patch),
        clinical_digest="",
        created_at=work.now(),
        created_by=work.actor.person_id,
    )
    variant.revisions.append(revision)
    variant.version += 1
    return revision


def _locked(path: str, kind: ContentType) -> dict[str, Any]:
    known = path.partition(".")[0] in kind.stored
    return {
        "pointer": f"/document/{path.replace('.', '/')}",
        "code": "locked_field" if known else "unknown_field",
        "detail": f"{path} is locked for clinics." if known else "Unknown field.",
        "allowed": list(kind.overridable),
    }


def _blocker(code: str, detail: str) -> dict[str, str]:
    return {"move": "overlay", "code": code, "pointer": "", "detail": detail}


def _base(work: Work, entry: Entry, locale: str) -> Variant:
    asked = select(Variant).where(Variant.entry_id == entry.id, Variant.locale == locale, Variant.scope == LIBRARY)
    if entry.scope != LIBRARY or (base := work.session.scalar(asked)) is None:
        detail = f"The library has no text of this entry in {locale} to lay over."
        raise invalid_content([{"pointer": "/locale", "code": "no_base", "detail": detail}])
    return base


def _variant(work: Work, entry: Entry, clinic_id: str, locale: str) -> Variant:
    asked = select(Variant).where(Variant.entry_id == entry.id, Variant.locale == locale, Variant.scope == clinic_id)
    found = work.session.scalar(asked)
    if found is None:
        now = work.now()
        found = Variant(entry_id=entry.id, entry=entry, locale=locale, scope=clinic_id, created_at=now, version=0)
        work.session.add(found)
        work.session.flush()
    return found
