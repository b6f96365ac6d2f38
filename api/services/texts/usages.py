"""Who refers to an entry, in live texts and in drafts."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Text, cast, select
from sqlalchemy.orm import contains_eager, undefer

from api.models import LIBRARY, Clinic, Entry, Published, PublishedValue, Revision, Variant
from api.services import lookup
from api.services.texts import live, showing
from api.services.work import Work
from schemas.content import CONTENT_TYPES, content_type
from schemas.delivery import deliver


def archive_blockers(work: Work, entry: Entry) -> list[dict[str, Any]]:
    """Why an entry cannot be put away: [{move, code, pointer, detail}]."""
    found = []
    now = work.now()
    texts = list(work.session.scalars(select(Variant).where(Variant.entry_id == entry.id)))
    if any(live.revision(work, each) is not None for each in texts if each.scope == entry.scope):
        found.append(("live", "A text of it is live: unpublish or withdraw it first."))
    if any(each.at > now for text in texts for each in text.transitions):
        found.append(("scheduled", "Something of it is scheduled: unschedule it first."))
    users = sorted({row.entry_id for row in live_users(work, entry)})
    found += [("in_use", f"Live content refers to it: {user}.") for user in users[:20]]
    return [{"move": "archive", "code": code, "pointer": "", "detail": detail} for code, detail in found]


def everywhere(work: Work, entry: Entry) -> dict[str, Any]:
    """{live, drafts, others}: who refers to an entry; live texts of clinics the actor does not see are only counted."""
    found = [(row.entry_id, row.type, row.scope, row.locale) for row in live_users(work, entry)]
    titles = _titles(work, {each[0] for each in found})
    slugs = {row.id: row.slug for row in work.session.execute(select(Clinic.id, Clinic.slug))}
    named = [each for each in found if _named(work, each, titles)]
    live_ones = [
        {"type": type_name, "id": id_, "clinic": slugs.get(scope), "locale": locale,
         "title": titles.get((id_, scope, locale), "")}
        for id_, type_name, scope, locale in named
    ]  # fmt: skip
    drafts = [
        {"type": text.entry.type, "id": text.entry_id, "clinic": slugs.get(text.scope), "locale": text.locale,
         "title": newest.document.get(content_type(text.entry.type).title) or "", "revision": newest.number,
         "state": showing.state(work, text, newest)}
        for text, newest in draft_users(work, entry)
    ]  # fmt: skip
    hidden = {each for each in found if each[2] != LIBRARY and each not in named}
    return {"live": live_ones, "drafts": drafts, "others": len(hidden)}


def _named(work: Work, row: tuple[str, str, str, str], titles: dict[tuple[str, str, str], str]) -> bool:
    """A library text that is public now is no secret; one that is only planned is."""
    entry_id, _, scope, locale = row
    return work.actor.sees(scope) or (scope == LIBRARY and (entry_id, scope, locale) in titles)


def _titles(work: Work, ids: set[str]) -> dict[tuple[str, str, str], str]:
    """(entry, scope, locale) of what is live now -> its title."""
    if not ids:
        return {}
    now = int(work.database.instant().timestamp())
    asked = select(Published.entry_id, Published.scope, Published.locale, Published.title).where(
        Published.entry_id.in_(ids), Published.state == "live", Published.visible_from <= now,
        Published.visible_until > now,
    )  # fmt: skip
    return {(row.entry_id, row.scope, row.locale): row.title for row in work.session.execute(asked)}


def live_users(work: Work, entry: Entry) -> list[Any]:
    """Published rows, now or planned, whose relations or texts lead to an entry: (entry_id, type, scope, locale)."""
    now = int((work.now() if work.locked else work.database.instant()).timestamp())
    asked = (
        select(Published.entry_id, Published.type, Published.scope, Published.locale)
        .join(PublishedValue, PublishedValue.published_id == Published.id)
        .where(
            PublishedValue.value == entry.id,
            PublishedValue.name.in_(_relations(entry.type)),
            Published.visible_until > now,
            Published.entry_id != entry.id,
        )
        .distinct()
        .order_by(Published.entry_id, Published.locale, Published.scope)
    )
    named = list(work.session.execute(asked))
    linked = select(Published.entry_id, Published.type, Published.scope, Published.locale).where(
        Published.links.contains(f'"{entry.id}"', autoescape=True),
        Published.visible_until > now,
        Published.entry_id != entry.id,
    )
    return list(dict.fromkeys([*named, *work.session.execute(linked)]))


def draft_users(work: Work, entry: Entry) -> list[tuple[Variant, Revision]]:
    """Texts the actor may see whose newest revision refers to an entry and is not what is live."""
    return [
        (variant, newest)
        for variant, newest in drafts_naming(work, entry.id)
        if work.actor.sees(variant.scope)
        and variant.scope == variant.entry.scope
        and _refers(variant.entry.type, newest, entry.id)
    ]


def drafts_naming(work: Work, named: str) -> list[tuple[Variant, Revision]]:
    """Texts and overlays of entries that are not put away, whose newest revision holds a word and is not what is live.

    The words of every newest revision are looked through, where the database keeps them.
    """
    said = cast(Revision.document, Text).contains(named, autoescape=True)
    asked = (
        select(Variant, Revision)
        .join(Entry, Entry.id == Variant.entry_id)
        .join(Revision, Revision.id == lookup.NEWEST)
        .where(said, Entry.archived_at.is_(None))
        .options(contains_eager(Variant.entry), undefer(Revision.document))
        .order_by(Variant.id)
    )
    found = work.session.execute(asked).all()
    return [(variant, newest) for variant, newest in found if newest.number != live.revision(work, variant)]


def _refers(type_name: str, revision: Revision, entry_id: str) -> bool:
    delivered = deliver(content_type(type_name), revision.document)
    named = {each["id"] for refs in delivered.references.values() for each in refs}
    return entry_id in named | {link.id for link in delivered.links}


def _relations(target: str) -> list[str]:
    names = {each.name for kind in CONTENT_TYPES for each in kind.relations if each.target == target}
    return sorted(names | {"terms"})
