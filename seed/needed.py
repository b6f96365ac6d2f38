"""What of the seed has to stay: what texts of others refer to, and what that refers to in turn."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

from sqlalchemy import ColumnElement, Connection, Text, and_, cast, exists, or_, select, tuple_

from api.models import LIBRARY, Entry, Revision, Transition, Variant
from api.services import lookup
from seed import files

_ID = re.compile(r"\b[a-z]{3}_[0-9a-z]{8}\b")
AT_ONCE = 500
"""How many texts of the seed one statement reads at most."""


def of_the_seed() -> ColumnElement[bool]:
    """Whether an entry is of the seed's files, or generated."""
    named = [(each.type, each.key) for each in files.entry_files()]
    generated = Entry.external_key.like("scale-%")
    return and_(Entry.scope == LIBRARY, or_(generated, tuple_(Entry.type, Entry.external_key).in_(named)))


def needed(connection: Connection, now: dt.datetime) -> dict[str, str]:
    """{id of an entry of the seed that stays: id of the one that refers to it}.

    It counts what a text says now, in its newest words and in those that are live or planned, and what a withdrawn one
    names in its place; not what it once said.
    """
    ours = set(connection.scalars(select(Entry.id).where(of_the_seed())))
    others = and_(Entry.archived_at.is_(None), or_(Entry.external_key.is_(None), ~of_the_seed()))
    found: dict[str, str] = {}
    for user, said in [*_said(connection, others, now), *_replacements(connection, others)]:
        found |= dict.fromkeys(sorted(said & ours - found.keys()), user)
    reached = list(found)
    while reached:
        batch, reached = reached[:AT_ONCE], reached[AT_ONCE:]
        for user, said in _said(connection, Entry.id.in_(batch), now):
            more = sorted(said & ours - found.keys())
            found |= dict.fromkeys(more, user)
            reached += more
    return found


def _said(connection: Connection, which: ColumnElement[bool], now: dt.datetime) -> Iterator[tuple[str, set[str]]]:
    """(an entry, the ids that a text of it names), in a fixed order."""
    planned = exists().where(
        Transition.variant_id == Variant.id, Transition.revision == Revision.number, Transition.at > now
    )
    asked = (
        select(Variant.entry_id, cast(Revision.document, Text))
        .join(Entry, Entry.id == Variant.entry_id)
        .join(Revision, Revision.variant_id == Variant.id)
        .where(which, or_(Revision.id == lookup.NEWEST, Revision.number == Variant.live_revision, planned))
        .order_by(Variant.entry_id, Variant.id, Revision.number)
    )
    for entry_id, words in connection.execute(asked):
        yield entry_id, set(_ID.findall(words))


def _replacements(connection: Connection, which: ColumnElement[bool]) -> Iterator[tuple[str, set[str]]]:
    asked = (
        select(Variant.entry_id, Transition.replacement_id)
        .join(Entry, Entry.id == Variant.entry_id)
        .join(Transition, Transition.variant_id == Variant.id)
        .where(which, Transition.replacement_id.is_not(None), Variant.withdrawn_at.is_not(None))
        .order_by(Variant.entry_id, Transition.id)
    )
    for entry_id, replacement in connection.execute(asked):
        yield entry_id, {str(replacement)}


def names(connection: Connection, ids: set[str]) -> dict[str, str]:
    """Entries in words, by id: `topic mesotherapy`, by their slug in their first language."""
    asked = (
        select(Entry.id, Entry.type, Revision.slug)
        .join(Variant, and_(Variant.entry_id == Entry.id, Variant.scope == Entry.scope))
        .join(Revision, Revision.id == lookup.NEWEST)
        .where(Entry.id.in_(ids), Variant.locale == Entry.first_locale)
    )
    return {row.id: f"{row.type} {row.slug}" for row in connection.execute(asked)}
