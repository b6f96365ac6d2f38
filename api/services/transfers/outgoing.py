"""Writing an export: which file, of what, as far as whoever asked may see it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.db import Database
from api.rules.permissions import OPERATOR, Actor
from api.services.actors import actor_of
from api.services.lookup import instant
from api.services.transfers import wanted
from api.services.transfers.archive import Archive
from api.services.transfers.lines import Writer
from api.services.transfers.tables import Table
from api.services.transfers.wanted import Wanted

FILTERS = ("scope", "type", "locale", "state")


@dataclass(frozen=True)
class Made:
    """A file that was written: texts or entries in it, how many of what, and its digest."""

    rows: int
    counts: dict[str, int]
    digest: str | None


def write(
    database: Database, path: Path, form: str, asked: dict[str, Any], who: dict[str, Any],
    seen: Callable[[int], None] = lambda _: None,
) -> Made:  # fmt: skip
    """Write one export as of this instant."""
    with database.snapshot() as connection:
        actor = OPERATOR if who["key_id"] is None else actor_of(connection, who["key_id"], database.instant())
        found = of(actor or Actor("nobody"), asked)
        if form == "csv":
            rows = Table(connection, found, tuple(asked.get("columns") or ())).write(path)
            return Made(rows, {"text": rows}, None)
        out = Writer(path)
        Archive(connection, found, out, seen).write()
        named = {name: asked[name] for name in ("clinic", "type", "locale", "state") if asked.get(name)}
        about = {"made_at": instant(database.instant()), "complete": found.complete, "filters": named}
        digest = out.close(about)
        return Made(out.counts["entry"], dict(out.counts), digest)


def of(actor: Actor, asked: dict[str, Any]) -> Wanted:
    """What somebody gets who asks for this; a complete export is for whoever may see everything there is."""
    narrow = {name: asked.get(name) for name in FILTERS}
    return Wanted(wanted.of_actor(actor), complete=bool(asked.get("complete")), **narrow)
