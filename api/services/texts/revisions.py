"""The next revision of a text: its number, its digests, and the version of the text that it makes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.exc import StaleDataError

from api.errors import invalid_content
from api.models import Entry, Revision, Variant
from api.queries.typed import Typed, inserted
from api.rules.digests import clinical_digest, digest
from api.rules.workflow import DRAFT
from api.services.rows import held, rows
from api.services.texts import slugs
from api.services.texts.facts import newest_of
from api.services.work import Work
from schemas.content import content_type

_NEW = inserted(Revision.__table__, "id")  # type: ignore[arg-type]
_COUNTED = Typed(
    update(Variant.__table__)  # type: ignore[arg-type]
    .where(Variant.id == bindparam("variant"), Variant.version == bindparam("seen"))
    .values(version=bindparam("next"))
    .returning(Variant.id)
)
"""Of two writers that read the same version, the one who comes second finds nothing to change."""


def write(
    work: Work,
    entry: Entry,
    variant: Variant,
    slug: str,
    document: dict[str, Any],
    *,
    before: Revision | None = None,
    source: int | None = None,
) -> Revision:
    """Write a draft after `before`, the newest revision, None for the first one. Raises StaleDataError."""
    values = {
        "variant_id": variant.id,
        "number": before.number + 1 if before else 1,
        "state": DRAFT,
        "slug": slug,
        "document": document,
        "base_revision": _source_revision(work, entry, variant, before, source),
        "digest": digest(slug, document),
        "clinical_digest": clinical_digest(content_type(entry.type), document),
        "note": None,
        "created_at": work.now(),
        "created_by": work.actor.person_id,
    }
    _count(work, variant)
    revision = held(work.session, Revision, {**values, "id": rows(work.session, _NEW, **values)[0].id})
    if "revisions" in vars(variant):
        set_committed_value(variant, "revisions", [*variant.revisions, revision])
    if before is None or before.slug != slug:
        slugs.settle(work, entry, variant, revision)
    return revision


def _count(work: Work, variant: Variant) -> None:
    """One version more, unless somebody else was first."""
    work.flush()
    seen = variant.version
    if not rows(work.session, _COUNTED, variant=variant.id, seen=seen, next=seen + 1):
        raise StaleDataError(f"version {seen} of this text is no more")
    set_committed_value(variant, "version", seen + 1)


def _source_revision(
    work: Work, entry: Entry, variant: Variant, before: Revision | None, given: int | None
) -> int | None:
    """Of a translation: the revision of the first language that it renders."""
    if variant.locale == entry.first_locale:
        return None
    if given is None and before is not None:
        return before.base_revision
    asked = select(Variant).where(
        Variant.entry_id == entry.id, Variant.locale == entry.first_locale, Variant.scope == entry.scope
    )
    source = work.session.scalars(asked).one()
    if given is not None:
        if all(each.number != given for each in source.revisions):
            detail = f"The first language has no revision {given}."
            raise invalid_content([{"pointer": "/source_revision", "code": "unknown", "detail": detail}])
        return given
    return newest_of(source).number
