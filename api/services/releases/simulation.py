"""What a release would do at an instant: pages, clinics, languages, tags, and what stands against it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from api.models import LIBRARY, Published, Release, Slug
from api.services import lookup
from api.services.published import publications
from api.services.releases import release_gates, release_items, simulated_pages
from api.services.releases.release_items import Blockers, Text
from api.services.work import Work
from schemas.content import content_type
from schemas.delivery import Delivered, deliver

Shown = dict[str, Any]


def simulate(work: Work, release: Release, at: dt.datetime | None = None) -> Shown:
    """The whole answer; nothing is written. `at` as the release plans it, else now; never before now."""
    when = max(at or release.at or work.database.instant(), work.database.instant())
    texts = release_items.texts(work, release)
    blockers = _blockers(work, texts, when)
    pages = simulated_pages.changed(work, release.scope, texts, int(when.timestamp()))
    tags = {tag for text in texts for tag in publications.tags_of(text.entry, text.variant.scope)}
    return {
        "id": release.id,
        "at": lookup.instant(when),
        "possible": not blockers and bool(texts),
        "items": _items(work, texts, when),
        "pages": pages,
        "clinics": sorted({each["clinic"] for each in pages}),
        "locales": sorted({each["locale"] for each in pages}),
        "tags": sorted(tags),
        "blockers": blockers,
    }


def _items(work: Work, texts: Sequence[Text], when: dt.datetime) -> list[Shown]:
    """Every text with what it replaces, and what in it would lead nowhere."""
    targets = {each.item.id: _targets(each) for each in texts}
    live = _live(work, {target for named in targets.values() for target in named}, int(when.timestamp()))
    coming = {(each.entry.id, each.variant.scope) for each in texts}
    titles, made = release_items.titles(work, texts), []
    for text in texts:
        readers = {LIBRARY, text.variant.scope}
        lost = [
            each for each in targets[text.item.id] if not any((each, scope) in live | coming for scope in readers)
        ]
        warnings = [_warning("reference_not_live", f"It refers to {each}, which would not be live.") for each in lost]
        newest = max(each.number for each in text.variant.revisions)
        if newest > text.revision.number:
            warnings.append(_warning("newer_revision", f"There is a newer revision, {newest}."))
        made.append({**release_items.shown(work, text, titles[text.item.id]), "warnings": warnings})
    return made


def _targets(text: Text) -> list[str]:
    """The entries that a text refers to or links, each once. An overlay's patch is no whole document."""
    if text.overlay:
        return []
    delivered: Delivered = deliver(content_type(text.entry.type), text.revision.document)
    named = [each["id"] for refs in delivered.references.values() for each in refs]
    return list(dict.fromkeys([*named, *(link.id for link in delivered.links)]))


def _live(work: Work, ids: set[str], at: int) -> set[tuple[str, str]]:
    """(entry, scope) of what shows at an instant."""
    asked = select(Published.entry_id, Published.scope).where(
        Published.entry_id.in_(ids), Published.state == "live", Published.visible_from <= at,
        Published.visible_until > at,
    )  # fmt: skip
    return {(entry_id, scope) for entry_id, scope in work.session.execute(asked.distinct())}


def _warning(code: str, detail: str) -> dict[str, str]:
    return {"code": code, "detail": detail}


def _blockers(work: Work, texts: Sequence[Text], when: dt.datetime) -> Blockers:
    taken = _taken(work, texts, int(when.timestamp()))
    found = []
    for text in texts:
        found += release_gates.publishing(work, text)
        if who := taken.get(text.item.id):
            detail = f"{who} has the slug {text.revision.slug} for the same readers."
            found.append(release_gates.blocker(work, text, "publish", "slug_taken", detail))
    return found


def _taken(work: Work, texts: Sequence[Text], at: int) -> dict[int, str]:
    """Item -> who else shows under its slug to the same readers then, or goes live with this release."""
    holders: dict[tuple[str, str, str], list[tuple[str, str, str]]] = {}
    for text in texts:
        if text.revision.slug:
            mine = (text.entry.id, text.entry.scope, f"{text.entry.id}, of this release,")
            holders.setdefault(_address(text), []).append(mine)
    coming = {(text.entry.id, text.variant.locale) for text in texts}
    for row in _showing(work, {slug for _, _, slug in holders}, at):
        # A text of this release shows under the slug that it is going to have.
        if (row.entry_id, row.locale) not in coming:
            holders.setdefault((row.type, row.locale, row.slug), []).append((row.entry_id, row.scope, row.entry_id))
    found = {}
    for text in texts:
        for entry_id, scope, who in holders.get(_address(text), ()):
            if entry_id != text.entry.id and (scope == text.entry.scope or LIBRARY in (scope, text.entry.scope)):
                found[text.item.id] = who
    return found


def _address(text: Text) -> tuple[str, str, str]:
    return text.entry.type, text.variant.locale, text.revision.slug or ""


def _showing(work: Work, slugs: set[str], at: int) -> Sequence[Any]:
    """(type, locale, slug, entry_id, scope) of what shows, or is going to show, under some slugs."""
    asked = select(Slug.type, Slug.locale, Slug.slug, Slug.entry_id, Slug.scope).join(
        Published,
        (Published.entry_id == Slug.entry_id)
        & (Published.scope == Slug.scope)
        & (Published.locale == Slug.locale)
        & (Published.slug == Slug.slug),
    )
    asked = asked.where(
        Slug.slug.in_(slugs), Slug.former.is_(False), Published.state == "live", Published.visible_until > at
    )
    return work.session.execute(asked.order_by(Slug.entry_id)).all()
