"""What waits: texts for a review, plans for their instant; of every type, with what clinics lay over the library."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Select, and_, bindparam, func, select

from api.models import LIBRARY, Clinic, Entry, ReleaseItem, Revision, Transition, Variant
from api.rules.workflow import IN_REVIEW, MEDICAL
from api.services import lookup, pages
from api.services.etags import etag
from api.services.pages import Rows
from api.services.texts.selecting import live_number, title_beneath, title_of, visible
from api.services.work import Work

Asked = dict[str, Any]
_WAITING = Revision.state.in_(bindparam("waiting", (MEDICAL, IN_REVIEW), expanding=True, literal_execute=True))
"""Written out in the statement: of a value that is bound, no database knows that the index of what waits holds it."""


def waiting(work: Work, asked: Asked, after: tuple[Any, ...] | None, size: int) -> Rows:
    """What was submitted and not decided on, the longest written first; as far as the actor may see it."""
    shown = [Revision.number, Revision.state, Revision.slug, Revision.note, Revision.created_at, Revision.created_by]
    found = _placed([*shown, live_number(work).label("live")])
    found = _narrowed(work, found.join_from(Revision, Variant, Variant.id == Revision.variant_id), asked)
    found = found.where(_WAITING, Revision.id == lookup.NEWEST)
    if state := asked.get("filter[state]"):
        found = found.where(Revision.state == state)
    return pages.page(work, found, (Revision.id,), after, size, lambda row: {
        **_place(row), "state": row.state, "revision": row.number, "live_revision": row.live, "note": row.note,
        "created_at": lookup.instant(row.created_at), "created_by": row.created_by,
    })  # fmt: skip


def planned(work: Work, asked: Asked, after: tuple[Any, ...] | None, size: int) -> Rows:
    """What goes live or ends ahead, in order of its instant; as far as the actor may see it."""
    release = select(ReleaseItem.release_id).where(
        ReleaseItem.variant_id == Transition.variant_id, ReleaseItem.transition_id == Transition.id
    )
    shown = [Transition.move, Transition.at, Transition.revision, Revision.slug]
    found = _placed([*shown, release.limit(1).scalar_subquery().label("release")])
    found = found.join_from(Transition, Variant, Variant.id == Transition.variant_id)
    told = and_(Revision.variant_id == Variant.id, Revision.number == Transition.revision)
    found = _narrowed(work, found.outerjoin(Revision, told), asked)
    found = found.where(Transition.effective.is_(False), Transition.at > work.database.instant())
    return pages.page(work, found, (Transition.at, Transition.id), after, size, lambda row: {
        **_place(row), "move": row.move, "at": lookup.instant(row.at), "revision": row.revision, "release": row.release,
    })  # fmt: skip


def _placed(shown: Iterable[Any]) -> Select[Any]:
    """`shown` with what names a text; an overlay without a title of its own has the library's, if that is live."""
    return select(
        Entry.id, Entry.type, Entry.scope.label("owner"), Variant.locale, Variant.scope, Variant.version,
        Clinic.slug.label("clinic"), func.coalesce(title_of(Revision), title_beneath(), "").label("title"),
        *shown,
    )  # fmt: skip


def _narrowed(work: Work, found: Select[Any], asked: Asked) -> Select[Any]:
    found = found.join(Entry, Entry.id == Variant.entry_id).outerjoin(Clinic, Clinic.id == Variant.scope)
    found = found.where(visible(work.actor, Variant.scope), Entry.archived_at.is_(None))
    if clinic := asked.get("filter[clinic]"):
        found = found.where(Variant.scope == (LIBRARY if clinic == LIBRARY else lookup.scope(work, clinic)))
    for name, column in (("filter[type]", Entry.type), ("filter[locale]", Variant.locale)):
        found = found.where(column == asked[name]) if name in asked else found
    return found


def _place(row: Any) -> dict[str, Any]:
    return {
        "type": row.type,
        "id": row.id,
        "clinic": row.clinic,
        "overlay": row.scope != row.owner,
        "locale": row.locale,
        "slug": row.slug,
        "title": row.title,
        "etag": etag("variant", row.id, row.scope, row.locale, version=row.version),
    }
