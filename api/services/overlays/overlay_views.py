"""A clinic's overlay as its editors see it: the patch, what lies below, what comes of both, and what may be done."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from api.models import Clinic, Conflict, Entry, Revision, Variant
from api.rules import overlays as rules
from api.rules import workflow
from api.services.overlays import overlaid
from api.services.overlays.overlaid import Standing
from api.services.texts import documents, live, showing
from api.services.texts.facts import facts_of
from api.services.work import Work
from schemas.content import content_type

Shown = dict[str, Any]
MOVES = ("submit", "approve", "reject", "publish", "unschedule", "unpublish", "withdraw", "restore")
"""Moves of the patch; hide, show, pin and follow stand beside them."""


def text(work: Work, entry: Entry, clinic: Clinic, locale: str, *, explain: bool = False) -> Shown:
    """The reply to everything that reads or changes an overlay; there is one before the first word too."""
    there = overlaid.standing(work, entry, clinic.id, locale)
    kind, own, newest, below = content_type(entry.type), there.own, there.newest, there.text_below()
    patch = newest.document if newest else {}
    moves, blockers = possible(work, entry, clinic.id, there)
    shown = {
        "id": entry.id,
        "type": entry.type,
        "clinic": clinic.slug,
        "locale": locale,
        "state": overlaid.state(work, own),
        "hidden": there.hidden,
        "pinned": there.pinned,
        "overlay_revision": live.revision(work, own) if own else None,
        "revision": revision(newest) if newest else None,
        "base": {"revision": below.number, "slug": below.slug, "document": below.document} if below else None,
        "patch": patch,
        "document": documents.laid_over(kind, below.document, patch) if below else None,
        "overridable": list(kind.overridable),
        "scheduled": showing.scheduled(work, own) if own else [],
        "withdrawal": showing.withdrawal(work, own) if own else None,
        "conflicts": _open_conflicts(work, own),
        "moves": moves,
        "blockers": blockers,
    }
    return {**shown, "origin": rules.origins(kind, patch)} if explain else shown


def revision(found: Revision) -> Shown:
    return {**showing.revision(found), "base_revision": found.base_revision}


def possible(work: Work, entry: Entry, clinic_id: str, there: Standing) -> tuple[list[str], list[Shown]]:
    """(moves the actor may make now, why the others that the actor's roles allow are blocked)."""
    if entry.archived_at is not None:
        return [], []
    moves: list[str] = []
    blocked: list[Shown] = []
    for move in overlaid.SWITCHES:
        if work.actor.may(move, clinic_id):
            _sort(move, [each for each in (there.blocker(move),) if each], moves, blocked)
    if there.own is None or there.newest is None or overlaid.state(work, there.own) is None:
        return moves, blocked
    facts = facts_of(work, there.own, there.newest)
    for move in MOVES:
        if workflow.allowed(move, work.actor, facts):
            _sort(move, workflow.blockers(move, work.actor, facts), moves, blocked)
    return showing.with_claims(work, there.own, there.newest, moves, blocked)


def current(work: Work, there: Standing) -> Shown:
    """What somebody whose tag is stale is told of what is there now."""
    newest = there.newest
    told: Shown = {"state": overlaid.state(work, there.own), "hidden": there.hidden, "pinned": there.pinned}
    return told | {"revision": newest.number if newest else None, "changed_by": newest.created_by if newest else None}


def _sort(move: str, found: list[dict[str, str]], moves: list[str], blocked: list[Shown]) -> None:
    blocked += [{"pointer": "", **each} for each in found]
    if not found:
        moves.append(move)


def _open_conflicts(work: Work, own: Variant | None) -> list[str]:
    if own is None:
        return []
    asked = select(Conflict.id).where(Conflict.variant_id == own.id, Conflict.resolved_at.is_(None))
    return list(work.session.scalars(asked.order_by(Conflict.opened_at, Conflict.id)))
