"""Rewriting published rows before a commit: of one entry, or of many with the statements that one takes."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete

from api.models import Coming, Entry, Published
from api.services.published import fresh_rows, read_model, shown_rows
from api.services.work import Work

SEVERAL, AT_ONCE = 3, 50
"""From how many entries on they are rewritten together, and how many at once."""


def soon(work: Work, entry: Entry) -> None:
    """Have an entry's published rows rewritten once, before the commit."""
    work.rewriting[entry.id] = entry
    work.endings["rewrite"] = lambda: _as_asked(work)


def together(work: Work, entries: Sequence[Entry]) -> None:
    """What `read_model.rewrite` does, for many."""
    if len(entries) < SEVERAL:
        for entry in entries:
            read_model.rewrite(work, entry)
        return
    for start in range(0, len(entries), AT_ONCE):
        _some(work, entries[start : start + AT_ONCE])


def _as_asked(work: Work) -> None:
    entries = list(work.rewriting.values())
    work.rewriting.clear()
    together(work, entries)


def _some(work: Work, entries: Sequence[Entry]) -> None:
    ids = [each.id for each in entries]
    work.session.flush()
    before = shown_rows.shown(work, ids)
    for table in (Published, Coming):
        work.session.execute(delete(table).where(table.entry_id.in_(ids)))
    fresh_rows.fill(work, ids)
    after = shown_rows.shown(work, ids)
    for entry in entries:
        shown_rows.forget(work, entry, before[entry.id], after[entry.id])
