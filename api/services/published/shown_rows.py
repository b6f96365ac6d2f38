"""What readers are given of an entry before and after a change, and what is old where the two differ."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from api.models import Entry, Published
from api.services.published import publications
from api.services.work import Work


def shown(work: Work, entry: Entry) -> dict[str, set[tuple[Any, ...]]]:
    """What readers are given of an entry from now on, per scope."""
    asked = select(*(column for column in Published.__table__.columns if column.name != "id"))
    found: dict[str, set[tuple[Any, ...]]] = {}
    ahead = Published.visible_until > int(work.now().timestamp())
    for row in work.session.execute(asked.where(Published.entry_id == entry.id, ahead)):
        found.setdefault(row.scope, set()).add(tuple(row))
    return found


def forget(work: Work, entry: Entry, before: dict[str, set[tuple[Any, ...]]]) -> None:
    """Stored replies are old wherever the rows differ now: also by a plan, for it ends their lifetime."""
    after = shown(work, entry)
    changed = [scope for scope in before.keys() | after.keys() if before.get(scope) != after.get(scope)]
    # Every reply that depends on a scope's text of an entry depends on the entry's own text too.
    for scope in [entry.scope] if entry.scope in changed else changed:
        work.purge(publications.tags_of(entry, scope))
