"""What an export holds: what was asked for, as far as the caller may see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, true
from sqlalchemy.orm import aliased

from api.models import LIBRARY, Entry, Revision, Variant
from api.rules.permissions import Actor

Conditions = list[ColumnElement[bool]]


@dataclass(frozen=True)
class Wanted:
    """`scopes` are the scopes that the caller sees, None for all; the rest narrows by what was asked."""

    scopes: frozenset[str] | None
    complete: bool = False
    scope: str | None = None
    type: str | None = None
    locale: str | None = None
    state: str | None = None

    def scopes_of(self, column: Any, *, library: bool = False) -> ColumnElement[bool]:
        """Rows of the scopes that are wanted; the library's too where a clinic's own texts lean on it."""
        found: Conditions = [true()]
        if self.scopes is not None:
            found.append(column.in_(self.scopes))
        if self.scope is not None:
            found.append(column == self.scope)
        return or_(and_(*found), column == LIBRARY) if library else and_(*found)

    def of_entries(self) -> Conditions:
        """Entries that have a wanted text; of a complete export all, those that were put away too."""
        if self.complete:
            return []
        there = select(Variant.id).where(Variant.entry_id == Entry.id, *self.of_texts())
        found: Conditions = [exists(there.correlate(Entry))]
        found.append(Entry.archived_at.is_(None))
        if self.type:
            found.append(Entry.type == self.type)
        return found

    def of_texts(self) -> Conditions:
        if self.complete:
            return []
        found: Conditions = [self.scopes_of(Variant.scope)]
        if self.locale:
            found.append(Variant.locale == self.locale)
        if self.state:
            found.append(_in_state(self.state))
        return found


def of_actor(actor: Actor) -> frozenset[str] | None:
    """The scopes whose drafts somebody may see; None for every one."""
    scopes = frozenset(scope for _, scope in actor.roles)
    return None if LIBRARY in scopes else scopes


def _in_state(state: str) -> ColumnElement[bool]:
    """`state` as texts are listed by it: withdrawn, live where the newest revision is, else the newest's own."""
    newest, numbers = aliased(Revision), aliased(Revision)
    highest = select(func.max(numbers.number)).where(numbers.variant_id == Variant.id).scalar_subquery()
    if state == "withdrawn":
        return Variant.withdrawn_at.is_not(None)
    if state == "live":
        return and_(Variant.withdrawn_at.is_(None), Variant.live_revision == highest)
    own = exists(
        select(newest.id).where(newest.variant_id == Variant.id, newest.number == highest, newest.state == state)
    )
    shown = func.coalesce(Variant.live_revision, 0) == highest
    return and_(Variant.withdrawn_at.is_(None), own, ~shown)
