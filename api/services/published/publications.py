"""Publications: numbered changes of what the public sees, and the stamps of the tags they touch."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from api.models import Entry, Promise, Publication, Stamp, Transition, Variant
from api.services.overlays import conflicts
from api.services.texts import slugs
from api.services.work import Work

TAKEN_DOWN = ("withdraw", "recall", "expire", "unpublish", "hide", "remove", "consent_ended", "retract")
"""Changes after which what was there must not be shown any more, whatever else fails."""


@dataclass(frozen=True)
class _Change:
    """What is to be numbered: kind, scope and tags, as of when, and what it came of."""

    kind: str
    scope: str
    tags: list[str]
    at: dt.datetime
    entry_id: str | None = None
    transition_id: int | None = None


def publish_change(work: Work, kind: str, scope: str, tags: list[str]) -> Publication:
    """Number a change that is no transition (a profile, a category, a redirect), effective now; stamp its tags."""
    mature(work)
    return _number(work, [_Change(kind, scope, tags, work.now())])[0]


def publish_come(work: Work, kind: str, scope: str, entry: Entry, at: dt.datetime) -> Publication:
    """Number a change of an entry that came by itself at an instant, such as a review that fell due; stamp its tags."""
    mature(work)
    return _number(work, [_Change(kind, scope, tags_of(entry, scope), at, entry.id)])[0]


def tags_of(entry: Entry, scope: str) -> list[str]:
    """What a change of an entry in one scope touches: the entry and its lists, everywhere or in one clinic."""
    own = f"e:{entry.id}" if scope == entry.scope else f"v:{scope}:{entry.id}"
    return [own, f"l:{scope}:{entry.type}"]


def mature(work: Work) -> int:
    """Number every transition whose instant has come, in order; returns how many. Visibility never waits for it.

    A verb that acts now adds its transition and calls this, so older ones keep their place before it.
    """
    work.session.flush()
    due = work.session.scalars(
        select(Transition)
        .where(Transition.effective.is_(False), Transition.at <= work.now())
        .order_by(Transition.at, Transition.id)
    ).all()
    come: list[_Change] = []
    for transition in due:
        variant = work.session.get_one(Variant, transition.variant_id)
        entry = work.session.get_one(Entry, variant.entry_id)
        beneath = conflicts.shown_before(entry, variant, transition)
        _settle(variant, transition)
        conflicts.follow_up(work, entry, variant, transition, beneath)
        if transition.move in ("publish", "unpublish") and variant.revisions:
            slugs.settle(work, entry, variant)
        transition.effective = True
        tags = tags_of(entry, variant.scope)
        come.append(_Change(transition.move, variant.scope, tags, transition.at, entry.id, transition.id))
    _number(work, come)
    _keep(work, due)
    return len(due)


def promise(work: Work, kind: str, subject: str, at: dt.datetime) -> None:
    """Owe something at an instant, once."""
    owed = select(Promise.id).where(
        Promise.kept_at.is_(None), Promise.set_aside_at.is_(None), Promise.due_at == at, Promise.subject == subject
    )
    if work.session.scalar(owed) is None:
        work.session.add(Promise(kind=kind, subject=subject, payload={}, created_at=work.now(), due_at=at))


def promise_transition(work: Work, transition: Transition) -> None:
    """Owe the numbering of a transition that lies ahead."""
    work.session.add(
        Promise(
            kind="mature",
            subject=subject_of(transition),
            payload={},
            created_at=work.now(),
            due_at=transition.at,
        )
    )


def subject_of(transition: Transition) -> str:
    """What the promise of a transition is about."""
    return f"transition:{transition.id}"


def _settle(variant: Variant, transition: Transition) -> None:
    """What a transition that has come does to the variant's pointers."""
    if transition.move == "publish":
        variant.live_revision = transition.revision
    elif transition.move in ("unpublish", "withdraw", "recall"):
        variant.live_revision = None
    elif transition.move in ("pin", "follow"):
        variant.pinned = transition.revision
    if transition.move in ("withdraw", "recall"):
        variant.withdrawn_at = transition.at
    variant.version += 1


def _keep(work: Work, due: Sequence[Transition]) -> None:
    """The promises of what is numbered now are kept, those that were set aside too."""
    if not due:
        return
    work.session.flush()
    kept = update(Promise).where(Promise.kept_at.is_(None), Promise.subject.in_([subject_of(each) for each in due]))
    # Both ways lead through the index of what is owed; a promise is due when its transition is.
    for which in (
        kept.where(Promise.set_aside_at.is_(None), Promise.due_at.in_({each.at for each in due})),
        kept.where(Promise.set_aside_at.is_not(None)),
    ):
        work.session.execute(which.values(kept_at=work.now()), execution_options={"synchronize_session": False})


def _number(work: Work, changes: Sequence[_Change]) -> list[Publication]:
    """Number some changes in order, without a gap, and stamp their tags."""
    if not changes:
        return []
    work.session.flush()
    last = work.session.scalar(select(func.max(Publication.number))) or 0
    made = [
        Publication(
            number=number,
            at=each.at,
            kind=each.kind,
            scope=each.scope,
            entry_id=each.entry_id,
            transition_id=each.transition_id,
            tags=each.tags,
        )
        for number, each in enumerate(changes, start=last + 1)
    ]
    work.session.add_all(made)
    work.numbered = made[-1]
    _stamp(work, made)
    for each in made:
        work.purge(each.tags, hard=each.kind in TAKEN_DOWN)
    return made


def _stamp(work: Work, made: Sequence[Publication]) -> None:
    """The purge clock ticks with every publication, so its number is the clock too. An instant never goes back."""
    dialect = sqlite if work.database.sqlite else postgresql
    newest: dict[str, dt.datetime] = {}
    rows: dict[str, dict[str, Any]] = {}
    for each in made:
        for tag in each.tags:
            newest[tag] = max(each.at, newest.get(tag, each.at))
            rows[tag] = {"tag": tag, "number": each.number, "at": newest[tag], "clock": each.number}
    insert = dialect.insert(Stamp)
    later = case((insert.excluded.at > Stamp.at, insert.excluded.at), else_=Stamp.at)
    changed = {"number": insert.excluded.number, "at": later, "clock": insert.excluded.clock}
    work.session.execute(insert.on_conflict_do_update(index_elements=["tag"], set_=changed), list(rows.values()))
