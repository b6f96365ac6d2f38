"""Medical reviews that are due, overdue or coming up, of texts that are live."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import aliased

from api.models import Clinic, Entry, Person, Review, Revision, Variant
from api.rules.review import RENEWABLE_DAYS, status
from api.services import lookup, pages
from api.services.pages import Rows
from api.services.texts import showing
from api.services.texts.selecting import in_order, live_id, own, state_of, title_of, visible, wanted
from api.services.work import Work
from schemas.content import CONTENT_TYPES, content_type

DAY = dt.timedelta(days=1)
OF_A_REVIEWER = ("id", "name", "title", "credentials", "demo")


def every(work: Work, asked: dict[str, Any], after: tuple[Any, ...] | None, size: int) -> Rows:
    """Live texts whose review ends within so many days, the most urgent first; as far as the actor may see them.

    A text that its type's policy has taken down by now is among them: it waits for its review too.
    """
    today = work.database.instant().date()
    until = today + asked.get("within", RENEWABLE_DAYS) * DAY
    found = _bound(work).where(visible(work.actor, Entry.scope), Review.due_on <= until.isoformat())
    found = wanted(work, found, asked)
    if kind := asked.get("filter[type]"):
        found = found.where(Entry.type == kind)
    if stands := asked.get("filter[status]"):
        found = found.where(or_(*(_stands(each.name, stands, today) for each in CONTENT_TYPES if each.review)))
    return pages.page(work, found, (Review.due_on, Variant.id), after, size, lambda row: _told(work, row))


def _bound(work: Work) -> Select[Any]:
    """(review, variant, entry, live revision, its title, newest revision, clinic's slug, reviewer) of what stands."""
    shown_now, newest, reviewed, theirs = (aliased(Revision) for _ in range(4))
    other = aliased(Review)
    counts = (Review.kind == "medical", Review.decision == "approved", Review.revoked_at.is_(None))
    newer = select(other.id).join(theirs, theirs.id == other.revision_id).where(
        theirs.variant_id == Variant.id, other.kind == "medical", other.decision == "approved",
        other.revoked_at.is_(None), other.clinical_digest == Review.clinical_digest, other.id > Review.id,
    )  # fmt: skip
    return (
        select(Review, Variant, Entry, shown_now, title_of(shown_now), newest, Clinic.slug, Person)
        .join(reviewed, reviewed.id == Review.revision_id)
        .join(Variant, Variant.id == reviewed.variant_id)
        .join(Entry, Entry.id == Variant.entry_id)
        .join(shown_now, shown_now.id == live_id(work))
        .join(newest, newest.id == lookup.NEWEST)
        .outerjoin(Clinic, Clinic.id == Entry.scope)
        .outerjoin(Person, Person.id == Review.reviewer_id)
        .where(
            *counts, own(), Entry.archived_at.is_(None),
            in_order(Entry.type.in_([each.name for each in CONTENT_TYPES if each.review])),
            in_order(shown_now.clinical_digest == Review.clinical_digest), ~newer.correlate(Variant, Review).exists(),
        )
    )  # fmt: skip


def _stands(type_name: str, stands: str, today: dt.date) -> ColumnElement[bool]:
    policy = content_type(type_name).review
    assert policy is not None
    overdue = (today - policy.overdue_days * DAY).isoformat()
    bounds = {
        "current": Review.due_on > today.isoformat(),
        "due": and_(Review.due_on <= today.isoformat(), Review.due_on > overdue),
        "overdue": Review.due_on <= overdue,
    }
    return and_(Entry.type == type_name, bounds[stands])


def _told(work: Work, row: Any) -> dict[str, Any]:
    review, variant, entry, revision, title, newest, clinic, person = row[:8]
    kind = content_type(entry.type)
    assert kind.review is not None
    due = dt.date.fromisoformat(review.due_on)
    today = work.database.instant().date()
    return {
        "type": entry.type,
        "id": entry.id,
        "clinic": clinic,
        "locale": variant.locale,
        "slug": revision.slug,
        "title": title or "",
        "revision": revision.number,
        "state": state_of(variant.withdrawn_at, revision.number, newest.number, newest.state),
        "status": status(review.due_on, kind.review.overdue_days, work.database.now())[0],
        "last_reviewed": review.at.date().isoformat(),
        "next_due": review.due_on,
        "days_left": (due - today).days,
        "policy": kind.review.at_expiry,
        "policy_acts_on": (due + kind.review.overdue_days * DAY).isoformat(),
        "reviewed_by": person and {name: getattr(person, name) for name in OF_A_REVIEWER},
        "etag": showing.tag(variant),
    }
