"""Content encodings (RFC 9110 8.4.1): which one a request takes, and the bytes in it."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import brotli
import zstandard

IDENTITY = "identity"
SMALLEST = 400
"""Bytes below which a body stays as it is: the head would grow by more than the body shrinks."""
SMALL = 200_000
"""Bytes up to which a body is squeezed at the better level; a larger one must not hold a thread for long."""
_REMEMBERED, _LONGEST = 1_000, 200
"""Headers of which the meaning is remembered, and how long one of them may be: whoever invents more takes no memory."""


def _br(body: bytes) -> bytes:
    return bytes(brotli.compress(body, quality=5 if len(body) <= SMALL else 3))


def _zstd(body: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=6 if len(body) <= SMALL else 3).compress(body)


def _gzip(body: bytes) -> bytes:
    return gzip.compress(body, compresslevel=6 if len(body) <= SMALL else 3, mtime=0)


CODERS: dict[str, Callable[[bytes], bytes]] = {"br": _br, "zstd": _zstd, "gzip": _gzip}
"""By preference where a request likes several alike."""
_known: dict[str, str] = {"": IDENTITY}


def chosen(accepted: str) -> str:
    """The encoding for an Accept-Encoding header; parsed once per header."""
    found = _known.get(accepted)
    if found is None:
        found = _parse(accepted)
        if len(accepted) <= _LONGEST:
            if len(_known) >= _REMEMBERED:
                _known.clear()
            _known[accepted] = found
    return found


def encoded(body: bytes, encoding: str) -> bytes:
    return body if encoding == IDENTITY else CODERS[encoding](body)


def _parse(accepted: str) -> str:
    weights: dict[str, float] = {}
    for part in accepted.lower().split(","):
        name, *parameters = (each.strip() for each in part.split(";"))
        weight = 1.0
        for each in parameters:
            if each.startswith("q="):
                try:
                    weight = float(each[2:])
                except ValueError:
                    weight = 0.0
        weights[{"x-gzip": "gzip"}.get(name, name)] = weight
    rest = weights.get("*", 0.0)
    best = max(CODERS, key=lambda each: weights.get(each, rest))
    weight = weights.get(best, rest)
    return best if weight > 0 and weight >= weights.get(IDENTITY, 0.0) else IDENTITY
