"""Finding what a caller or a command names; what a caller may not see is as if it never was."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import aliased
from sqlalchemy.orm.attributes import set_committed_value

from api.errors import CmsError, not_found
from api.models import LIBRARY, Clinic, Entry, Revision, Variant
from api.queries.nearby import no_type
from api.services.rows import Objects, Pairs
from api.services.work import Work
from schemas.content import CONTENT_TYPES
from schemas.content_type import ContentType

_ENTRY = Objects(Entry, select(Entry.__table__).where(Entry.id == bindparam("id")))
_OF_AN_ENTRY = Variant.entry_id == bindparam("entry"), Variant.scope == bindparam("scope")
_TEXTS = Objects(Variant, select(Variant.__table__).where(*_OF_AN_ENTRY).order_by(Variant.locale))
_OTHER = aliased(Revision)
NEWEST = (
    select(_OTHER.id)
    .where(_OTHER.variant_id == Variant.id)
    .order_by(_OTHER.number.desc())
    .limit(1)
    .correlate(Variant)
    .scalar_subquery()
)
"""The id of a variant's newest revision. Told by id, PostgreSQL knows that there is one; of a number it would guess."""
_ONE_IN_FULL = Pairs(
    Variant,
    Revision,
    select(Variant.__table__, Revision.__table__)
    .outerjoin_from(
        Variant.__table__, Revision.__table__, and_(Variant.locale == bindparam("locale"), Revision.id == NEWEST)
    )
    .where(*_OF_AN_ENTRY)
    .order_by(Variant.locale),
)


@dataclass(frozen=True)
class Text:
    """An entry's own text in one locale, its newest revision with its words, and all that there are in any locale."""

    variant: Variant
    newest: Revision
    languages: list[Variant]

    def then(self, made: Revision) -> Text:
        """The same once a revision came on top."""
        return replace(self, newest=made)


def clinic(work: Work, slug: str) -> Clinic:
    """The clinic of that slug. Raises not_found."""
    found = work.session.scalar(select(Clinic).where(Clinic.slug == slug))
    if found is None:
        raise not_found(f"There is no clinic {slug}.")
    return found


def own_clinic(work: Work, slug: str) -> Clinic:
    """A clinic in which the actor holds a role. Raises not_found for any other, as for one that never was."""
    found = work.session.scalar(select(Clinic).where(Clinic.slug == slug))
    if found is None or not work.actor.sees(found.id):
        raise not_found("There is no clinic of this name.")
    return found


def named_clinics(work: Work, slugs: list[str]) -> tuple[list[str], list[dict[str, str]]]:
    """(ids, faults) of clinics that a body names by slug; a foreign one reads like one that never was."""
    ids = {slug: id_ for id_, slug in slugs_of_clinics(work).items() if work.actor.sees(id_)}
    faults = [
        {"pointer": "/clinics", "code": "unknown_reference", "detail": f"There is no clinic {slug}."}
        for slug in slugs
        if slug not in ids
    ]
    return list(dict.fromkeys(ids[slug] for slug in slugs if slug in ids)), faults


def slugs_of_clinics(work: Work) -> dict[str, str]:
    """What every clinic is called, by its id."""
    return dict(work.session.execute(select(Clinic.id, Clinic.slug)).all())


def scope(work: Work, clinic_slug: str | None) -> str:
    """The scope that a body names: a clinic's id, or the library for null."""
    return LIBRARY if clinic_slug is None else own_clinic(work, clinic_slug).id


def clinic_slug(work: Work, scope_name: str) -> str | None:
    """A scope as callers name it: a clinic's slug, None for the library."""
    if scope_name == LIBRARY:
        return None
    return work.session.scalar(select(Clinic.slug).where(Clinic.id == scope_name))


def entry(work: Work, type_name: str, entry_id: str, *, archived: bool = True) -> Entry:
    """An entry that the actor may see with its drafts. Raises not_found; foreign and unknown ids read the same."""
    seen = lambda row: row["type"] == type_name and work.actor.sees(row["scope"])  # noqa: E731
    found = _ENTRY.admitted(work.session, seen, id=entry_id)
    if found is None:
        raise absent()
    if found.archived_at is not None and not archived:
        raise CmsError("conflict", "The entry is archived.", blockers=[put_away()])
    return found


def kind(type_name: str) -> ContentType:
    """A content type by name. Raises not_found, naming those there are."""
    found = next((each for each in CONTENT_TYPES if each.name == type_name), None)
    if found is None:
        raise no_type(type_name)
    return found


def texts(work: Work, found: Entry) -> list[Variant]:
    """Every text of an entry's own, overlays aside, in order of language."""
    return _all_of(found, _TEXTS.all(work.session, entry=found.id, scope=found.scope))


def _all_of(found: Entry, there: list[Variant]) -> list[Variant]:
    for each in there:
        set_committed_value(each, "entry", found)
    return there


def variant(work: Work, found: Entry, locale: str | None = None) -> Variant:
    """An entry's own text in one locale, its first one by default. Raises not_found, naming the locales there are."""
    here, asked = texts(work, found), locale or found.first_locale
    there = next((each for each in here if each.locale == asked), None)
    if there is None:
        raise _not_in(asked, here)
    return there


def text(work: Work, found: Entry, locale: str | None = None) -> Text:
    """The same as `variant`, for those who want its words."""
    asked = locale or found.first_locale
    pairs = _ONE_IN_FULL.all(work.session, entry=found.id, scope=found.scope, locale=asked)
    here = _all_of(found, [each for each, _ in pairs])
    there = next(((each, newest) for each, newest in pairs if newest is not None), None)
    if there is None:
        raise _not_in(asked, here)
    return Text(*there, here)


def _not_in(locale: str, here: list[Variant]) -> CmsError:
    locales = sorted(each.locale for each in here)
    return CmsError("not_in_locale", f"This entry has no text in {locale}.", available_locales=locales)


def instant(at: dt.datetime | None) -> str | None:
    """An instant as RFC 3339 in UTC with Z."""
    return None if at is None else at.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def absent() -> CmsError:
    return not_found("There is no such entry.")


def put_away() -> dict[str, str]:
    return {"move": "edit", "code": "archived", "pointer": "", "detail": "The entry is archived; nothing changes it."}
