"""Rebuilding the read model: the same rows that every verb writes, made again from what they came from."""

from __future__ import annotations

from sqlalchemy import select

from api.db import Database
from api.models import Entry
from api.rules.permissions import Actor
from api.services.published import rewriting
from api.services.work import writing

BATCH = 100


def everything(database: Database, actor: Actor) -> int:
    """Rewrite the published rows of every entry, a batch a transaction; returns how many entries."""
    last, count = "", 0
    while True:
        with writing(database, actor) as work:
            batch = work.session.scalars(select(Entry).where(Entry.id > last).order_by(Entry.id).limit(BATCH)).all()
            rewriting.together(work, batch)
            if not batch:
                work.log("reindex", "library", entries=count)
                return count
            last, count = batch[-1].id, count + len(batch)
