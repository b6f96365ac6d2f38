"""What a withdrawal says, changed while it stands: its reason, what to read instead, how grave a recall is."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update

from api.errors import invalid_content
from api.models import Recall, Transition, Variant
from api.services.published import publications, rewriting
from api.services.texts import live
from api.services.work import Work

Words = dict[str, Any]
"""Of `reason`, `replacement_id` and `severity` those that are said; null takes one away."""


def standing(work: Work, variant: Variant, move: str) -> Transition | None:
    """The withdrawal, or recall, by which a text is gone now; None where it is not gone by that move."""
    last = live.last(work, variant)
    return None if last is None or last.move != move else work.session.get_one(Transition, last.id)


def reword(work: Work, variant: Variant, move: str, words: Words) -> bool:
    """Have a withdrawal that stands say other words: it stays that of its instant. Whether there were any."""
    if (found := standing(work, variant, move)) is None:
        return False
    before = {name: getattr(found, name) for name in words}
    if before == words:
        return False
    work.check(move, variant.scope)
    now = work.now()
    for name, value in words.items():
        setattr(found, name, value)
    if "severity" in words:
        work.session.execute(update(Recall).where(Recall.transition_id == found.id).values(severity=found.severity))
    rewriting.soon(work, variant.entry)
    publications.publish_come(work, move, variant.scope, variant.entry, now)
    variant.version += 1
    about = {"locale": variant.locale, "scope": variant.scope}
    work.log("reword_withdrawal", variant.entry_id, **about, **words, before=before)
    return True


def asked_again(work: Work, variant: Variant) -> None:
    """Raise invalid_content where a recall that stands names who must confirm: they were asked when it was made."""
    if standing(work, variant, "recall") is not None:
        detail = "The text is recalled already; who has to confirm that stays as it was."
        raise invalid_content([{"pointer": "/confirm", "code": "not_allowed", "detail": detail}])
