"""How long a reply may be kept by caches that cannot be purged (RFC 9111, RFC 5861)."""

from __future__ import annotations

import math

FRESH, STALE, STALE_ON_ERROR, ABSENT = 60, 10, 60, 10
"""Seconds: shared caches keep a reply, may serve it while they ask again, and after errors; and keep a 404."""
AHEAD = FRESH + STALE_ON_ERROR + 2
"""Seconds before a change from which on a reply's lifetime has to be reckoned anew each time it is given."""
EMERGENCY = "public, max-age=0, s-maxage=1"
"""Of what is given although it may be old, because nothing newer can be had."""


def lifetime(now: float, until: int | None) -> str:
    """Cache-Control for a shared cache: nothing reaches past the instant at which something changes."""
    if until is None or until - now > FRESH + STALE_ON_ERROR:
        return _WHOLE
    left = until - now
    fresh = max(0, min(FRESH, math.floor(left) - 1))
    return public(fresh, stale=fresh + STALE < left, on_error=fresh + STALE_ON_ERROR < left)


def absent(now: float, until: int | None) -> str:
    """The same for a 404 or 410: kept for seconds, and never past the instant that may end it."""
    left = ABSENT if until is None else max(0, min(ABSENT, math.floor(until - now) - 1))
    return f"public, max-age=0, s-maxage={left}"


def public(fresh: int, *, stale: bool, on_error: bool) -> str:
    parts = ["public", "max-age=0", f"s-maxage={fresh}"]
    parts += [f"stale-while-revalidate={STALE}"] if stale else []
    parts += [f"stale-if-error={STALE_ON_ERROR}"] if on_error else []
    return ", ".join(parts)


_WHOLE = public(FRESH, stale=True, on_error=True)
