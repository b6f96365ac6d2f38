"""Instants as readers see them: RFC 3339 in UTC, whole seconds, with Z."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache


@lru_cache(maxsize=4096)
def written(seconds: int) -> str:
    """Epoch seconds as 2026-10-15T08:00:00Z."""
    return dt.datetime.fromtimestamp(seconds, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
