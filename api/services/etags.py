"""ETags of writing: strong, bound to one object, changed by every change of it."""

from __future__ import annotations

import hashlib


def etag(kind: str, *names: str, version: int | str) -> str:
    """`"object-version"`: another object's tag never matches, however their versions stand."""
    named = hashlib.blake2b("\n".join((kind, *names)).encode(), digest_size=6).hexdigest()
    return f'"{named}-{version}"'
