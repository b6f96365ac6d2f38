"""Slugs: who holds an address, and which addresses were left behind."""

from __future__ import annotations

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
    """Hold what the newest, live and scheduled revisions use; keep what was once public as former; free the rest.

    A slug may be both: of a text that is down for now, or that a draft wants back. The database's unique index decides
    a race; the loser gets the conflict slug_taken. `newest` is the newest revision, where that is known.
    """
    visible, shown = _public(work, variant)
    last = (newest or newest_of(variant)).slug
    wanted = {(slug, False) for slug in visible | ({last} if last else set())}
    wanted |= {(slug, True) for slug in shown - visible}
    rows = _OF_A_TEXT.all(work.session, entry=entry.id, scope=variant.scope, locale=variant.locale)
    kept = {(row.slug, row.former) for row in rows} & wanted
    free = [row for row in rows if (row.slug, row.former) not in kept]
    for slug, former in sorted(wanted - kept):
        row = next((each for each in free if each.slug == slug), None)
        if row is None:
            _reserve(work, entry, variant, slug, former)
        else:
            row.former = former
            free.remove(row)
    for row in free:
        work.session.delete(row)
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


def _reserve(work: Work, entry: Entry, variant: Variant, slug: str, former: bool) -> None:
    """Live beats former: a new holder pushes out nobody's former address, it only stands before it."""
    work.session.add(
        Slug(
            scope=variant.scope,
            type=entry.type,
            locale=variant.locale,
            slug=slug,
            entry_id=entry.id,
            former=former,
            since=work.now(),
        )
    )


def _visible(work: Work, variant: Variant) -> set[str]:
    """The slugs under which a variant is live or is going to be."""
    return _public(work, variant)[0]


def _public(work: Work, variant: Variant) -> tuple[set[str], set[str]]:
    """(the slugs under which a variant is live or is going to be, those under which it ever was)."""
    now, moves = work.now(), live.transitions(variant)
    showing = {live.revision(work, variant)} | {each.revision for each in moves if each.at > now}
    shown = {each.revision for each in moves if each.move == "publish" and each.at <= now}
    if not (numbers := (showing | shown) - {None}):
        return set(), set()
    asked = select(Revision.number, Revision.slug).where(
        Revision.variant_id == variant.id, Revision.number.in_(numbers)
    )
    named = [(number, slug) for number, slug in work.session.execute(asked) if slug]
    return {slug for number, slug in named if number in showing}, {slug for number, slug in named if number in shown}
