"""Conflicts: the tasks of clinics whose words lie over a library text that has changed beneath them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import insert, or_, select, update
from sqlalchemy.orm import aliased
from sqlalchemy.sql import func

from api.models import LIBRARY, Conflict, Entry, Revision, Transition, Variant
from api.rules import overlays as rules
from api.services.work import Work

SUPERSEDED = "superseded"
"""The library changed again before anybody looked: a newer task tells of both changes."""


@dataclass
class _Laid:
    """What one clinic's newest and live patch say; `patch` is the number of the newest."""

    patch: int = 0
    paths: set[str] = field(default_factory=set)


def shown_before(entry: Entry, variant: Variant, transition: Transition) -> int | None:
    """What lay beneath until a transition: the last library text before a publish, or the pinned one before a follow.

    None for a move that changes no text beneath anybody.
    """
    if transition.move == "follow":
        return variant.pinned
    if transition.move != "publish" or entry.scope != LIBRARY or variant.scope != LIBRARY:
        return None
    mine = (transition.at, transition.id)
    earlier = [each for each in variant.transitions if each.move == "publish" and (each.at, each.id) < mine]
    return max(earlier, key=lambda each: (each.at, each.id)).revision if earlier else None


def follow_up(work: Work, entry: Entry, variant: Variant, transition: Transition, before: int | None) -> None:
    """Open the tasks that a transition makes, few queries for however many clinics. `before` as `shown_before` said."""
    if transition.move in ("withdraw", "recall") and variant.scope == LIBRARY:
        _let_go(work, entry, variant.locale)
    if before is None:
        return
    if transition.move == "publish":
        _open(work, variant, before, transition.revision, _laid_over(work, entry, variant.locale))
        return
    asked = select(Variant).where(
        Variant.entry_id == entry.id, Variant.scope == LIBRARY, Variant.locale == variant.locale
    )
    base = work.session.scalar(asked)
    if base is not None and base.live_revision is not None:
        _open(work, base, before, base.live_revision, _laid_over(work, entry, variant.locale, variant))


def close(work: Work, own: Variant, resolution: str) -> None:
    """Close what is open of one overlay."""
    still = update(Conflict).where(Conflict.variant_id == own.id, Conflict.resolved_at.is_(None))
    work.session.execute(still.values(resolved_at=work.now(), resolution=resolution))


def _let_go(work: Work, entry: Entry, locale: str) -> None:
    """What was withdrawn is pinned no more."""
    theirs = update(Variant).where(
        Variant.entry_id == entry.id, Variant.scope != LIBRARY, Variant.locale == locale, Variant.pinned.is_not(None)
    )
    work.session.execute(theirs.values(pinned=None), execution_options={"synchronize_session": "fetch"})


def _laid_over(work: Work, entry: Entry, locale: str, alone: Variant | None = None) -> dict[int, _Laid]:
    """What each following clinic's live and newest patch change, by overlay."""
    other = aliased(Revision)
    newest = select(func.max(other.number)).where(other.variant_id == Variant.id).scalar_subquery()
    asked = (
        select(Variant.id, Revision.number, Revision.document)
        .join(Revision, Revision.variant_id == Variant.id)
        .where(
            Variant.entry_id == entry.id, Variant.locale == locale, Variant.scope != LIBRARY, Variant.pinned.is_(None),
            or_(Revision.number == newest, Revision.number == Variant.live_revision),
        )
    )  # fmt: skip
    if alone is not None:
        asked = asked.where(Variant.id == alone.id)
    found: dict[int, _Laid] = defaultdict(_Laid)
    for variant_id, number, patch in work.session.execute(asked):
        laid = found[variant_id]
        laid.patch = max(laid.patch, number)
        laid.paths |= {path for path, _ in rules.leaves(patch)}
    return {each: laid for each, laid in found.items() if laid.paths}


def _open(work: Work, base: Variant, before: int, now_is: int | None, laid: dict[int, _Laid]) -> None:
    if not laid or now_is is None:
        return
    known = work.session.execute(
        select(Conflict.id, Conflict.variant_id, Conflict.patch, Conflict.base_was, Conflict.base_is,
               Conflict.resolved_at, Conflict.resolution)
        .join(Variant, Variant.id == Conflict.variant_id)
        .where(Variant.entry_id == base.entry_id, Variant.locale == base.locale)
    ).all()  # fmt: skip
    waiting = {each.variant_id: each for each in known if each.resolved_at is None}
    settled = {(each.variant_id, each.patch) for each in known
               if each.base_is == now_is and each.resolved_at and each.resolution != SUPERSEDED}  # fmt: skip
    numbers = {before, now_is, *(each.base_was for each in waiting.values())}
    asked = select(Revision.number, Revision.document).where(Revision.variant_id == base.id)
    texts = {row.number: row.document for row in work.session.execute(asked.where(Revision.number.in_(numbers)))}
    opened = []
    for variant_id, each in laid.items():
        was = waiting[variant_id].base_was if variant_id in waiting else before
        fields = [path for path in sorted(each.paths) if _differs(texts[was], texts[now_is], path)]
        if fields and (variant_id, each.patch) not in settled:
            opened.append({"id": work.new_id("cnf"), "variant_id": variant_id, "patch": each.patch, "base_was": was,
                           "base_is": now_is, "fields": fields, "opened_at": work.now()})  # fmt: skip
    if stale := [waiting[each].id for each in laid if each in waiting]:
        done = {"resolved_at": work.now(), "resolution": SUPERSEDED}
        work.session.execute(update(Conflict).where(Conflict.id.in_(stale)).values(done))
    if opened:
        work.session.execute(insert(Conflict), opened)


def _differs(one: Any, other: Any, path: str) -> bool:
    return bool(rules.value_at(one, path) != rules.value_at(other, path))
