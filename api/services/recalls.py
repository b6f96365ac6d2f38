"""Recalls: a withdrawal with a severity, and who must confirm that it arrived."""

from __future__ import annotations

from sqlalchemy import select

from api.errors import invalid_content
from api.models import LIBRARY, Clinic, Entry, Recall, Transition, Variant
from api.services import publishing
from api.services.work import Work


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
