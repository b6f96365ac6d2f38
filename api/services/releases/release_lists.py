"""Releases as those who plan them see them: one with its texts, or page by page."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, tuple_

from api.models import LIBRARY, Clinic, Release, ReleaseItem
from api.services import lookup
from api.services.etags import etag
from api.services.pages import Rows
from api.services.releases import release_items, releases
from api.services.releases.release_plans import LIVE, SCHEDULED
from api.services.texts.selecting import visible
from api.services.work import Work


def tag(release: Release) -> str:
    """The ETag of one release."""
    return etag("release", release.id, version=release.version)


def shown(work: Work, release: Release) -> dict[str, Any]:
    """The reply to everything that reads or changes one release."""
    texts = release_items.texts(work, release)
    titles = release_items.titles(work, texts)
    return {
        **_frame(work, release, lookup.clinic_slug(work, release.scope)),
        "items": [release_items.shown(work, each, titles[each.item.id]) for each in texts],
        "moves": releases.moves(work, release),
    }


def current(work: Work, release: Release) -> dict[str, Any]:
    """What somebody whose tag is stale is told of what is there now."""
    return {"state": releases.state(work, release), "title": release.title, "at": lookup.instant(release.at)}


def every(work: Work, asked: dict[str, Any], after: tuple[Any, ...] | None, size: int) -> Rows:
    """The releases the actor may see, newest first. Filters as schemas/managed/releases.py."""
    counted = select(func.count(ReleaseItem.id)).where(ReleaseItem.release_id == Release.id).scalar_subquery()
    found = (
        select(Release, Clinic.slug, counted)
        .outerjoin(Clinic, Clinic.id == Release.scope)
        .where(visible(work.actor, Release.scope))
    )
    if clinic := asked.get("filter[clinic]"):
        found = found.where(Release.scope == lookup.scope(work, None if clinic == LIBRARY else clinic))
    if state := asked.get("filter[state]"):
        found = found.where(_in_state(work, state))
    if after is not None:
        last = (dt.datetime.fromtimestamp(after[0], dt.UTC), after[1])
        found = found.where(tuple_(Release.created_at, Release.id) < last)
    found = found.order_by(Release.created_at.desc(), Release.id.desc()).limit(size + 1)
    rows = work.session.execute(found).all()
    listed = [{**_frame(work, row[0], row[1]), "texts": row[2], "etag": tag(row[0])} for row in rows[:size]]
    if len(rows) <= size:
        return Rows(listed, None)
    end = rows[size - 1][0]
    return Rows(listed, (int(end.created_at.timestamp()), end.id))


def _in_state(work: Work, state: str) -> ColumnElement[bool]:
    """A schedule that has come is live, whether or not anybody has said so."""
    now = work.database.instant()
    come = and_(Release.state == SCHEDULED, Release.at <= now)
    if state == LIVE:
        return or_(Release.state == LIVE, come)
    return and_(Release.state == state, ~come) if state == SCHEDULED else Release.state == state


def _frame(work: Work, release: Release, clinic: str | None) -> dict[str, Any]:
    return {
        "id": release.id,
        "title": release.title,
        "clinic": clinic,
        "state": releases.state(work, release),
        "at": lookup.instant(release.at),
        "created_at": lookup.instant(release.created_at),
        "created_by": release.created_by,
    }
