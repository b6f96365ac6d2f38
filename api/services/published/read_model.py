"""The read model's rows: made whole from an entry's timeline, by every verb and by the rebuild command alike."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import selectinload

from api.models import (
    LIBRARY,
    Category,
    Coming,
    Entry,
    Person,
    Published,
    PublishedValue,
    Review,
    Revision,
    SearchDocument,
    Transition,
    Variant,
)
from api.rules.timeline import FOREVER, Event, History, Span, cut, timeline
from api.rules.words import fold, stems, words
from api.services.published import approvals, pictured, review_dues, shown_rows
from api.services.texts import documents
from api.services.work import Work
from schemas.content import content_type
from schemas.content_type import ContentType
from schemas.cuts import to_json, written
from schemas.delivery import Delivered, deliver, texts

Added = Mapping[tuple[str, str], Sequence[Event]]
"""What else is to have happened to texts, by (scope, locale)."""
TOGETHER = (selectinload(Variant.transitions), selectinload(Variant.revisions))
"""What of texts their rows are made of, beside the approvals."""
Row = tuple[dict[str, Any], list[dict[str, Any]], dict[str, str] | None]
"""A published row, what it is found by, and its search text."""


def rewrite(work: Work, entry: Entry) -> None:
    """Replace every published row of an entry by what its timeline says from now on."""
    work.session.flush()
    before = shown_rows.shown(work, [entry.id])[entry.id]
    work.session.execute(delete(Published).where(Published.entry_id == entry.id))
    work.session.execute(delete(Coming).where(Coming.entry_id == entry.id))
    rows = rows_of(work, entry)
    plain = [row for row, _, _ in rows]
    if come := coming(plain, int(work.now().timestamp())):
        work.session.execute(insert(Coming), [{"scope": scope, "at": at, "entry_id": entry.id} for scope, at in come])
    review_dues.owe(work, content_type(entry.type), entry, plain)
    for row, values, search in rows:
        row_id = work.session.execute(insert(Published).returning(Published.id), [row]).scalar_one()
        if values:
            work.session.execute(insert(PublishedValue), [{"published_id": row_id, **value} for value in values])
        if search:
            work.session.execute(insert(SearchDocument), [{"published_id": row_id, **search}])
    shown_rows.forget(work, entry, before, shown_rows.shown(work, [entry.id])[entry.id])


def coming(rows: list[dict[str, Any]], now: int) -> list[tuple[str, int]]:
    """(scope, instant) of everything in an entry's rows that lies ahead: a start or an end."""
    instants = {(row["scope"], row[edge]) for row in rows for edge in ("visible_from", "visible_until")}
    return sorted((scope, at) for scope, at in instants if now < at < FOREVER)


def rows_of(work: Work, entry: Entry) -> list[Row]:
    """(published row, its values, its search text) of every span that has not ended yet."""
    asked = select(Variant).where(Variant.entry_id == entry.id).options(*TOGETHER)
    return ahead(work, *planned(work, entry, work.session.scalars(asked).all(), {}))


def ahead(work: Work, build: Callable[[Span], Row], spans: Sequence[Span]) -> list[Row]:
    """The rows of those spans that have not ended yet."""
    now = int(work.now().timestamp())
    return [build(span) for span in spans if span.visible_until > now]


def planned(
    work: Work, entry: Entry, variants: Sequence[Variant], added: Added, approved: Sequence[Review] | None = None
) -> tuple[Callable[[Span], Row], list[Span]]:
    """(what makes a row of a span, the spans) of an entry's variants, had `added` happened to them too.

    `approved` are their approvals, for whoever has read those of many entries at once.
    """
    builder = _Builder(work, entry, content_type(entry.type), {(each.scope, each.locale): each for each in variants})
    if approved is not None:
        builder.approvals = approved
    whole = timeline([_with(_history(builder, entry, each), added) for each in variants])
    return builder.build, [piece for span in whole for piece in builder.pieces(span)]


def _with(history: History, added: Added) -> History:
    more = added.get((history.scope, history.locale), ())
    events = sorted((*history.events, *more), key=lambda each: (each.at, each.id))
    return replace(history, events=tuple(events)) if more else history


def histories(work: Work, entry: Entry, variants: Sequence[Variant]) -> list[History]:
    """What happened, and is planned, to some variants of an entry: what `timeline` makes its spans of."""
    by_place = {(each.scope, each.locale): each for each in variants}
    builder = _Builder(work, entry, content_type(entry.type), by_place)
    return [_history(builder, entry, each) for each in variants]


