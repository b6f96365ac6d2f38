"""Versions of embed.js that this process gave out, written down for the pages that pin them."""

from __future__ import annotations

from sqlalchemy.dialects import postgresql, sqlite

from api.db import Database
from api.models import EmbedScript


def flush(database: Database) -> int:
    """Write down what was given out since the last time; returns how many versions.

    Called every 10 s by whatever runs beside the requests. A failure keeps them for the next time.
    """
    given: dict[str, str] = database.memory.pop("embed_scripts", {})
    if not given:
        return 0
    dialect = sqlite if database.sqlite else postgresql
    rows = [{"version": name, "body": body, "given_at": database.instant()} for name, body in sorted(given.items())]
    try:
        with database.transaction() as session:
            session.execute(dialect.insert(EmbedScript).on_conflict_do_nothing(), rows)
    except BaseException:
        database.memory.setdefault("embed_scripts", {}).update(given)
        raise
    return len(rows)
