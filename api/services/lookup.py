"""Finding what a command names."""

from __future__ import annotations

from sqlalchemy import select

from api.errors import not_found
from api.models import Clinic
from api.services.work import Work


def clinic(work: Work, slug: str) -> Clinic:
    """The clinic of that slug. Raises not_found."""
    found = work.session.scalar(select(Clinic).where(Clinic.slug == slug))
    if found is None:
        raise not_found(f"There is no clinic {slug}.")
    return found