def _history(builder: _Builder, entry: Entry, variant: Variant) -> History:
    events = [Event(int(each.at.timestamp()), each.move, each.revision, each.id) for each in variant.transitions]
    overlay = variant.scope != entry.scope
    if not overlay:
        events += builder.expiries(variant, events)
    ordered = tuple(sorted(events, key=lambda each: (each.at, each.id)))
    return History(variant.scope, variant.locale, overlay, ordered)


@dataclass
class _Builder:
    """Makes the rows of one entry; holds what they share."""

    work: Work
    entry: Entry
    kind: ContentType
    variants: dict[tuple[str, str], Variant]

    def build(self, span: Span) -> Row:
        row = self._frame(span)
        if span.state != "live":
            return row, [], None
        base = self.variants[(self.entry.scope, span.locale)]
        revision = _revision(base, span.revision)
        document = self._overlaid(revision.document, span)
        delivered = deliver(self.kind, document)
        picture = pictured.baked(self.work, delivered.image, span)
        title = document[self.kind.title]
        row |= {
            "kind": document.get("kind") or "",
            "slug": revision.slug,
            "title": title,
            "title_key": fold(title)[:200],
            "group_position": self._group_position(delivered),
            "position": document.get("position", 100),
            "revision": revision.number,
            "overlay_revision": span.overlay_revision,
            "published_at": self._first_public(base, span),
            "updated_at": max(span.visible_from, picture["at"] if picture else 0),
            **_written(delivered, picture),
            "sources": to_json(delivered.sources),
            **self._review(base, revision),
        }
        return row, list(self._values(delivered, document, span.locale).values()), self._search(delivered, span.locale)

    def pieces(self, span: Span) -> list[Span]:
        """A span, parted where the consent to its picture ends; one that is over stays as it is."""
        if span.state != "live" or span.visible_until <= int(self.work.now().timestamp()):
            return [span]
        base = self.variants[(self.entry.scope, span.locale)]
        document = self._overlaid(_revision(base, span.revision).document, span)
        return cut(span, pictured.ends(self.work, document.get("image")))

    def _frame(self, span: Span) -> dict[str, Any]:
        slug = self._last_slug(span)
        marker = {"title": "", "title_key": "", "group_position": 0, "position": 0, "revision": 0}
        empty = {"last_reviewed": None, "next_due": None, "reviewer": "{}", "sources": "{}", "links": "{}"}
        return {
            "entry_id": self.entry.id,
            "scope": span.scope,
            "locale": span.locale,
            "visible_from": span.visible_from,
            "visible_until": span.visible_until,
            "type": self.entry.type,
            "state": span.state,
            "kind": "",
            "slug": slug,
            "overlay_revision": None,
            "published_at": span.visible_from,
            "updated_at": span.visible_from,
            "document": to_json(self._withdrawal(span)) if span.state == "gone" else "{}",
            **marker,
            **empty,
        }

    def _last_slug(self, span: Span) -> str:
        base = self.variants.get((self.entry.scope, span.locale))
        past = [each for each in base.transitions if int(each.at.timestamp()) <= span.visible_from] if base else []
        numbers = [each.revision for each in past if each.move == "publish"]
        return _revision(base, numbers[-1]).slug or "" if base and numbers else ""

    def _withdrawal(self, span: Span) -> dict[str, Any]:
        if not span.by:
            return {"kind": "review_expired", "at": span.visible_from, "reason": None, "severity": None, "entry": None}
        made = self.work.session.get_one(Transition, span.by)
        kind = "recalled" if made.move == "recall" else "withdrawn"
        at = int(made.at.timestamp())
        return {"kind": kind, "at": at, "reason": made.reason, "severity": made.severity, "entry": made.replacement_id}

    def _overlaid(self, document: dict[str, Any], span: Span) -> dict[str, Any]:
        if span.overlay_revision is None:
            return document
        patch = _revision(self.variants[(span.scope, span.locale)], span.overlay_revision).document
        return documents.laid_over(self.kind, document, patch)

    def _group_position(self, delivered: Delivered) -> int:
        if self.kind.category != "category" or not delivered.categories:
            return 0
        asked = select(Category.position).where(
            Category.key == delivered.categories[0], Category.scope.in_({LIBRARY, self.entry.scope})
        )
        # A clinic's own category is the one that its texts show.
        return self.work.session.scalar(asked.order_by(Category.scope == LIBRARY).limit(1)) or 0

    def _first_public(self, base: Variant, span: Span) -> int:
        known = (int(each.at.timestamp()) for each in base.transitions if each.move == "publish")
        return min(known, default=span.visible_from)

    def _values(
        self, delivered: Delivered, document: dict[str, Any], locale: str
    ) -> dict[tuple[str, str], dict[str, Any]]:
        asked = {"kind": None} | {name: None for name, each in self.kind.filters.items() if each.kind == "value"}
        found: list[tuple[str, str]] = [(name, value) for name in asked for value in _several(document.get(name))]
        found += [("category", key) for key in delivered.categories]
        found += [(name, each["id"]) for name, refs in delivered.references.items() for each in refs]
        found += [("media", delivered.image)] if delivered.image else []
        found += [("terms", link.id) for link in delivered.links if link.kind == "term"]
        title = document[self.kind.title]
        found += [("word", word) for word in dict.fromkeys(fold(each.text) for each in words(title)) if len(word) > 3]
        for synonym in document.get("synonyms") or []:
            found += [("synonym", " ".join(stems(each, locale))) for each in (synonym, title)]
            named = dict.fromkeys(fold(each.text) for each in words(synonym))
            found += [("word", word) for word in named if len(word) > 3]
        rows = ((name, value[:200], number) for number, (name, value) in enumerate(found) if value)
        return {(name, value): {"name": name, "value": value, "ordinal": number} for name, value, number in rows}

    def _search(self, delivered: Delivered, locale: str) -> dict[str, str]:
        by_weight: dict[str, list[str]] = {"title": [], "summary": [], "body": []}
        for name, _, text in texts(self.kind, delivered):
            weight = "title" if name in (self.kind.title, "synonyms") else name if name == "summary" else "body"
            by_weight[weight] += stems(text, locale)
        return {weight: " ".join(found) for weight, found in by_weight.items()}

    @cached_property
    def approvals(self) -> Sequence[Review]:
        """The approvals of all its texts, newest first."""
        return approvals.standing(self.work, [each.id for each in self.variants.values()]) if self.kind.review else []

    def _approval(self, base: Variant, revision: Revision) -> Review | None:
        own, digest = {each.id for each in base.revisions}, revision.clinical_digest
        fits = (each for each in self.approvals if each.revision_id in own and each.clinical_digest == digest)
        return next(fits, None)

    def _review(self, base: Variant, revision: Revision) -> dict[str, Any]:
        review = self._approval(base, revision)
        if review is None:
            return {}
        person = self.work.session.get(Person, review.reviewer_id) if review.reviewer_id else None
        who = {} if person is None else {
            "name": person.name, "title": person.title, "credentials": person.credentials, "demo": person.demo
        }
        day = review.at.date().isoformat()
        return {"last_reviewed": day, "next_due": review.due_on, "reviewer": to_json(who)}

    def expiries(self, variant: Variant, events: list[Event]) -> list[Event]:
        """Where the type's policy is to withdraw: the instants at which published texts become overdue."""
        if self.kind.review is None or self.kind.review.at_expiry != "withdraw":
            return []
        found = []
        for event in [each for each in events if each.move == "publish"]:
            review = self._approval(variant, _revision(variant, event.revision))
            if review and review.due_on:
                day = dt.date.fromisoformat(review.due_on) + dt.timedelta(days=self.kind.review.overdue_days)
                at = int(dt.datetime.combine(day, dt.time(), dt.UTC).timestamp())
                later = [each.at for each in events if each.at > event.at and each.move == "publish"]
                if at > event.at and all(at < each for each in later):
                    found.append(Event(at, "expire"))
        return found


def _revision(variant: Variant | None, number: int | None) -> Revision:
    assert variant is not None
    return next(each for each in variant.revisions if each.number == number)


def _several(value: Any) -> list[str]:
    """A stored value as the values a filter finds it by."""
    return [str(each) for each in (value if isinstance(value, list) else [value]) if each not in (None, "")]


def _written(delivered: Delivered, picture: dict[str, Any] | None) -> dict[str, str]:
    """The document, and what it points to with the places of what is filled at each read."""
    document, cuts = written(delivered.document | {"categories": delivered.categories}, delivered.marked)
    named = [[each.kind, each.id] for each in delivered.links]
    links = {"references": delivered.references, "links": named, "marked": delivered.marked}
    links |= {"image": picture} if picture else {}
    links["cuts"] = cuts
    return {"document": document, "links": to_json(links)}
