"""Texts in any state, page by page, as far as the actor may see them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import aliased

from api.models import Clinic, Entry, Revision, Variant
from api.services import lookup, pages
from api.services.etags import etag
from api.services.pages import Rows
from api.services.texts.selecting import in_order, live_number, own, state_of, title_of, visible, wanted
from api.services.work import Work
from schemas.content_type import ContentType


def texts(work: Work, type_name: str, asked: dict[str, Any], after: tuple[Any, ...] | None, size: int) -> Rows:
    """Library and own texts of a type, in order of entry and locale. Filters as schemas/managed/parameters.py."""
    kind = lookup.kind(type_name)
    newest = aliased(Revision)
    live_now = live_number(work)
    shown: list[Any] = [
        Entry.id, Entry.type, Entry.external_key, Entry.archived_at, Clinic.slug.label("clinic"),
        Variant.locale, Variant.scope, Variant.version, Variant.withdrawn_at,
        newest.slug, title_of(newest), newest.number, newest.state, newest.created_at, live_now.label("live"),
    ]  # fmt: skip
    found = (
        select(*shown)
        .join_from(Entry, Variant, and_(Variant.entry_id == Entry.id, own()))
        .outerjoin(Clinic, Clinic.id == Entry.scope)
        .join(newest, newest.id == lookup.NEWEST)
        .where(Entry.type == kind.name, visible(work.actor, Entry.scope))
    )
    found = _narrowed(work, found, asked, kind, newest, live_now)
    return pages.page(work, found, (Entry.id, Variant.id), after, size, _row)


def _narrowed(
    work: Work, found: Select[Any], asked: dict[str, Any], kind: ContentType, newest: Any, live_now: Any
) -> Select[Any]:
    archived = Entry.archived_at.is_not(None) if asked.get("filter[archived]") else Entry.archived_at.is_(None)
    found = wanted(work, found, asked).where(archived)
    if key := asked.get("filter[external_key]"):
        found = found.where(Entry.external_key == key)
    if words := asked.get("q"):
        title = newest.document[kind.title].as_string()
        said = or_(title.icontains(words, autoescape=True), newest.slug.icontains(words, autoescape=True))
        found = found.where(in_order(said))
    state = asked.get("filter[state]")
    if state == "withdrawn":
        return found.where(Variant.withdrawn_at.is_not(None))
    if state == "live":
        return found.where(Variant.withdrawn_at.is_(None), in_order(live_now == newest.number))
    if state:
        not_live = or_(live_now.is_(None), live_now != newest.number)
        return found.where(Variant.withdrawn_at.is_(None), in_order(and_(newest.state == state, not_live)))
    return found


def _row(text: Any) -> dict[str, Any]:
    return {
        "id": text.id,
        "type": text.type,
        "clinic": text.clinic,
        "external_key": text.external_key,
        "slug": text.slug,
        "title": text.title or "",
        "locale": text.locale,
        "state": state_of(text.withdrawn_at, text.live, text.number, text.state),
        "revision": text.number,
        "live_revision": text.live,
        "archived_at": lookup.instant(text.archived_at),
        "updated_at": lookup.instant(text.created_at),
        "etag": etag("variant", text.id, text.scope, text.locale, version=text.version),
    }
