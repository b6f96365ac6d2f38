"""Drafts: create an entry, translate it, revise it."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError
from sqlalchemy import delete, select

from api.errors import conflict, invalid_content, not_found
from api.models import LIBRARY, Entry, Published, Revision, Variant
from api.models import Slug as Held
from api.rules.overlays import merge
from api.services.published import publications
from api.services.texts import documents, revisions, usages
from api.services.texts.facts import newest_of
from api.services.work import Work
from schemas.clinic import LocaleCode
from schemas.content import content_type
from schemas.strict import Slug

_LOCALE, _SLUG = LocaleCode(), Slug()


def create(
    work: Work,
    type_name: str,
    locale: str,
    slug: str,
    document: dict[str, Any],
    *,
    scope: str = LIBRARY,
    external_key: str | None = None,
    entry_id: str | None = None,
) -> Variant:
    """Make an entry with its first variant, as a draft. Raises invalid_content, conflict (slug_taken).

    `entry_id` is an id of the house's own making that was given out for it before.
    """
    work.check("create", scope)
    kind = content_type(type_name)
    locale, slug = _address(locale, slug)
    loaded = documents.load(kind, document)
    documents.check_links(work, kind, scope, loaded)
    name = f"{scope}:{type_name}:{external_key}" if external_key else None
    entry = Entry(
        id=entry_id or work.new_id(kind.prefix, name),
        type=type_name,
        scope=scope,
        external_key=external_key,
        first_locale=locale,
        created_at=work.now(),
        created_by=work.actor.person_id,
    )
    work.session.add(entry)
    return _first_variant(work, entry, locale, slug, loaded)


def translate(work: Work, entry: Entry, locale: str, slug: str, document: dict[str, Any]) -> Variant:
    """Add a variant in another locale, as a draft with a life of its own."""
    work.check("translate", entry.scope)
    locale, slug = _address(locale, slug)
    kind = content_type(entry.type)
    loaded = documents.load(kind, document)
    documents.check_links(work, kind, entry.scope, loaded)
    return _first_variant(work, entry, locale, slug, loaded)


def revise(
    work: Work,
    variant: Variant,
    slug: str,
    document: dict[str, Any],
    *,
    source_revision: int | None = None,
    before: Revision | None = None,
    anew: bool = False,
) -> Revision:
    """Write the next revision of a library or own variant. What is live stays as it is.

    `source_revision` says that a translation has been brought up to that revision of the first language; `before` is
    the newest revision, where that is known. Words that are the same already stay in their review: that revision is
    returned, unless a new one is wanted `anew`.
    """
    entry = variant.entry
    work.check("edit", entry.scope)
    kind = content_type(entry.type)
    before = before or newest_of(variant)
    if slug != before.slug:
        _, slug = _address(variant.locale, slug)
    loaded = documents.load(kind, document)
    documents.check_links(work, kind, entry.scope, loaded)
    same = slug == before.slug and loaded == before.document and source_revision in (None, before.base_revision)
    if same and not anew:
        return before
    revision = revisions.write(work, entry, variant, slug, loaded, before=before, source=source_revision)
    work.log("revise", entry.id, locale=variant.locale, revision=revision.number, digest=revision.digest)
    return revision


def patch(
    work: Work,
    variant: Variant,
    slug: str | None,
    changes: dict[str, Any],
    *,
    source_revision: int | None = None,
    before: Revision | None = None,
) -> Revision:
    """Write the next revision as the newest one with a merge patch (RFC 7396, parts addressed by key)."""
    before = before or newest_of(variant)
    document = merge(before.document, changes)
    return revise(work, variant, slug or before.slug or "", document, source_revision=source_revision, before=before)


def copy(work: Work, variant: Variant, number: int) -> Revision:
    """An old revision's words as a new draft, checked like any edit; nothing of its approvals comes with it."""
    found = next((each for each in variant.revisions if each.number == number), None)
    if found is None:
        raise not_found(f"There is no revision {number}.")
    return revise(work, variant, found.slug or "", found.document, anew=True)


def duplicate(work: Work, entry: Entry, locale: str, slug: str, *, scope: str) -> Variant:
    """A new entry with the newest words of one that the actor may read, as a draft without any approval."""
    work.check("duplicate", scope)
    source = variant_of(work, entry, locale)
    if source is None:
        raise invalid_content([{"pointer": "/locale", "code": "unknown", "detail": f"There is no text in {locale}."}])
    return create(work, entry.type, locale, slug, newest_of(source).document, scope=scope)


def archive(work: Work, entry: Entry) -> None:
    """Put an entry away for good. Refused while it is live or planned, or while live content refers to it."""
    work.check("archive", entry.scope)
    now = work.now()
    if found := usages.archive_blockers(work, entry):
        raise conflict(found)
    entry.archived_at = now
    for variant in entry.variants:
        variant.version += 1
    work.session.execute(delete(Held).where(Held.entry_id == entry.id, Held.former.is_(False)))
    publications.mature(work)
    work.log("archive", entry.id, type=entry.type, scope=entry.scope)


def remove(work: Work, entry: Entry) -> None:
    """Remove an entry with all that belongs to it, as if it had never been. Only the audit log remembers."""
    work.check("people", entry.scope)
    scopes = {variant.scope for variant in entry.variants} | {entry.scope}
    for scope in sorted(scopes):
        publications.publish_change(work, "remove", scope, publications.tags_of(entry, scope))
    work.log("remove", entry.id, type=entry.type, scope=entry.scope)
    work.rewriting.pop(entry.id, None)
    work.session.flush()
    work.session.execute(delete(Published).where(Published.entry_id == entry.id))
    work.session.execute(delete(Entry).where(Entry.id == entry.id))
    work.session.expire_all()


def find(work: Work, type_name: str, external_key: str, scope: str = LIBRARY) -> Entry | None:
    """The entry with that external key, if there is one."""
    asked = select(Entry).where(Entry.type == type_name, Entry.external_key == external_key, Entry.scope == scope)
    return work.session.scalar(asked)


def variant_of(work: Work, entry: Entry, locale: str, scope: str | None = None) -> Variant | None:
    """An entry's variant in one locale, its own scope if none is named."""
    asked = select(Variant).where(
        Variant.entry_id == entry.id, Variant.locale == locale, Variant.scope == (scope or entry.scope)
    )
    return work.session.scalar(asked)


def _address(locale: str, slug: str) -> tuple[str, str]:
    faults = []
    for name, field, value in (("locale", _LOCALE, locale), ("slug", _SLUG, slug)):
        messages = _field_faults(field, value)
        faults += [{"pointer": f"/{name}", "code": "invalid", "detail": text} for text in messages]
    if faults:
        raise invalid_content(faults)
    return _LOCALE.deserialize(locale), slug


def _field_faults(field: Any, value: Any) -> list[str]:
    """What is wrong with a single value, in words."""
    try:
        field.deserialize(value)
    except ValidationError as error:
        return [str(message) for message in error.messages]
    return []


def _first_variant(work: Work, entry: Entry, locale: str, slug: str, document: dict[str, Any]) -> Variant:
    variant = Variant(entry_id=entry.id, entry=entry, locale=locale, scope=entry.scope, created_at=work.now())
    work.session.add(variant)
    work.session.flush()
    revision = revisions.write(work, entry, variant, slug, document)
    work.log("create", entry.id, type=entry.type, locale=locale, scope=entry.scope, digest=revision.digest)
    return variant
