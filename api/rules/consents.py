"""Consents: whether a picture of a person may be shown, and until when."""

from __future__ import annotations

import datetime as dt
from typing import Any

USES = ("site", "embeds", "social")
"""Where a picture may be shown: the clinic's own site, other sites that embed, previews of links."""
SOON = dt.timedelta(days=30)


def ends_at(*, shows_person: bool, consent: dict[str, Any] | None, since: dt.datetime) -> dt.datetime | None:
    """From when on it may not be shown: without a consent from the beginning, None for never."""
    if not shows_person:
        return None
    if consent is None:
        return since
    ends = [dt.datetime.fromtimestamp(each, dt.UTC) for each in (consent["until"], consent["revoked_at"]) if each]
    return min(ends, default=None)


def state(ends: dt.datetime | None, consent: dict[str, Any] | None, *, shows_person: bool, now: dt.datetime) -> str:
    """not_needed, missing, revoked, ended, ending (within 30 days) or current."""
    if not shows_person:
        return "not_needed"
    if consent is None:
        return "missing"
    if ends is None or ends > now + SOON:
        return "current"
    if ends > now:
        return "ending"
    return "revoked" if consent["revoked_at"] else "ended"
