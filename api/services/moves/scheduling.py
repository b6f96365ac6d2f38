"""Planned transitions: put ahead, cancelled, and made visible in the read model."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, select

from api.models import Promise, Publication, Transition, Variant
from api.services.published import publications, rewriting
from api.services.releases import release_plans
from api.services.texts import slugs
from api.services.work import Work


def put(
    work: Work, variant: Variant, move: str, at: dt.datetime, revision: int | None = None, **why: Any
) -> Transition:
    """Add a transition at an instant, now or ahead. Call `settle` when all of a verb's are put."""
    return put_all(work, at, [(variant, move, revision, why)])[0]


def put_all(
    work: Work, at: dt.datetime, planned: Sequence[tuple[Variant, str, int | None, dict[str, Any]]]
) -> list[Transition]:
    """Add a transition to each of several variants at one instant: (variant, move, revision, why)."""
    made = [
        Transition(
            variant_id=variant.id,
            move=move,
            at=at,
            revision=revision,
            created_at=work.now(),
            created_by=work.actor.person_id,
            **why,
        )
        for variant, move, revision, why in planned
    ]
    for (variant, *_), transition in zip(planned, made, strict=True):
        variant.transitions.append(transition)
    work.session.flush()
    if at > work.now():
        for transition in made:
            publications.promise_transition(work, transition)
    return made


def cancel(work: Work, variant: Variant, revision: int | None = None) -> int:
    """Drop what is planned ahead for a variant (of one revision, if named); returns how many."""
    asked = select(Transition).where(Transition.variant_id == variant.id, Transition.at > work.now())
    if revision is not None:
        asked = asked.where(Transition.revision == revision)
    planned = work.session.scalars(asked).all()
    drop(work, planned)
    # A release goes live whole or not at all: when one of its texts drops out, the others' plans go too.
    drop(work, release_plans.halted_by(work, planned))
    return len(planned)


def drop(work: Work, planned: Sequence[Transition]) -> None:
    """Take transitions that lie ahead out of the plan with their promises; their entries' rows are rewritten."""
    if not planned:
        return
    work.session.flush()
    owed = delete(Promise).where(
        Promise.kept_at.is_(None),
        Promise.due_at.in_({each.at for each in planned}),
        Promise.subject.in_([publications.subject_of(each) for each in planned]),
    )
    for which in (owed.where(Promise.set_aside_at.is_(None)), owed.where(Promise.set_aside_at.is_not(None))):
        work.session.execute(which, execution_options={"synchronize_session": False})
    for transition in planned:
        work.session.delete(transition)
    work.session.flush()
    for number in {each.variant_id for each in planned}:
        variant = work.session.get_one(Variant, number)
        work.session.expire(variant, ["transitions"])
        if variant.revisions:
            slugs.settle(work, variant.entry, variant)
        rewriting.soon(work, variant.entry)


def settle(work: Work, variant: Variant) -> None:
    """Number what takes effect now, in order, and have the entry's published rows rewritten before the commit."""
    publications.mature(work)
    work.session.flush()
    work.session.expire(variant, ["transitions"])
    rewriting.soon(work, variant.entry)


def publication_of(work: Work, transition: Transition) -> Publication | None:
    """The publication a transition became, or None while it lies ahead."""
    return work.session.scalar(select(Publication).where(Publication.transition_id == transition.id))
