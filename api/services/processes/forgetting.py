"""Having stored replies forgotten because somebody asks for it, not because content changed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from api.errors import invalid_content
from api.services.processes import purges
from api.services.work import Work

TAG = re.compile(r"\*|[celmprv]:[a-z0-9_]{1,40}(:[a-z0-9_]{1,40})?")


def forget(work: Work, tags: Sequence[str]) -> None:
    """Have every process, Redis and the edges forget replies with these tags, `*` for all of them; it is on record.

    They are dropped as if they had been taken down: not even kept for an emergency. Raises invalid_content.
    """
    if wrong := [tag for tag in tags if not TAG.fullmatch(tag)]:
        named = "c:CLINIC, r:CLINIC, p:PARTNER, e:ENTRY, m:MEDIA, v:CLINIC:ENTRY or l:SCOPE:TYPE"
        detail = f"A tag is *, or by ids {named}."
        raise invalid_content([{"pointer": f"/tags/{each}", "code": "unknown_tag", "detail": detail} for each in wrong])
    work.now()
    work.purge([purges.EVERYTHING] if purges.EVERYTHING in tags else tags, hard=True)
    work.log("purge", "cache", tags=sorted(set(tags)))
