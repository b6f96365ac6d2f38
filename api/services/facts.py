"""What the rules of the workflow must know of a text, asked of the database without walking its history."""

from __future__ import annotations

from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import object_session, undefer

from api.errors import CmsError, conflict
from api.models import Review, Revision, Variant
from api.rules import workflow
from api.rules.typos import is_typo
from api.rules.workflow import Facts
from api.services import live
from api.services.work import Work
from schemas.content import content_type


def newest_of(variant: Variant) -> Revision:
    """The revision with the highest number, with its words; the others are not read for it."""
    session = object_session(variant)
    if session is None or "revisions" not in inspect(variant).unloaded:
        return max(variant.revisions, key=lambda each: each.number)
    asked = select(Revision).where(Revision.variant_id == variant.id).order_by(Revision.number.desc()).limit(1)
    return session.scalars(asked.options(undefer(Revision.document))).one()


def facts_of(work: Work, variant: Variant, revision: Revision) -> Facts:
    """What the rules must know of a variant and one of its revisions."""
    valid = _approvals(work, variant)
    before = max((each.number for each in valid if each.number < revision.number), default=0)
    now = work.now() if work.locked else None
    shown = live.revision(work, variant)
    return Facts(
        scope=variant.scope,
        state=revision.state,
        clinical=content_type(variant.entry.type).review is not None and variant.scope == variant.entry.scope,
        live=shown is not None,
        shown=shown == revision.number,
        withdrawn=variant.withdrawn_at is not None,
        scheduled=any(not each.effective and (now is None or each.at > now) for each in variant.transitions),
        medically_approved=any(
            each.kind == "medical" and each.clinical_digest == revision.clinical_digest for each in valid
        ),
        approved=any(each.digest == revision.digest for each in valid),
        authors=_authors(work, variant, before, revision.number),
        typo=bool(before) and revision.state != workflow.APPROVED and _is_typo(work, variant, before, revision),
    )


def require(work: Work, move: str, facts: Facts) -> None:
    """Raise forbidden or conflict unless the actor may make this move now."""
    if not workflow.allowed(move, work.actor, facts):
        raise CmsError("forbidden", f"Your roles do not allow to {move} this text as it is ({facts.state}).")
    if blockers := workflow.blockers(move, work.actor, facts):
        raise conflict(blockers)


def last_approved(work: Work, variant: Variant, number: int) -> Revision | None:
    """The newest revision before a number whose approval stands."""
    before = max((each.number for each in _approvals(work, variant) if each.number < number), default=None)
    return None if before is None else _numbered(work, variant, before)


def _approvals(work: Work, variant: Variant) -> list[Any]:
    """Approvals of a text that stand: (number of the revision, kind, digest, clinical_digest)."""
    asked = select(Revision.number, Review.kind, Review.digest, Review.clinical_digest)
    return list(
        work.session.execute(
            asked.join(Review, Review.revision_id == Revision.id).where(
                Revision.variant_id == variant.id, Review.decision == "approved", Review.revoked_at.is_(None)
            )
        )
    )


def _authors(work: Work, variant: Variant, since: int, until: int) -> frozenset[str]:
    """Four eyes: who wrote any revision since the last approved one, this one included."""
    asked = select(Revision.created_by).where(
        Revision.variant_id == variant.id, Revision.number > since, Revision.number <= until
    )
    return frozenset(each for each in work.session.scalars(asked.distinct()) if each)


def _is_typo(work: Work, variant: Variant, before: int, revision: Revision) -> bool:
    approved = _numbered(work, variant, before)
    return approved.slug == revision.slug and is_typo(approved.document, revision.document)


def _numbered(work: Work, variant: Variant, number: int) -> Revision:
    asked = select(Revision).where(Revision.variant_id == variant.id, Revision.number == number)
    return work.session.scalars(asked.options(undefer(Revision.document))).one()
