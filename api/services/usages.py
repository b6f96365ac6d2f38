"""Who refers to an entry, in live texts and in drafts."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Text, cast, select

from api.models import Entry, Published, PublishedValue, Revision, Variant
from api.services import live
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
    found = []
    named = cast(Revision.document, Text).contains(entry.id, autoescape=True)
    asked = select(Variant).join(Entry).join(Revision, Revision.variant_id == Variant.id)
    for variant in work.session.scalars(asked.where(named, Entry.archived_at.is_(None)).distinct()):
        if not variant.revisions or not work.actor.sees(variant.scope) or variant.scope != variant.entry.scope:
            continue
        newest = max(variant.revisions, key=lambda each: each.number)
        if newest.number != live.revision(work, variant) and _refers(variant.entry.type, newest, entry.id):
            found.append((variant, newest))
    return found


def _refers(type_name: str, revision: Revision, entry_id: str) -> bool:
    if entry_id not in str(revision.document):
        return False
    delivered = deliver(content_type(type_name), revision.document)
    named = {each["id"] for refs in delivered.references.values() for each in refs}
    return entry_id in named | {link.id for link in delivered.links}


def _relations(target: str) -> list[str]:
    names = {each.name for kind in CONTENT_TYPES for each in kind.relations if each.target == target}
    return sorted(names | {"terms"})
