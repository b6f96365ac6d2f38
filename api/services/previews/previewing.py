"""What would be live: the drafts, a release or a shared revision, as rows that delivery reads in place of its own.

The rows come from the same timeline and the same builder as those of a publish, so a preview is what publishing makes.
"""

from __future__ import annotations

import datetime as dt
import math
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, case, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from api.db import Database
from api.errors import not_found
from api.models import LIBRARY, Entry, Media, Release, Revision, Share, Slug, Stamp, Variant
from api.queries import previews
from api.rules.permissions import ANYONE
from api.rules.timeline import Event, Span
from api.services.published import read_model
from api.services.releases import release_items
from api.services.releases.release_plans import LIVE as GONE_LIVE
from api.services.work import Work

LAST = 2**62
"""An id after all others: at its instant, what is tried has the last word."""
AT_ONCE = 500
"""Entries with drafts that are laid out for one request, those changed last first."""
PIECE = 100
"""Entries whose texts are in memory at once."""
PATIENCE = 5.0
"""Seconds in which drafts are laid out; those left out are at the next request, which finds these rows made."""
KEPT_AT_MOST = 1_000
"""Rows that a process remembers, some 30 kB each."""
States = dict[tuple[str, str, bool, int], str]
"""State of a revision by (entry, locale, whether of an overlay, number), of those that are not live."""


Kept = OrderedDict[Any, tuple[int, read_model.Row]]
"""Rows that were made before, by their texts' versions: making one anew takes as long as publishing it."""


@dataclass
class Tried:
    """A preview laid out: as of when, the state of what is not live, and how many entries were left out."""

    at: int
    states: States = field(default_factory=dict)
    left_out: int = 0
    added: dict[str, dict[tuple[str, str], list[Event]]] = field(default_factory=dict)
    """By entry: what is to have happened to its texts."""
    patience: float = math.inf
    """Seconds after which no more rows are made for one request."""
    mark: Any = None
    """The last changes of a category, the clinic or a picture, on which rows depend too."""

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
    tried = Tried(work.database.now(), patience=PATIENCE)
    highest = func.max(Revision.number).label("number")
    newest = select(Revision.variant_id, highest).group_by(Revision.variant_id).subquery()
    asked = (
        select(Variant, Revision)
        .options(joinedload(Variant.entry))
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


def at(when: dt.datetime) -> Tried:
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
    kept: Kept = work.database.memory.setdefault("previewed", OrderedDict())
    found: dict[tuple[str, str], list[read_model.Row]] = {}
    house = select(func.max(Stamp.number)).where(Stamp.tag.in_([f"c:{LIBRARY}", f"c:{clinic_id}"]))
    pictures = select(func.sum(Media.version), func.max(Media.updated_at))
    tried.mark = (work.session.scalar(house), *work.session.execute(pictures).one())
    ids, until = list(tried.added), time.monotonic() + tried.patience
    for first in range(0, len(ids), PIECE):
        for entry_id, variants in _variants(work, ids[first : first + PIECE], clinic_id).items():
            # In the order of `added`: the entry that the address names comes first, so it is never left out.
            if time.monotonic() < until:
                _add(work, tried, kept, entry_id, variants, found)
            else:
                tried.left_out += len(tried.added[entry_id])
        work.session.expunge_all()
    previews.lay(connection_of(work), found)  # type: ignore[arg-type]
    work.database.read_only(connection_of(work))


def _variants(work: Work, ids: Sequence[str], clinic_id: str) -> dict[str, list[Variant]]:
    """The texts of some entries as a clinic meets them."""
    asked = select(Variant).where(Variant.entry_id.in_(ids)).join(Entry)
    asked = asked.where(Variant.scope.in_({LIBRARY, clinic_id}) | (Variant.scope == Entry.scope))
    together = (joinedload(Variant.entry), selectinload(Variant.transitions), selectinload(Variant.revisions))
    found: dict[str, list[Variant]] = {entry_id: [] for entry_id in ids}
    for each in work.session.scalars(asked.options(*together).order_by(Variant.id)):
        found[each.entry_id].append(each)
    return found


def _add(
    work: Work, tried: Tried, kept: Kept, entry_id: str, variants: Sequence[Variant],
    found: dict[tuple[str, str], list[read_model.Row]],
) -> None:  # fmt: skip
    """Add the rows of one entry in the languages in which something happens to it."""
    added = tried.added[entry_id]
    locales = {locale for _, locale in added}
    build, spans = read_model.planned(work, variants[0].entry, variants, added)
    for locale in locales:
        found[entry_id, locale] = []
    for span in spans:
        # What ends at this instant is there as well: by it a former slug is found.
        if span.locale in locales and span.visible_until >= tried.at:
            found[entry_id, span.locale].append(_row(tried, kept, entry_id, variants, span, build))


def _row(
    tried: Tried, kept: Kept, entry_id: str, variants: Sequence[Variant], span: Span,
    build: Callable[[Span], read_model.Row],
) -> read_model.Row:  # fmt: skip
    """A row as it was made before, as long as its texts have not changed since; with the instants of this span."""
    versions = tuple(each.version for each in variants)
    name = (tried.mark, entry_id, replace(span, visible_from=0, visible_until=0), versions)
    if (known := kept.get(name)) is None:
        known = kept[name] = (span.visible_from, build(span))
        while len(kept) > KEPT_AT_MOST:
            kept.popitem(last=False)
    began, (row, values, words) = known
    instants = {each: span.visible_from for each in ("published_at", "updated_at") if row[each] == began}
    edges = {"visible_from": span.visible_from, "visible_until": span.visible_until}
    return {**row, **instants, **edges}, values, words
