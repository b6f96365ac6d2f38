"""Plans of releases: a release goes live whole or not at all, so one that loses a text is planned no more."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from api.models import Release, ReleaseItem, Transition, Variant
from api.services.work import Work

DRAFT, SCHEDULED, LIVE, REVERTED = "draft", "scheduled", "live", "reverted"


def halted_by(work: Work, dropped: Sequence[Transition]) -> list[Transition]:
    """Put the releases back to draft whose plans were among those dropped; the plans of their other texts."""
    if not dropped:
        return []
    gone = {(each.variant_id, each.at) for each in dropped}
    asked = (
        select(Release)
        .join(ReleaseItem)
        .where(
            ReleaseItem.variant_id.in_({variant for variant, _ in gone}),
            Release.state == SCHEDULED,
            Release.at.in_({at for _, at in gone}),
        )
    )
    left: list[Transition] = []
    for release in work.session.scalars(asked).unique():
        lost = [each for each in release.items if _lost(work, each)]
        if lost:
            left += unplanned(work, release)
            work.log("halt_release", release.id, lost=sorted({_entry_of(work, each) for each in lost}))
    return left


def unplanned(work: Work, release: Release) -> list[Transition]:
    """Put a release back to draft, for the same instant still; its planned transitions, for the caller to drop."""
    ids = [each.transition_id for each in release.items if each.transition_id is not None]
    planned = work.session.scalars(select(Transition).where(Transition.id.in_(ids), Transition.at > work.now())).all()
    for item in release.items:
        item.transition_id = None
    for transition in planned:
        work.session.get_one(Variant, transition.variant_id).version += 1
    release.state = DRAFT
    release.version += 1
    return list(planned)


def _lost(work: Work, item: ReleaseItem) -> bool:
    if item.transition_id is None:
        return True
    return work.session.scalar(select(Transition.id).where(Transition.id == item.transition_id)) is None


def _entry_of(work: Work, item: ReleaseItem) -> str:
    return work.session.get_one(Variant, item.variant_id).entry_id
