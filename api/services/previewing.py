"""What would be live: the drafts, a release or a shared revision, as rows that delivery reads in place of its own.

The rows come from the same timeline and the same builder as those of a publish, so a preview is what publishing makes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Connection, case, func, select
from sqlalchemy.orm import Session

from api.db import Database
from api.errors import not_found
from api.models import LIBRARY, Entry, Release, Revision, Share, Slug, Variant
from api.queries import previews
from api.rules.permissions import ANYONE
from api.rules.timeline import Event
from api.services import read_model, release_items
from api.services.release_plans import LIVE as GONE_LIVE
from api.services.work import Work

LAST = 2**62
"""An id after all others: at its instant, what is tried has the last word."""
AT_ONCE = 500
"""Entries with drafts that are laid out for one request, those changed last first."""
States = dict[tuple[str, str, bool, int], str]
"""State of a revision by (entry, locale, whether of an overlay, number), of those that are not live."""


@dataclass
class Tried:
    """A preview laid out: as of when, the state of what is not live, and how many entries were left out."""

    at: int
    states: States = field(default_factory=dict)
    left_out: int = 0
    added: dict[str, dict[tuple[str, str], list[Event]]] = field(default_factory=dict)
    """By entry: what is to have happened to its texts."""

    def publish(self, variant: Variant, revision: Revision) -> None:
        """Let a revision be published."""
        overlay = variant.scope != variant.entry.scope
        self.states[variant.entry_id, variant.locale, overlay, revision.number] = revision.state
        self.happen(variant, Event(self.at, "publish", revision.number, LAST))

    def happen(self, variant: Variant, event: Event) -> None:
        self.added.setdefault(variant.entry_id, {}).setdefault((variant.scope, variant.locale), []).append(event)


@contextmanager
def trying(database: Database) -> Iterator[Work]:
    """The house as it is, on a connection where what would be can be laid before it. Nothing of it stays."""
    with database.trying(previews.tables(sqlite=database.sqlite)) as connection:
        session = Session(connection, expire_on_commit=False, autoflush=False)
        yield Work(database, session, ANYONE, _now=database.instant())


def connection_of(work: Work) -> Connection:
    return work.session.connection()


def drafts(work: Work, scopes: set[str], slug: str | None) -> Tried:
    """The newest revision of every text of these scopes that is neither live nor withdrawn.

    Of more than AT_ONCE entries those that hold `slug` come first, then those changed last.
    """
    tried = Tried(work.database.now())
    highest = func.max(Revision.number).label("number")
    newest = select(Revision.variant_id, highest).group_by(Revision.variant_id).subquery()
    asked = (
        select(Variant, Revision)
        .join(Entry, Entry.id == Variant.entry_id)
        .join(newest, newest.c.variant_id == Variant.id)
        .join(Revision, (Revision.variant_id == Variant.id) & (Revision.number == newest.c.number))
        .where(
            Variant.scope.in_(scopes), Variant.withdrawn_at.is_(None), Entry.archived_at.is_(None),
            func.coalesce(Variant.live_revision, 0) != Revision.number,
        )
    )  # fmt: skip
    named = select(Slug.entry_id).where(Slug.slug == (slug or ""))
    first = case((Variant.entry_id.in_(named), 0), else_=1)
    for variant, revision in work.session.execute(
        asked.order_by(first, Revision.created_at.desc(), Revision.id.desc())
    ):
        if variant.entry_id in tried.added or len(tried.added) < AT_ONCE:
            tried.publish(variant, revision)
        else:
            tried.left_out += 1
    return tried


def release(work: Work, release_id: str, scopes: set[str]) -> Tried:
    """What a release would leave behind, at its instant or now. Raises not_found for one of another scope."""
    found = work.session.get(Release, release_id)
    if found is None or found.scope not in scopes:
        raise not_found("There is no such release.")
    when = max(found.at or work.now(), work.now())
    tried = Tried(int(when.timestamp()))
    if found.state != GONE_LIVE:
        for text in release_items.texts(work, found):
            tried.publish(text.variant, text.revision)
    return tried


def at(work: Work, when: dt.datetime) -> Tried:
    """What is planned to be live at an instant ahead: the read model knows."""
    return Tried(int(when.timestamp()))


def shared(work: Work, share: Share) -> Tried:
    """One revision over what is live, for the clinic of a share link; a pin of that clinic holds nothing back."""
    tried = Tried(work.database.now())
    asked = select(Variant).where(Variant.entry_id == share.entry_id, Variant.locale == share.locale)
    for variant in work.session.scalars(asked.where(Variant.scope.in_({LIBRARY, share.clinic_id}))):
        overlay = variant.scope != variant.entry.scope
        number = share.overlay_revision if overlay else share.revision
        if overlay:
            tried.happen(variant, Event(tried.at, "follow", None, LAST - 1))
        if (revision := next((each for each in variant.revisions if each.number == number), None)) is not None:
            tried.publish(variant, revision)
            if variant.live_revision == revision.number:
                tried.states[variant.entry_id, variant.locale, overlay, revision.number] = "live"
    return tried


def lay(work: Work, tried: Tried, clinic_id: str) -> None:
    """Make the rows and put them before the real ones; from then on nothing is written."""
    found: dict[str, list[previews.Row]] = {}
    for entry_id, added in tried.added.items():
        entry = work.session.get_one(Entry, entry_id)
        found[entry_id] = list(read_model.rows_if(work, entry, added, {clinic_id}))
        work.session.expunge_all()
    previews.lay(connection_of(work), found)  # type: ignore[arg-type]
    work.database.read_only(connection_of(work))
