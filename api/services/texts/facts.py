"""What the rules of the workflow must know of a text, asked of the database without walking its history."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import object_session

from api.errors import CmsError, conflict
from api.models import Review, Revision, Variant
from api.queries.typed import Typed
from api.rules import review, workflow
from api.rules.permissions import needed
from api.rules.typos import is_typo
from api.rules.workflow import Facts
from api.services.published import pictured
from api.services.rows import Objects, rows
from api.services.texts import live
from api.services.work import Work
from schemas.content import content_type

_OF_A_TEXT = select(Revision.__table__).where(Revision.variant_id == bindparam("variant"))
_NEWEST = Objects(Revision, _OF_A_TEXT.order_by(Revision.number.desc()).limit(1))
_NUMBERED = Objects(Revision, _OF_A_TEXT.where(Revision.number == bindparam("number")))
_APPROVALS = Typed(
    select(Revision.number, Review.kind, Review.digest, Review.clinical_digest, Review.due_on)
    .join(Review, Review.revision_id == Revision.id)
    .where(Revision.variant_id == bindparam("variant"), Review.decision == "approved", Review.revoked_at.is_(None))
    .order_by(Review.id)
)
_AUTHORS = Typed(
    select(Revision.created_by)
    .where(Revision.variant_id == bindparam("variant"))
    .where(Revision.number > bindparam("since"), Revision.number <= bindparam("until"))
    .distinct()
)


def newest_of(variant: Variant) -> Revision:
    """The revision with the highest number, with its words; the others are not read for it."""
    session = object_session(variant)
    if session is None or "revisions" in vars(variant):
        return max(variant.revisions, key=lambda each: each.number)
    found = _NEWEST.first(session, variant=variant.id)
    assert found is not None, "a text has a revision from its first instant"
    return found


def facts_of(work: Work, variant: Variant, revision: Revision) -> Facts:
    """What the rules must know of a variant and one of its revisions, for the moves that the actor's roles allow.

    Who wrote it, and how little it changed, is asked only for somebody who might approve it, or let it pass.
    """
    valid = _approvals(work, variant)
    before = max((each.number for each in valid if each.number < revision.number), default=0)
    now = work.now() if work.locked else work.database.instant()
    shown = live.revision(work, variant)
    medically_approved, renewable = _medical(variant, revision, valid, now.date())
    facts = Facts(
        scope=variant.scope,
        state=revision.state,
        clinical=content_type(variant.entry.type).review is not None and variant.scope == variant.entry.scope,
        live=shown is not None,
        shown=shown == revision.number,
        withdrawn=variant.withdrawn_at is not None,
        scheduled=any(each.at > now for each in live.transitions(variant)),
        medically_approved=medically_approved,
        renewable=renewable,
        approved=any(each.digest == revision.digest for each in valid),
        lacking=pictured.lacking(work, variant, revision) if revision.state == workflow.APPROVED else (),
    )
    waives = workflow.allowed("waive", work.actor, facts)
    if waives or workflow.allowed("approve", work.actor, facts):
        facts = replace(facts, authors=_authors(work, variant, before, revision.number))
    if waives and before and revision.state != workflow.APPROVED:
        facts = replace(facts, typo=_is_typo(work, variant, before, revision))
    return facts


def _medical(variant: Variant, revision: Revision, valid: list[Any], today: dt.date) -> tuple[bool, bool]:
    """(whether these clinical words have a medical approval that counts, whether it is due to be renewed)."""
    found = [each for each in valid if each.kind == "medical" and each.clinical_digest == revision.clinical_digest]
    policy, due_on = content_type(variant.entry.type).review, found[-1].due_on if found else None
    if policy is None or due_on is None:
        return bool(found), False
    lapsed = policy.at_expiry == "withdraw" and review.lapsed(due_on, policy.overdue_days, today)
    return not lapsed, review.renewable(due_on, today)


def require(work: Work, move: str, facts: Facts) -> None:
    """Raise forbidden or conflict unless the actor may make this move now."""
    if not workflow.allowed(move, work.actor, facts):
        takes = needed(workflow.right_to(move, facts), facts.scope)
        raise CmsError("forbidden", f"To {move} this text as it is ({facts.state}) takes {takes}.")
    if blockers := workflow.blockers(move, work.actor, facts):
        raise conflict(blockers)


def authors_of(work: Work, variant: Variant, revision: Revision) -> frozenset[str]:
    """Who wrote any revision since the last approved one, this one included."""
    earlier = (each.number for each in _approvals(work, variant) if each.number < revision.number)
    return _authors(work, variant, max(earlier, default=0), revision.number)


def last_approved(work: Work, variant: Variant, number: int) -> Revision | None:
    """The newest revision before a number whose approval stands."""
    before = max((each.number for each in _approvals(work, variant) if each.number < number), default=None)
    return None if before is None else _numbered(work, variant, before)


def _approvals(work: Work, variant: Variant) -> list[Any]:
    """Approvals of a text that stand: (number of the revision, kind, digest, clinical_digest)."""
    return rows(work.session, _APPROVALS, variant=variant.id)


def _authors(work: Work, variant: Variant, since: int, until: int) -> frozenset[str]:
    """Four eyes: who wrote any revision since the last approved one, this one included."""
    found = rows(work.session, _AUTHORS, variant=variant.id, since=since, until=until)
    return frozenset(each.created_by for each in found if each.created_by)


def _is_typo(work: Work, variant: Variant, before: int, revision: Revision) -> bool:
    approved = _numbered(work, variant, before)
    return approved.slug == revision.slug and is_typo(approved.document, revision.document)


def _numbered(work: Work, variant: Variant, number: int) -> Revision:
    return _NUMBERED.all(work.session, variant=variant.id, number=number)[0]
