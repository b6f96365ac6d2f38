"""The history of a text: its revisions with what was decided on each, and how two of them differ."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from api.errors import not_found
from api.models import ClaimWaiver, Comment, Person, Revision, Variant, Waiver
from api.rules import differences
from api.services.lookup import instant
from api.services.texts import live, showing
from api.services.work import Work
from schemas.content import content_type

Shown = dict[str, Any]


def revisions(
    work: Work, variant: Variant, after: int | None, size: int
) -> tuple[Sequence[Revision], int | None]:
    """(one page of revisions, newest first; the number to go on from, None at the end)."""
    asked = select(Revision).where(Revision.variant_id == variant.id)
    if after is not None:
        asked = asked.where(Revision.number < after)
    asked = asked.options(selectinload(Revision.reviews)).order_by(Revision.number.desc()).limit(size + 1)
    found = work.session.scalars(asked).all()
    page = found[:size]
    return page, page[-1].number if len(found) > size else None


def told(work: Work, variant: Variant, found: Sequence[Revision]) -> list[Shown]:
    """Revisions with their reviews, waivers and how many comments each has."""
    waivers = _waivers(work, variant, found)
    asked = select(Comment.revision, func.count()).where(Comment.variant_id == variant.id).group_by(Comment.revision)
    comments = {row[0]: row[1] for row in work.session.execute(asked)}
    shown = live.revision(work, variant)
    return [
        {
            **showing.revision(each),
            "slug": each.slug,
            "base_revision": each.base_revision,
            "live": each.number == shown,
            "reviews": [_review(review) for review in each.reviews],
            "waivers": waivers[each.id],
            "comments": comments.get(each.number, 0),
        }
        for each in found
    ]


def one(work: Work, variant: Variant, number: str) -> Revision:
    """A revision by its number as an address says it. Raises not_found."""
    wanted = int(number) if number.isascii() and number.isdigit() and len(number) < 10 else 0
    found = next((each for each in variant.revisions if each.number == wanted), None)
    if found is None:
        raise not_found(f"There is no revision {number[:20]} of this text.")
    return found


def difference(variant: Variant, newer: Revision, older: Revision | None) -> Shown:
    """What changed from one revision to another; everything was added where there is none before."""
    kind = content_type(variant.entry.type)
    changed_meaning = older is None or older.clinical_digest != newer.clinical_digest
    found = differences.differences(_as_value(older), _as_value(newer))
    for each in found:
        each["clinical"] = changed_meaning and differences.clinical(kind, each["pointer"])
        each.setdefault("text", [])
    return {
        "revision": newer.number,
        "against": older.number if older else None,
        "same": not found,
        "clinical_changed": changed_meaning and bool(found),
        "changes": found,
    }


def before(variant: Variant, revision: Revision) -> Revision | None:
    """The revision before, if there is one."""
    earlier = [each for each in variant.revisions if each.number < revision.number]
    return max(earlier, key=lambda each: each.number, default=None)


def people(work: Work, ids: set[str | None]) -> dict[str, Shown]:
    """Who is named by id: {id: {name, title}}; name is null for people known by their role."""
    named = {each for each in ids if each}
    asked = select(Person.id, Person.name, Person.title).where(Person.id.in_(named))
    return {row.id: {"name": row.name, "title": row.title} for row in work.session.execute(asked)} if named else {}


def _as_value(revision: Revision | None) -> Shown:
    if revision is None:
        return {"document": {}}
    slug = {} if revision.slug is None else {"slug": revision.slug}
    return {**slug, "document": revision.document}


def _review(review: Any) -> Shown:
    return {
        "kind": review.kind,
        "decision": review.decision,
        "by": review.reviewer_id,
        "at": instant(review.at),
        "due_on": review.due_on,
        "revoked_at": instant(review.revoked_at),
        "note": review.note,
    }


def _waivers(work: Work, variant: Variant, found: Sequence[Revision]) -> dict[int, list[Shown]]:
    rows = work.session.scalars(
        select(Waiver).where(Waiver.revision_id.in_([each.id for each in found])).order_by(Waiver.id)
    )
    told: dict[int, list[Shown]] = defaultdict(list)
    for row in rows:
        told[row.revision_id].append(
            {
                "code": row.code, "rule": None, "pointer": None, "reason": row.reason, "by": row.person_id,
                "at": instant(row.at),
            }  # fmt: skip
        )
    ids = {each.number: each.id for each in found}
    asked = select(ClaimWaiver).where(ClaimWaiver.variant_id == variant.id, ClaimWaiver.revision.in_(ids))
    for each in work.session.scalars(asked.order_by(ClaimWaiver.id)):
        told[ids[each.revision]].append(
            {
                "code": "claims", "rule": each.rule, "pointer": each.pointer, "reason": each.reason,
                "by": each.person_id, "at": instant(each.at),
            }  # fmt: skip
        )
    return told
