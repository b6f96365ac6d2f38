"""What readers cause, written down now and then: when a key was last used, what embeds showed, and by which script."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import or_, update

from api.db import Database
from api.models import ApiKey
from api.services.partners import embed_scripts, embed_views


def flush(database: Database) -> int:
    """Write down all that this process counted in memory; how many rows that touched."""
    return flush_key_uses(database) + embed_views.flush(database) + embed_scripts.flush(database)


def flush_key_uses(database: Database) -> int:
    """Write down the last uses that this process counted in memory; returns how many keys were used.

    Called every 10 s by whatever runs beside the requests; what was not flushed is lost in a crash. No audit, no
    lock: nothing depends on it. A failure keeps what was counted for the next time.
    """
    used: dict[str, int] = database.memory.pop("key_uses", {})
    if not used:
        return 0
    try:
        with database.transaction() as session:
            for key_id, seconds in sorted(used.items()):
                at = dt.datetime.fromtimestamp(seconds, dt.UTC)
                earlier = or_(ApiKey.last_used_at.is_(None), ApiKey.last_used_at < at)
                session.execute(update(ApiKey).where(ApiKey.id == key_id, earlier).values(last_used_at=at))
    except BaseException:
        for key_id, seconds in used.items():
            database.memory.setdefault("key_uses", {}).setdefault(key_id, seconds)
        raise
    return len(used)
