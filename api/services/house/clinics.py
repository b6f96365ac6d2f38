"""Clinics as those who work for them see and change them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, func, select, update

from api.errors import CmsError, conflict
from api.models import LIBRARY, Category, Clinic, Entry, Media, Release, Role, Variant
from api.rules.claims.packs import GENERAL
from api.rules.overlays import merge
from api.services import lookup, pages
from api.services.etags import etag
from api.services.house import house, keys
from api.services.pages import Rows
from api.services.partners import partners
from api.services.texts import claims, documents
from api.services.texts.selecting import visible
from api.services.work import Work
from schemas.clinic import ClinicSchema

OF_THE_HOUSE = ("slug", "position", "private", "demo", "jurisdiction")
"""What of a profile the house alone decides; the rest is the clinic's own admin's too."""
UNSAID = {"jurisdiction": GENERAL, "logo": None}
"""What profiles hold that were stored before a field was there."""
MEDIA = "pictures and documents, which would stay on the web: remove them first"


def every(work: Work, after: tuple[Any, ...] | None, size: int) -> Rows:
    """The clinics in which the actor holds a role, all for roles of the house; by position."""
    found = select(Clinic).where(visible(work.actor, Clinic.id))
    return pages.page(work, found, (Clinic.position, Clinic.id), after, size, lambda row: listed(row[0]))


def create(work: Work, profile: dict[str, Any]) -> Clinic:
    """A new clinic. Raises invalid_content, conflict (slug_taken)."""
    work.check("clinics", LIBRARY)
    loaded = _checked(profile)
    _check_free(work, loaded["slug"])
    return house.put_clinic(work, None, loaded)


def change(work: Work, clinic: Clinic, profile: dict[str, Any]) -> Clinic:
    """Replace a clinic's profile. Its own admin may not change what the house decides."""
    work.check("clinics", clinic.id)
    loaded = _checked(profile)
    changed = [name for name in OF_THE_HOUSE if loaded[name] != clinic.document.get(name, UNSAID.get(name))]
    if changed and not work.actor.may("clinics", LIBRARY):
        raise CmsError("forbidden", f"Only an admin of the house may change {', '.join(changed)}.")
    if loaded["slug"] != clinic.slug:
        _check_free(work, loaded["slug"])
    return house.put_clinic(work, clinic, loaded)


def patch(work: Work, clinic: Clinic, changes: dict[str, Any]) -> Clinic:
    """Merge changes into the profile (RFC 7396; locations are addressed by key)."""
    return change(work, clinic, merge(clinic.document, changes))


def remove(work: Work, clinic: Clinic) -> None:
    """Remove a clinic with its redirects, categories and roles. Raises conflict while it has texts, media or keys."""
    work.check("clinics", LIBRARY)
    if found := blockers(work, clinic):
        raise conflict(found)
    work.session.execute(delete(Role).where(Role.scope == clinic.id))
    own = Category.scope == clinic.id
    work.session.execute(update(Category).where(own).values(parent_id=None))
    work.session.execute(delete(Category).where(own))
    house.remove_clinic(work, clinic)


def blockers(work: Work, clinic: Clinic) -> list[dict[str, Any]]:
    """Why a clinic can't be removed: [{move, code, pointer, detail}]. Archived texts count: they are the record."""

    def count(asked: Any) -> int:
        return work.session.scalar(asked) or 0

    overlays = select(func.count(Variant.id)).join(Entry).where(Variant.scope == clinic.id, Entry.scope != clinic.id)
    used = [each for each in keys.every(work) if clinic.id in each.clinics and keys.state(work, each) == "active"]
    bound = [each for each in partners.every(work) if clinic.id in each.clinics and each.ended_at is None]
    found = [
        ("has_entries", count(select(func.count(Entry.id)).where(Entry.scope == clinic.id)), "entries, archived too"),
        ("has_overlays", count(overlays), "overlays of library texts"),
        ("has_releases", count(select(func.count(Release.id)).where(Release.scope == clinic.id)), "releases"),
        ("has_media", count(select(func.count(Media.id)).where(Media.scope == clinic.id)), MEDIA),
        ("has_keys", len(used), "keys in use: revoke them first"),
        ("has_partners", len(bound), "partners: end them, or take the clinic out of their terms"),
    ]  # fmt: skip
    return [
        {"move": "delete", "code": code, "pointer": "", "detail": f"The clinic has {number} {what}."}
        for code, number, what in found
        if number
    ]


def shown(clinic: Clinic) -> dict[str, Any]:
    """A clinic with its profile as stored."""
    instants = {name: lookup.instant(getattr(clinic, name)) for name in ("created_at", "updated_at")}
    return {"id": clinic.id, "slug": clinic.slug, "revision": clinic.revision, **instants,
            "profile": UNSAID | clinic.document}  # fmt: skip


def listed(clinic: Clinic) -> dict[str, Any]:
    """A clinic in a list."""
    profile = clinic.document
    return {
        "id": clinic.id,
        "slug": clinic.slug,
        "name": profile["name"],
        "private": clinic.private,
        "demo": profile["demo"],
        "position": clinic.position,
        "default_locale": profile["default_locale"],
        "locales": [each["code"] for each in profile["locales"]],
        "revision": clinic.revision,
        "updated_at": lookup.instant(clinic.updated_at),
        "etag": tag(clinic),
    }


def tag(clinic: Clinic) -> str:
    return etag("clinic", clinic.id, version=clinic.revision)


def _checked(profile: dict[str, Any]) -> dict[str, Any]:
    """A profile as stored. Raises invalid_content, for a jurisdiction without rules too."""
    loaded = documents.checked(ClinicSchema(), profile, "")
    claims.known(loaded["jurisdiction"])
    return loaded


def _check_free(work: Work, slug: str) -> None:
    if work.session.scalar(select(Clinic.id).where(Clinic.slug == slug)) is not None:
        detail = f"Another clinic has the slug {slug}."
        raise conflict([{"move": "save", "code": "slug_taken", "pointer": "/slug", "detail": detail}])
