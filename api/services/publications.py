"""Publications: numbered changes of what the public sees, and the stamps of the tags they touch."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite

from api.models import Entry, Promise, Publication, Stamp, Transition, Variant
from api.services import slugs
from api.services.work import Work


def publish_change(work: Work, kind: str, scope: str, tags: list[str]) -> Publication:
    """Number a change that is no transition (a profile, a category, a redirect), effective now; stamp its tags."""
    mature(work)
    return _number(work, kind, scope, tags, None, None, work.now())


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
    for transition in due:
        variant = work.session.get_one(Variant, transition.variant_id)
        entry = work.session.get_one(Entry, variant.entry_id)
        _settle(variant, transition)
        if transition.move in ("publish", "unpublish") and variant.revisions:
            slugs.settle(work, entry, variant)
        tags = tags_of(entry, variant.scope)
        _number(work, transition.move, variant.scope, tags, entry.id, transition, transition.at)
        _keep(work, f"transition:{transition.id}")
    return len(due)


def promise_transition(work: Work, transition: Transition) -> None:
    """Owe the numbering of a transition that lies ahead."""
    work.session.add(
        Promise(
            kind="mature",
            subject=f"transition:{transition.id}",
            payload={},
            created_at=work.now(),
            due_at=transition.at,
        )
    )


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


def _keep(work: Work, subject: str) -> None:
    for promise in work.session.scalars(select(Promise).where(Promise.subject == subject, Promise.kept_at.is_(None))):
        promise.kept_at = work.now()


def _number(
    work: Work,
    kind: str,
    scope: str,
    tags: list[str],
    entry_id: str | None,
    transition: Transition | None,
    at: dt.datetime,
) -> Publication:
    work.session.flush()
    number = (work.session.scalar(select(func.max(Publication.number))) or 0) + 1
    publication = Publication(
        number=number,
        at=at,
        kind=kind,
        scope=scope,
        entry_id=entry_id,
        transition_id=transition.id if transition else None,
        tags=tags,
    )
    if transition:
        transition.effective = True
    work.session.add(publication)
    _stamp(work, tags, number, at)
    return publication


def _stamp(work: Work, tags: list[str], number: int, at: dt.datetime) -> None:
    """The purge clock ticks with every publication, so its number is the clock too."""
    dialect = sqlite if work.database.sqlite else postgresql
    rows = [{"tag": tag, "number": number, "at": at, "clock": number} for tag in tags]
    insert = dialect.insert(Stamp)
    changed = {"number": insert.excluded.number, "at": insert.excluded.at, "clock": insert.excluded.clock}
    work.session.execute(insert.on_conflict_do_update(index_elements=["tag"], set_=changed), rows)


