"""Versions of rows that count no edits: a digest of what they hold."""

from __future__ import annotations

import hashlib
import json
from typing import Any


def version_of(*held: Any) -> str:
    """Twelve hexadecimal digits that change with any of the values."""
    text = json.dumps(held, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()
