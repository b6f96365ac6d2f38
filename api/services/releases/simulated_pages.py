"""The pages that a release would change, worked out from the timelines of its entries with its moves added."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from api.models import LIBRARY, Clinic, Revision, Variant
from api.queries import paths
from api.queries.house import House, house
from api.rules.timeline import Event, History, Span, timeline
from api.services.published import read_model
from api.services.releases.release_items import Text
from api.services.work import Work
from schemas.content import content_type

LAST = 2**62
"""An id after all others: at its instant, what is simulated has the last word."""
Spans = dict[tuple[str, str], Span]


def changed(work: Work, scope: str, texts: Sequence[Text], at: int) -> list[dict[str, Any]]:
    """[{type, id, locale, clinic, change: new|changed|moved, path, url, api, was}] of every page that reads otherwise.

    `clinic` is the site on which it stands; `was` the path that it leaves, where it moves.
    """
    by_entry: dict[str, list[Text]] = {}
    for text in texts:
        by_entry.setdefault(text.entry.id, []).append(text)
    others = _variants(work, list(by_entry))
    houses = _houses(work, scope)
    return [page for entry_id, mine in by_entry.items() for page in _of_entry(work, houses, mine, others[entry_id], at)]


def _variants(work: Work, ids: list[str]) -> dict[str, list[Variant]]:
    """Every text and overlay of some entries, by entry."""
    asked = select(Variant).where(Variant.entry_id.in_(ids)).order_by(Variant.id)
    eager = (selectinload(Variant.transitions), selectinload(Variant.revisions).selectinload(Revision.reviews))
    found: dict[str, list[Variant]] = {}
    for variant in work.session.scalars(asked.options(*eager)):
        found.setdefault(variant.entry_id, []).append(variant)
    return found


def _houses(work: Work, scope: str) -> list[House]:
    """The clinics that read what the release holds, in order."""
    asked = select(Clinic.slug).order_by(Clinic.position, Clinic.id)
    if scope != LIBRARY:
        asked = asked.where(Clinic.id == scope)
    connection = work.session.connection()
    found = (house(work.database, connection, slug) for slug in list(work.session.scalars(asked)))
    return [each for each in found if each is not None]


def _of_entry(
    work: Work, houses: Sequence[House], texts: Sequence[Text], variants: Sequence[Variant], at: int
) -> Iterator[dict[str, Any]]:
    histories = read_model.histories(work, texts[0].entry, variants)
    now, then = _in_force(histories, at), _in_force([_with(each, texts, at) for each in histories], at)
    for clinic in houses:
        for locale in sorted({each.variant.locale for each in texts} & set(clinic.locales)):
            before, after = (_served(spans, clinic.id, locale) for spans in (now, then))
            if after is not None and _differs(before, after):
                yield _page(clinic, texts[0], variants, locale, before, after)


def _with(history: History, texts: Sequence[Text], at: int) -> History:
    added = [
        Event(at, "publish", each.revision.number, LAST)
        for each in texts if (each.variant.scope, each.variant.locale) == (history.scope, history.locale)
    ]  # fmt: skip
    return replace(history, events=tuple(sorted((*history.events, *added), key=lambda each: (each.at, each.id))))


def _in_force(histories: list[History], at: int) -> Spans:
    spans = [each for each in timeline(histories) if each.visible_from <= at < each.visible_until]
    return {(each.scope, each.locale): each for each in spans}


def _served(spans: Spans, clinic_id: str, locale: str) -> Span | None:
    """What a clinic shows in a language: its own version before the library's, nothing where it hides the entry."""
    if (clinic_id, "*") in spans:
        return None
    span = spans.get((clinic_id, locale)) or spans.get((LIBRARY, locale))
    return span if span is not None and span.state == "live" else None


def _differs(before: Span | None, after: Span) -> bool:
    return before is None or (before.revision, before.overlay_revision) != (after.revision, after.overlay_revision)


def _page(
    clinic: House, text: Text, variants: Sequence[Variant], locale: str, before: Span | None, after: Span
) -> dict[str, Any]:
    entry = text.entry
    base = next(each for each in variants if (each.scope, each.locale) == (entry.scope, locale))
    by_number = {each.number: each for each in base.revisions}
    shown = by_number[after.revision or 0]
    former = by_number[before.revision or 0] if before else None
    moved = former is not None and former.slug != shown.slug
    path = _path(clinic, locale, entry.type, shown)
    return {
        "type": entry.type,
        "id": entry.id,
        "locale": locale,
        "clinic": clinic.slug,
        "change": "new" if former is None else "moved" if moved else "changed",
        "path": path,
        "url": paths.absolute(clinic, path),
        "api": paths.api(clinic, f"/{content_type(entry.type).plural}/{shown.slug}", {"locale": locale}),
        "was": _path(clinic, locale, entry.type, former) if former is not None and moved else None,
    }


def _path(clinic: House, locale: str, type_name: str, revision: Revision) -> str | None:
    return paths.page(clinic, locale, type_name, revision.document.get("kind") or "", revision.slug or "")
