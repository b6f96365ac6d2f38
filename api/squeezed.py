"""What no cache of ours squeezes or compares: replies in the encoding that a request takes, and 304 in their place."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from api.cache.encodings import IDENTITY, SMALLEST, chosen, encoded

MOST = 64
"""How many are kept: every file in every encoding has room, and old versions of embed.js push each other out."""
_kept: dict[tuple[str, str], bytes] = {}


def squeezed(body: bytes, tag: str, kind: str) -> Response:
    """A 200, or 304 to a caller that has it. `tag` names the bytes; each encoding has a strong ETag of its own.

    Squeezed once in a process: scripts and the contract are long, and change with the version alone.
    """
    encoding = taken(body)
    response = Response(_in(encoding, body, tag), content_type=kind)
    response.headers["ETag"] = f'"{tag}"' if encoding == IDENTITY else f'"{tag}-{encoding}"'
    if encoding != IDENTITY:
        response.headers["Content-Encoding"] = encoding
    response.headers["Vary"] = "Accept-Encoding"
    return conditional(response, request.environ)


def taken(body: bytes) -> str:
    """The encoding in which this request takes a body; a short one stays as it is."""
    return chosen(request.headers.get("Accept-Encoding", "")) if len(body) >= SMALLEST else IDENTITY


def conditional(response: Response, environ: dict[str, Any]) -> Response:
    """304 to a caller that has these bytes. Conditions of writing (If-Match) and ranges mean nothing to a read."""
    if "HTTP_IF_NONE_MATCH" in environ or "HTTP_IF_MODIFIED_SINCE" in environ:
        asked = ("REQUEST_METHOD", "HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE")
        response.make_conditional({name: environ[name] for name in asked if name in environ})
        if response.status_code == 304:
            response.headers.pop("Content-Encoding", None)
    return response


def _in(encoding: str, body: bytes, tag: str) -> bytes:
    made = body if encoding == IDENTITY else _kept.get((tag, encoding))
    if made is None:
        made = encoded(body, encoding)
        while len(_kept) >= MOST:
            _kept.pop(next(iter(_kept)), None)
        _kept[tag, encoding] = made
    return made
