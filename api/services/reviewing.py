"""Review: submit, approve, reject."""

from __future__ import annotations

import calendar
import datetime as dt

from api.errors import CmsError, conflict
from api.models import Review, Revision, Variant, Waiver
from api.rules import workflow
from api.rules.typos import is_typo
from api.rules.workflow import Facts
from api.services import live, scheduling
from api.services.work import Work
from schemas.content import content_type


def submit(work: Work, variant: Variant) -> Revision:
    """Hand the newest draft to the doctor, or to an editor where no clinical word changed."""
    revision, facts = _ready(work, variant, "submit")
    revision.state = workflow.submitted_state(facts)
    return _moved(work, variant, revision, "submit")


def approve(work: Work, variant: Variant, note: str | None = None) -> Revision:
    """Approve the newest revision: by a medical reviewer out of medical review, else by an editor."""
    revision, facts = _ready(work, variant, "approve")
    kind = content_type(variant.entry.type)
    medical = facts.state == workflow.MEDICAL
    now = work.now()
    work.session.add(
        Review(
            revision_id=revision.id,
            kind="medical" if medical else "editorial",
            decision="approved",
            digest=revision.digest,
            clinical_digest=revision.clinical_digest,
            reviewer_id=work.actor.person_id,
            at=now,
            due_on=_due_on(now.date(), kind.review.months) if medical and kind.review else None,
            comments=[],
        )
    )
    revision.state = workflow.APPROVED
    revision.note = note or revision.note
    return _moved(work, variant, revision, "approve")


def reject(work: Work, variant: Variant, comments: list[dict[str, str]]) -> Revision:
    """Send the newest revision back with comments [{pointer, text}]; an approval is revoked, a schedule cancelled."""
    revision, _ = _ready(work, variant, "reject")
    now = work.now()
    for review in revision.reviews:
        review.revoked_at = review.revoked_at or now
    if scheduling.cancel(work, variant, revision.number):
        scheduling.settle(work, variant)
    work.session.add(
        Review(
            revision_id=revision.id,
            kind="medical" if revision.state == workflow.MEDICAL else "editorial",
            decision="rejected",
            digest=revision.digest,
            clinical_digest=revision.clinical_digest,
            reviewer_id=work.actor.person_id,
            at=now,
            comments=comments,
        )
    )
    revision.state = workflow.DRAFT
    return _moved(work, variant, revision, "reject")


def waive(work: Work, variant: Variant, code: str, reason: str) -> Revision:
    """Let a typo in an approved text pass without a new review, by name and reason; its review date stays."""
    revision, facts = _ready(work, variant, "waive")
    before = _last_approved(variant, revision)
    medical = (
        next((each for each in reversed(before.reviews) if each.kind == "medical" and _stands(each)), None)
        if before
        else None
    )
    now = work.now()
    work.session.add(
        Review(
            revision_id=revision.id,
            kind="medical" if facts.clinical and not facts.medically_approved else "editorial",
            decision="approved",
            digest=revision.digest,
            clinical_digest=revision.clinical_digest,
            reviewer_id=work.actor.person_id,
            at=medical.at if medical else now,
            due_on=medical.due_on if medical else None,
            comments=[],
        )
    )
    waiver = Waiver(revision_id=revision.id, code=code, reason=reason, digest=revision.digest, at=now,
                    person_id=work.actor.person_id)  # fmt: skip
    work.session.add(waiver)
    revision.state = workflow.APPROVED
    return _moved(work, variant, revision, "waive")


def facts_of(work: Work, variant: Variant, revision: Revision) -> Facts:
    """What the rules must know of a variant and one of its revisions."""
    valid = [review for each in variant.revisions for review in each.reviews if _stands(review)]
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
        authors=_authors(variant, revision),
        typo=_is_typo(variant, revision),
    )


def require(work: Work, move: str, facts: Facts) -> None:
    """Raise forbidden or conflict unless the actor may make this move now."""
    if not workflow.allowed(move, work.actor, facts):
        raise CmsError("forbidden", f"Your roles do not allow to {move} this text as it is ({facts.state}).")
    if blockers := workflow.blockers(move, work.actor, facts):
        raise conflict(blockers)


def _ready(work: Work, variant: Variant, move: str) -> tuple[Revision, Facts]:
    revision = max(variant.revisions, key=lambda each: each.number)
    facts = facts_of(work, variant, revision)
    require(work, move, facts)
    return revision, facts


def _moved(work: Work, variant: Variant, revision: Revision, verb: str) -> Revision:
    variant.version += 1
    work.log(
        verb,
        variant.entry_id,
        locale=variant.locale,
        scope=variant.scope,
        revision=revision.number,
        state=revision.state,
        digest=revision.digest,
    )
    work.session.flush()
    work.session.expire(revision, ["reviews"])
    return revision


def _stands(review: Review) -> bool:
    return review.decision == "approved" and review.revoked_at is None


def _last_approved(variant: Variant, revision: Revision) -> Revision | None:
    """The newest earlier revision whose approval stands."""
    earlier = [each for each in variant.revisions if each.number < revision.number]
    approved = [each for each in earlier if any(_stands(review) for review in each.reviews)]
    return max(approved, key=lambda each: each.number, default=None)


def _is_typo(variant: Variant, revision: Revision) -> bool:
    before = _last_approved(variant, revision)
    return before is not None and before.slug == revision.slug and is_typo(before.document, revision.document)


def _authors(variant: Variant, revision: Revision) -> frozenset[str]:
    """Four eyes: who wrote any revision since the last approved one, this one included."""
    before = _last_approved(variant, revision)
    since = before.number if before else 0
    written = [each for each in variant.revisions if since < each.number <= revision.number]
    return frozenset(each.created_by for each in written if each.created_by)


def _due_on(day: dt.date, months: int) -> str:
    """The same day so many months on, or the month's last day where it has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    last = calendar.monthrange(year, month)[1]
    return dt.date(year, month, min(day.day, last)).isoformat()
