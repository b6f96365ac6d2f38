"""Slugs: who holds an address, and which addresses were left behind."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import bindparam, select

from api.models import LIBRARY, Entry, Revision, Slug, Variant
from api.services.rows import Objects
from api.services.texts import live
from api.services.texts.facts import newest_of
from api.services.work import Work

_OF_A_TEXT = Objects(
    Slug,
    select(Slug.__table__).where(
        Slug.entry_id == bindparam("entry"), Slug.scope == bindparam("scope"), Slug.locale == bindparam("locale")
    ),
)


def settle(work: Work, entry: Entry, variant: Variant, newest: Revision | None = None) -> None:
    """Hold what the newest, live and scheduled revisions use; what was once public becomes former, the rest is freed.

    The database's unique index decides a race; the loser gets the conflict slug_taken. `newest` is the newest
    revision, where that is known.
    """
    held = _held(work, variant, newest or newest_of(variant))
    rows = _OF_A_TEXT.all(work.session, entry=entry.id, scope=variant.scope, locale=variant.locale)
    for row in rows:
        former = row.slug not in held
        if former and row.slug not in _once_public(work, variant):
            work.session.delete(row)
        elif row.former != former:
            row.former = former
    for slug in sorted(held - {row.slug for row in rows}):
        _reserve(work, entry, variant, slug)
    work.session.flush()


def taken_elsewhere(work: Work, entry: Entry, variant: Variant, slug: str) -> bool:
    """Whether a clinic that sees this text sees, or is going to see, another one under the same slug."""
    asked = select(Variant).join(Slug, (Slug.entry_id == Variant.entry_id) & (Slug.scope == Variant.scope)).where(
        Variant.locale == Slug.locale,
        Slug.type == entry.type,
        Slug.locale == variant.locale,
        Slug.slug == slug,
        Slug.former.is_(False),
        Slug.entry_id != entry.id,
    )
    if entry.scope != LIBRARY:
        asked = asked.where(Slug.scope.in_({LIBRARY, entry.scope}))
    return any(slug in _visible(work, other) for other in work.session.scalars(asked))


def _reserve(work: Work, entry: Entry, variant: Variant, slug: str) -> None:
    """Live beats former: a new holder pushes out nobody's former address, it only stands before it."""
    work.session.add(
        Slug(
            scope=variant.scope,
            type=entry.type,
            locale=variant.locale,
            slug=slug,
            entry_id=entry.id,
            since=work.now(),
        )
    )


def _held(work: Work, variant: Variant, newest: Revision) -> set[str]:
    return _visible(work, variant) | ({newest.slug} if newest.slug else set())


def _visible(work: Work, variant: Variant) -> set[str]:
    """The slugs under which a variant is live or is going to be."""
    now = work.now()
    numbers = {live.revision(work, variant)} | {each.revision for each in live.transitions(variant) if each.at > now}
    return _slugs(work, variant, numbers - {None})


def _once_public(work: Work, variant: Variant) -> set[str]:
    now = work.now()
    shown = {each.revision for each in live.transitions(variant) if each.move == "publish" and each.at <= now}
    return _slugs(work, variant, shown)


def _slugs(work: Work, variant: Variant, numbers: Collection[int | None]) -> set[str]:
    if not numbers:
        return set()
    asked = select(Revision.slug).where(Revision.variant_id == variant.id, Revision.number.in_(numbers))
    return {each for each in work.session.scalars(asked) if each}
