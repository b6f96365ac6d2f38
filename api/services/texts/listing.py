"""Texts in any state, page by page, as far as the actor may see them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, tuple_
from sqlalchemy.orm import aliased

from api.models import LIBRARY, Clinic, Entry, Revision, Transition, Variant
from api.rules.permissions import Actor
from api.services import lookup
from api.services.etags import etag
from api.services.texts import live
from api.services.work import Work
from schemas.content_type import ContentType


@dataclass
class Rows:
    """One page; `last` the key to go on from, None at the end."""

    rows: list[dict[str, Any]]
    last: tuple[Any, ...] | None


def texts(work: Work, type_name: str, asked: dict[str, Any], after: tuple[Any, ...] | None, size: int) -> Rows:
    """Library and own texts of a type, in order of entry and locale. Filters as schemas/managed/parameters.py."""
    kind = lookup.kind(type_name)
    newest = aliased(Revision)
    live_now = _live(work)
    found = (
        select(Variant, Entry, newest, live_now.label("live"), Clinic.slug)
        .join(Entry, Entry.id == Variant.entry_id)
        .outerjoin(Clinic, Clinic.id == Entry.scope)
        .join(newest, and_(newest.variant_id == Variant.id, newest.number == _highest()))
        .where(Entry.type == kind.name, Variant.scope == Entry.scope, visible(work.actor, Entry.scope))
    )
    found = _narrowed(work, found, asked, kind, newest, live_now)
    if after is not None:
        found = found.where(tuple_(Entry.id, Variant.id) > tuple_(*after))
    rows = work.session.execute(found.order_by(Entry.id, Variant.id).limit(size + 1)).all()
    shown = [_row(kind, *row) for row in rows[:size]]
    last = (rows[size - 1][1].id, rows[size - 1][0].id) if len(rows) > size else None
    return Rows(shown, last)


def visible(actor: Actor, scope: Any) -> ColumnElement[bool]:
    """Scopes whose drafts the actor may see."""
    if actor.sees(LIBRARY):
        return scope.is_not(None)  # type: ignore[no-any-return]
    return scope.in_(sorted({where for _, where in actor.roles}))  # type: ignore[no-any-return]


def _highest() -> Any:
    other = aliased(Revision)
    return select(func.max(other.number)).where(other.variant_id == Variant.id).scalar_subquery()


def _live(work: Work) -> Any:
    """The revision that is live this second, by transitions: no publication has to be numbered first."""
    said = case((Transition.move == "publish", Transition.revision), else_=None)
    past = select(said).where(
        Transition.variant_id == Variant.id, Transition.at <= work.database.instant(), Transition.move.in_(live.MOVES)
    )
    return past.order_by(Transition.at.desc(), Transition.id.desc()).limit(1).scalar_subquery()


def _narrowed(
    work: Work, found: Select[Any], asked: dict[str, Any], kind: ContentType, newest: Any, live_now: Any
) -> Select[Any]:
    archived = Entry.archived_at.is_not(None) if asked.get("filter[archived]") else Entry.archived_at.is_(None)
    found = found.where(archived)
    if clinic := asked.get("filter[clinic]"):
        found = found.where(Entry.scope == lookup.scope(work, None if clinic == LIBRARY else clinic))
    if locale := asked.get("filter[locale]"):
        found = found.where(Variant.locale == locale)
    if key := asked.get("filter[external_key]"):
        found = found.where(Entry.external_key == key)
    if words := asked.get("q"):
        title = newest.document[kind.title].as_string()
        found = found.where(or_(title.icontains(words, autoescape=True), newest.slug.icontains(words, autoescape=True)))
    state = asked.get("filter[state]")
    if state == "withdrawn":
        return found.where(Variant.withdrawn_at.is_not(None))
    if state == "live":
        return found.where(Variant.withdrawn_at.is_(None), live_now == newest.number)
    if state:
        not_live = or_(live_now.is_(None), live_now != newest.number)
        return found.where(Variant.withdrawn_at.is_(None), newest.state == state, not_live)
    return found


def _row(
    kind: ContentType, variant: Variant, entry: Entry, newest: Revision, live_now: int | None, clinic: str | None
) -> dict[str, Any]:
    shown = "live" if live_now == newest.number else newest.state
    return {
        "id": entry.id,
        "type": entry.type,
        "clinic": clinic,
        "external_key": entry.external_key,
        "slug": newest.slug,
        "title": newest.document.get(kind.title) or "",
        "locale": variant.locale,
        "state": "withdrawn" if variant.withdrawn_at else shown,
        "revision": newest.number,
        "live_revision": live_now,
        "archived_at": lookup.instant(entry.archived_at),
        "updated_at": lookup.instant(newest.created_at),
        "etag": etag("variant", entry.id, variant.scope, variant.locale, version=variant.version),
    }
