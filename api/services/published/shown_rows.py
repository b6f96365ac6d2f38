"""What readers are given of an entry before and after a change, and what is old where the two differ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from api.models import Entry, Published
from api.services.published import publications
from api.services.work import Work

Shown = dict[str, set[tuple[Any, ...]]]
"""Published rows per scope."""


def shown(work: Work, ids: Sequence[str]) -> dict[str, Shown]:
    """What readers are given of some entries from now on, by entry."""
    asked = select(*(column for column in Published.__table__.columns if column.name != "id"))
    found: dict[str, Shown] = {each: {} for each in ids}
    ahead = Published.visible_until > int(work.now().timestamp())
    for row in work.session.execute(asked.where(Published.entry_id.in_(ids), ahead)):
        found[row.entry_id].setdefault(row.scope, set()).add(tuple(row))
    return found


def forget(work: Work, entry: Entry, before: Shown, after: Shown) -> None:
    """Stored replies are old wherever the rows differ now: also by a plan, for it ends their lifetime."""
    changed = [scope for scope in before.keys() | after.keys() if before.get(scope) != after.get(scope)]
    # Every reply that depends on a scope's text of an entry depends on the entry's own text too.
    for scope in [entry.scope] if entry.scope in changed else changed:
        work.purge(publications.tags_of(entry, scope))
