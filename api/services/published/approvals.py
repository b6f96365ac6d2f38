"""The medical approvals that published texts stand on."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from api.models import Review, Revision
from api.services.work import Work


def standing(work: Work, variant_ids: Sequence[int]) -> Sequence[Review]:
    """The medical approvals of some texts that nobody took back, newest first."""
    asked = (
        select(Review)
        .join(Revision, Revision.id == Review.revision_id)
        .where(
            Revision.variant_id.in_(variant_ids),
            Review.kind == "medical",
            Review.decision == "approved",
            Review.revoked_at.is_(None),
        )
        .order_by(Review.id.desc())
    )
    return work.session.scalars(asked).all()
