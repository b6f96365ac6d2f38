"""How each kind of promise is kept: in the transaction that also says it was."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from api.models import Entry, Media, Promise, Published, Transition
from api.rules.permissions import Actor
from api.services.media import media_usages
from api.services.published import publications
from api.services.work import Work

WORKER = Actor("worker")
"""Who keeps promises. It holds no role: whatever asks for a right is refused to it."""
_TRANSITION = re.compile(r"transition:(\d{1,18})\Z")
_MEDIA = re.compile(r"media:([a-z0-9_]{1,40})\Z")
_ENTRY = re.compile(r"entry:([a-z0-9_]{1,40})\Z")


class NoSense(Exception):
    """A promise without a known kind, subject or scope: it is set aside, and nothing is done for it."""


class NotYet(Exception):
    """What was promised lies ahead still; `at` is when."""

    def __init__(self, at: dt.datetime) -> None:
        super().__init__(f"due at {at.isoformat()}")
        self.at = at


def keep(work: Work, promise: Promise) -> None:
    """Do what was promised. Raises NoSense, NotYet, or whatever went wrong."""
    if (kept := KINDS.get(promise.kind)) is None:
        raise NoSense(f"There is no kind {promise.kind!r} of promise.")
    kept(work, promise)


def _mature(work: Work, promise: Promise) -> None:
    """Number a transition that has come, and those before it. One that was cancelled meanwhile owes nothing."""
    found = _TRANSITION.match(promise.subject)
    if found is None:
        raise NoSense(f"{promise.subject!r} is no transition.")
    publications.mature(work)
    transition = work.session.get(Transition, int(found[1]))
    if transition is not None and not transition.effective:
        raise NotYet(transition.at)


def _review(work: Work, promise: Promise) -> None:
    """Number the instant at which the review of a text that shows fell due, or took it away."""
    found = _ENTRY.match(promise.subject)
    scope, locale, due_on = (_said(promise, name) for name in ("scope", "locale", "due_on"))
    change = _said(promise, "change")
    if found is None or change not in CHANGES:
        raise NoSense(f"{promise.subject!r} with {change!r} is no review that falls due.")
    entry = work.session.get(Entry, found[1])
    if entry is None:
        return
    if entry.scope != scope:
        raise NoSense(f"{promise.subject!r} does not belong to {scope!r}.")
    at = int(promise.due_at.timestamp())
    shown = select(Published.id).where(Published.entry_id == entry.id, Published.locale == locale)
    if change == "expire":
        gone = shown.where(Published.state == "gone", Published.visible_from == at)
        still = work.session.scalar(gone.limit(1))
    else:
        there = shown.where(Published.state == "live", Published.next_due == due_on)
        still = work.session.scalar(there.where(Published.visible_from <= at, Published.visible_until > at).limit(1))
    if still is not None:
        publications.publish_come(work, change, scope, entry, promise.due_at)


def _consent(work: Work, promise: Promise) -> None:
    """Number the instant at which the consent to a picture ended. One that was changed meanwhile owes nothing."""
    found = _MEDIA.match(promise.subject)
    if found is None:
        raise NoSense(f"{promise.subject!r} is no picture.")
    media = work.session.get(Media, found[1])
    if media is not None and media.ends_at == promise.due_at:
        tags = media_usages.rewritten(work, media, media_usages.live(work, media))
        publications.publish_change(work, "consent_ended", media.scope, tags)


def _said(promise: Promise, name: str) -> str:
    value: Any = promise.payload.get(name) if isinstance(promise.payload, dict) else None
    if not isinstance(value, str) or not value:
        raise NoSense(f"The promise names no {name}.")
    return value


CHANGES = ("review_due", "review_overdue", "expire")
"""Publications that come of a review's date: it fell due, it is overdue, the text is withdrawn for it."""
KINDS: dict[str, Callable[[Work, Promise], None]] = {"mature": _mature, "review": _review, "consent": _consent}
