"""Recalls: a withdrawal with a severity, who must confirm that it arrived, and who has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from api.errors import conflict, invalid_content, not_found
from api.models import LIBRARY, Clinic, Entry, Recall, Transition, Variant
from api.services.lookup import instant
from api.services.moves import publishing
from api.services.work import Work
from schemas.content import content_type


@dataclass(frozen=True)
class Call:
    """A recall with what it took down."""

    row: Recall
    transition: Transition
    text: Variant
    entry: Entry


def recall(
    work: Work,
    variant: Variant,
    *,
    severity: str,
    reason: str,
    replacement: Entry | None = None,
    confirm: list[str] | None = None,
) -> Transition:
    """Take a live text down as unsafe. `confirm` names the clinics that must confirm: all that read it by default."""
    asked = select(Clinic)
    if variant.scope != LIBRARY:
        asked = asked.where(Clinic.id == variant.scope)
    readers = {each.slug: each.id for each in work.session.scalars(asked)}
    if wrong := sorted(set(confirm or ()) - set(readers)):
        detail = f"No clinic {', '.join(wrong)} reads this text."
        raise invalid_content([{"pointer": "/confirm", "code": "unknown", "detail": detail}])
    transition = publishing.withdraw(work, variant, reason=reason, severity=severity, replacement=replacement)
    work.session.flush()
    named = confirm if confirm is not None else sorted(readers)
    work.session.add(
        Recall(
            id=work.new_id("rcl"),
            transition_id=transition.id,
            entry_id=variant.entry_id,
            severity=severity,
            must_confirm=[readers[slug] for slug in named],
            confirmations=[],
            at=transition.at,
        )
    )
    return transition


def every(
    work: Work, *, still_open: bool | None, after: tuple[Any, ...] | None, size: int
) -> tuple[list[dict[str, Any]], tuple[Any, ...] | None]:
    """(one page of the recalls that the actor's clinics read, open ones first; the key to go on from)."""
    clinics = _clinics(work)
    calls = [each for each in (Call(*row) for row in work.session.execute(_asked())) if _seen(work, each)]
    keyed = sorted(((_key(work, each), each) for each in calls), key=lambda pair: pair[0])
    if still_open is not None:
        keyed = [pair for pair in keyed if (pair[0][0] == 0) == still_open]
    if after is not None:
        keyed = [pair for pair in keyed if pair[0] > tuple(after)]
    last = keyed[size - 1][0] if len(keyed) > size else None
    return [told(work, each, clinics) for _, each in keyed[:size]], last


def find(work: Work, recall_id: str) -> Call:
    """A recall that one of the actor's clinics reads. Raises not_found."""
    row = work.session.execute(_asked().where(Recall.id == recall_id)).one_or_none()
    if row is None or not _seen(work, Call(*row)):
        raise not_found("There is no such recall.")
    return Call(*row)


def confirm(work: Work, call: Call, clinic: Clinic) -> None:
    """Say for a clinic that the text is gone from its site. Raises conflict where it was not asked, or has said so."""
    work.check("confirm", clinic.id)
    now = work.now()
    work.session.refresh(call.row)
    if clinic.id not in call.row.must_confirm:
        raise conflict([_blocker("not_asked", f"{clinic.slug} does not have to confirm this recall.")])
    if any(each["clinic"] == clinic.id for each in call.row.confirmations):
        raise conflict([_blocker("already_confirmed", f"{clinic.slug} has confirmed this recall.")])
    said = {"clinic": clinic.id, "person": work.actor.person_id, "at": instant(now)}
    call.row.confirmations = [*call.row.confirmations, said]
    work.log("confirm_recall", call.entry.id, recall=call.row.id, scope=clinic.id)


def told(work: Work, call: Call, clinics: dict[str, str] | None = None) -> dict[str, Any]:
    """Clinics by name, as far as the actor sees them."""
    slugs = _clinics(work) if clinics is None else clinics
    said = {each["clinic"]: each for each in call.row.confirmations}
    named = [each for each in call.row.must_confirm if work.actor.sees(each) and each in slugs]
    confirmed = [said[each] for each in named if each in said]
    return {
        "id": call.row.id,
        "entry": {"type": call.entry.type, "id": call.entry.id},
        "clinic": slugs.get(call.text.scope),
        "locale": call.text.locale,
        "title": _title(call),
        "severity": call.row.severity,
        "reason": call.transition.reason,
        "replacement": call.transition.replacement_id,
        "at": instant(call.row.at),
        "open": _key(work, call)[0] == 0,
        "waiting_for": [slugs[each] for each in named if each not in said],
        "confirmations": [
            {"clinic": slugs[each["clinic"]], "by": each["person"], "at": each["at"]} for each in confirmed
        ],
    }


def _title(call: Call) -> str:
    """What the text was called when it was taken down."""
    shown = [each.revision for each in call.text.transitions if each.move == "publish" and each.at <= call.row.at]
    document = next((each.document for each in call.text.revisions if each.number in shown[-1:]), {})
    return str(document.get(content_type(call.entry.type).title) or "")


def _asked() -> Any:
    return (
        select(Recall, Transition, Variant, Entry)
        .join(Transition, Transition.id == Recall.transition_id)
        .join(Variant, Variant.id == Transition.variant_id)
        .join(Entry, Entry.id == Variant.entry_id)
    )


def _seen(work: Work, call: Call) -> bool:
    """Whoever works for a clinic that reads the text; of a library text that is everybody with a role."""
    return bool(work.actor.roles) if call.text.scope == LIBRARY else work.actor.sees(call.text.scope)


def _key(work: Work, call: Call) -> tuple[int, int, str]:
    """Open ones first, newest first in both halves. Open is what a clinic that the actor sees has still to confirm."""
    said = {each["clinic"] for each in call.row.confirmations}
    waiting = any(each not in said and work.actor.sees(each) for each in call.row.must_confirm)
    return (0 if waiting else 1), -int(call.row.at.timestamp()), call.row.id


def _clinics(work: Work) -> dict[str, str]:
    return {row.id: row.slug for row in work.session.execute(select(Clinic.id, Clinic.slug))}


def _blocker(code: str, detail: str) -> dict[str, str]:
    return {"move": "confirm", "code": code, "pointer": "", "detail": detail}
