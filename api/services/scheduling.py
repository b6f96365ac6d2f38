"""Planned transitions: put ahead, cancelled, and made visible in the read model."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import delete, select

from api.models import Promise, Publication, Transition, Variant
from api.services import publications, read_model
from api.services.work import Work


def put(
    work: Work, variant: Variant, move: str, at: dt.datetime, revision: int | None = None, **why: Any
) -> Transition:
    """Add a transition at an instant, now or ahead. Call `settle` when all of a verb's are put."""
    transition = Transition(
        variant_id=variant.id,
        move=move,
        at=at,
        revision=revision,
        created_at=work.now(),
        created_by=work.actor.person_id,
        **why,
    )
    variant.transitions.append(transition)
    work.session.flush()
    if at > work.now():
        publications.promise_transition(work, transition)
    return transition


def cancel(work: Work, variant: Variant, revision: int | None = None) -> int:
    """Drop what is planned ahead for a variant (of one revision, if named); returns how many."""
    asked = select(Transition).where(Transition.variant_id == variant.id, Transition.at > work.now())
    if revision is not None:
        asked = asked.where(Transition.revision == revision)
    planned = work.session.scalars(asked).all()
    for transition in planned:
        work.session.execute(delete(Promise).where(Promise.subject == f"transition:{transition.id}"))
        work.session.delete(transition)
    work.session.flush()
    work.session.expire(variant, ["transitions"])
    return len(planned)


def settle(work: Work, variant: Variant) -> None:
    """Number what takes effect now, in order, and have the entry's published rows rewritten before the commit."""
    publications.mature(work)
    work.session.flush()
    work.session.expire(variant, ["transitions"])
    entry = variant.entry
    work.endings[f"rewrite:{entry.id}"] = lambda: read_model.rewrite(work, entry)


def publication_of(work: Work, transition: Transition) -> Publication | None:
    """The publication a transition became, or None while it lies ahead."""
    return work.session.scalar(select(Publication).where(Publication.transition_id == transition.id))
