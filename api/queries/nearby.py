"""What a name that leads nowhere may have been meant for: a public clinic, a content type."""

from __future__ import annotations

from sqlalchemy import Connection, select

from api.errors import CmsError, not_found
from api.models import Clinic
from schemas.content import CONTENT_TYPES
from schemas.meant import asked_back

LOOKED_AT = 200
"""Names at most; a house with more public clinics that begin alike is told of those that stand first."""


def no_clinic(connection: Connection, slug: str) -> CmsError:
    """What a name is answered that is no clinic's or a private one's: alike, and it speaks of public clinics alone."""
    told = "There is no clinic of this name."
    begins = slug[:1].lower()
    if not (begins.isascii() and begins.isalnum()):
        return not_found(told)
    asked = select(Clinic.slug).where(Clinic.private.is_(False), Clinic.slug.startswith(begins))
    names = connection.scalars(asked.order_by(Clinic.position, Clinic.id).limit(LOOKED_AT))
    return not_found(told + asked_back(slug, [*names]))


def no_type(said: str) -> CmsError:
    """What a name is answered that is no content type's."""
    names = [each.name for each in CONTENT_TYPES]
    return not_found(f"There is no content type {said[:40]}; there are {', '.join(names)}.{asked_back(said, names)}")
