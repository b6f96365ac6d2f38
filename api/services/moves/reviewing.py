"""Review: submit, approve, reject."""

from __future__ import annotations

import calendar
import datetime as dt

from api.errors import invalid_content
from api.models import Review, Revision, Variant, Waiver
from api.rules import workflow
from api.rules.workflow import Facts
from api.services.moves import scheduling
from api.services.published import publications, rewriting
from api.services.texts import claims, live
from api.services.texts import comments as remarks
from api.services.texts.facts import facts_of, last_approved, newest_of, require
from api.services.work import Work
from schemas.content import content_type


def submit(work: Work, variant: Variant, note: str | None = None) -> Revision:
    """Hand the newest draft to the doctor, or to an editor where no clinical word changed.

    Raises conflict where the claims check stands against it.
    """
    revision, facts = _ready(work, variant, "submit")
    claims.require(work, "submit", variant, revision)
    revision.state = workflow.submitted_state(facts)
    revision.note = note or revision.note
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
            note=note,
        )
    )
    revision.state = workflow.APPROVED
    revision.note = note or revision.note
    approved = _moved(work, variant, revision, "approve")
    if medical:
        _tell_readers(work, variant, revision)
    return approved


def reject(work: Work, variant: Variant, comments: list[dict[str, str]], note: str | None = None) -> Revision:
    """Send the newest revision back with comments [{pointer, text}]; an approval is revoked, a schedule cancelled.

    Raises invalid_content (required) where neither these, nor a note, nor a remark from before say what is to change.
    """
    revision, _ = _ready(work, variant, "reject")
    if not comments and not note and not remarks.open_on(work, revision):
        detail = "Say what is to change, in a note or in comments by field: whoever wrote it has to know."
        raise invalid_content([{"pointer": "/note", "code": "required", "detail": detail}])
    now = work.now()
    said = remarks.add_all(work, variant, revision, comments)
    lost = any(each.kind == "medical" and _stands(each) for each in revision.reviews)
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
            comments=said,
            note=note,
        )
    )
    revision.state = workflow.DRAFT
    revision.note = note or revision.note
    rejected = _moved(work, variant, revision, "reject")
    if lost:
        _tell_readers(work, variant, revision)
    return rejected


def waive(work: Work, variant: Variant, code: str, reason: str) -> Revision:
    """Let a typo in an approved text pass without a new review, by name and reason; its review date stays."""
    revision, facts = _ready(work, variant, "waive")
    before = last_approved(work, variant, revision.number)
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


def _ready(work: Work, variant: Variant, move: str) -> tuple[Revision, Facts]:
    revision = newest_of(variant)
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


def _tell_readers(work: Work, variant: Variant, revision: Revision) -> None:
    """Review dates are those of the clinical words: where a live revision has the same ones, its dates change too."""
    shown = live.revision(work, variant)
    if any(each.number == shown and each.clinical_digest == revision.clinical_digest for each in variant.revisions):
        rewriting.soon(work, variant.entry)
        publications.publish_come(work, "review", variant.scope, variant.entry, work.now())


def _stands(review: Review) -> bool:
    return review.decision == "approved" and review.revoked_at is None


def _due_on(day: dt.date, months: int) -> str:
    """The same day so many months on, or the month's last day where it has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    last = calendar.monthrange(year, month)[1]
    return dt.date(year, month, min(day.day, last)).isoformat()
