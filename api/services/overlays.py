"""Overlays: what a clinic changes in a library entry, hides, or holds on to."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from api.errors import conflict, invalid_content
from api.models import LIBRARY, Entry, Revision, Transition, Variant
from api.rules import overlays as rules
from api.rules.digests import digest
from api.rules.workflow import DRAFT
from api.services import documents, live, scheduling
from api.services.work import Work
from schemas.content import content_type


def overlay(work: Work, entry: Entry, clinic_id: str, locale: str, patch: dict[str, Any]) -> Variant:
    """Write a draft patch of the library text of the same locale. Locked fields are refused by name."""
    work.check("overlay", clinic_id)
    kind = content_type(entry.type)
    base = _base(work, entry, locale)
    if locked := rules.locked(kind, patch):
        raise invalid_content(
            [
                {
                    "pointer": f"/document/{path.replace('.', '/')}",
                    "code": "locked_field",
                    "detail": f"{path} is locked for clinics.",
                    "allowed": list(kind.overridable),
                }
                for path in locked
            ]
        )
    shown = live.revision(work, base)
    text = max(base.revisions, key=lambda each: (each.number == shown, each.number))
    documents.load(kind, rules.merge(text.document, patch))
    variant = _variant(work, entry, clinic_id, locale)
    number = work.session.scalar(select(func.max(Revision.number)).where(Revision.variant_id == variant.id)) or 0
    variant.revisions.append(
        Revision(
            variant_id=variant.id,
            number=number + 1,
            state=DRAFT,
            slug=None,
            document=patch,
            base_revision=text.number,
            digest=digest(None, patch),
            clinical_digest="",
            created_at=work.now(),
            created_by=work.actor.person_id,
        )
    )
    variant.version += 1
    work.session.flush()
    work.log("overlay", entry.id, locale=locale, scope=clinic_id, revision=number + 1)
    return variant


def hide(work: Work, entry: Entry, clinic_id: str) -> Transition:
    """Show the entry nowhere at this clinic, in no language."""
    return _switch(work, entry, clinic_id, "*", "hide")


def show(work: Work, entry: Entry, clinic_id: str) -> Transition:
    """End a hide."""
    return _switch(work, entry, clinic_id, "*", "show")


def pin(work: Work, entry: Entry, clinic_id: str, locale: str) -> Transition:
    """Hold on to the library text that is live now, whatever the library publishes later."""
    base = _base(work, entry, locale)
    if (shown := live.revision(work, base)) is None:
        raise conflict([{"move": "pin", "code": "not_live", "detail": "The library text is not live."}])
    return _switch(work, entry, clinic_id, locale, "pin", shown)


def follow(work: Work, entry: Entry, clinic_id: str, locale: str) -> Transition:
    """End a pin: a new library text goes live here at once."""
    return _switch(work, entry, clinic_id, locale, "follow")


def _switch(
    work: Work, entry: Entry, clinic_id: str, locale: str, move: str, revision: int | None = None
) -> Transition:
    work.check(move, clinic_id)
    variant = _variant(work, entry, clinic_id, locale)
    transition = scheduling.put(work, variant, move, work.now(), revision)
    scheduling.settle(work, variant)
    work.log(move, entry.id, locale=locale, scope=clinic_id, revision=revision)
    return transition


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
