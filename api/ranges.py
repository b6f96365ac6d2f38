"""From kept bytes to a reply: the whole, a range of it, or word that the caller has it (RFC 9110, 13 and 14)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from flask import Response, current_app, request
from werkzeug.http import parse_range_header

from api.errors import CmsError
from api.media.formats import DOCUMENT
from api.media.store import at

POLICY = "sandbox; default-src 'none'; frame-ancestors 'none'"
"""Whatever a file holds, a browser that opens it runs nothing of it."""
LONGEST_RANGE = 200
NOTHING = re.compile(r"bytes\s*=\s*-0+\s*", re.IGNORECASE)


def sent(address: str, name: str, found: Any) -> Response:
    """The bytes as the request asks for them: 200, 206, 304 or 416. `found` has media_type, size, digest, title, form.

    Several ranges are answered with the whole (RFC 9110 14.2 lets a server do so).
    """
    tag = f'"{found.digest[:32]}"'
    headers = {
        "ETag": tag,
        "Accept-Ranges": "bytes",
        "Content-Security-Policy": POLICY,
        "Content-Disposition": _disposition(found),
    }
    if _known(tag):
        return Response(status=304, headers=headers)
    start, stop, status = 0, found.size, 200
    if (wanted := _range(tag, found.size)) is not None:
        start, stop, status = *wanted, 206
        if start >= stop:
            return Response(status=416, headers={**headers, "Content-Range": f"bytes */{found.size}"})
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{found.size}"
    headers["Content-Length"] = str(stop - start)
    body = _body(address, name, start, stop) if request.method != "HEAD" else iter(())
    return Response(body, status, headers, content_type=found.media_type, direct_passthrough=True)


def _body(address: str, name: str, start: int, stop: int) -> Iterator[bytes]:
    try:
        body = at(current_app.extensions["database"].media).read(address, name, start, stop)
    except OSError as error:
        current_app.logger.error("media: %s", error)
        body = None
    if body is None:
        raise CmsError("unavailable", "The file can't be read right now.", retry_after=5)
    return body


def _known(tag: str) -> bool:
    if "If-None-Match" not in request.headers:
        return False
    return request.if_none_match.contains_weak(tag.strip('"'))


def _range(tag: str, size: int) -> tuple[int, int] | None:
    """(start, stop) of the one range asked for, stop not above start where it lies outside; None for the whole."""
    said = request.headers.get("Range")
    if said is None or len(said) > LONGEST_RANGE or "," in said or request.method not in ("GET", "HEAD"):
        return None
    if "If-Range" in request.headers and request.headers["If-Range"] != tag:
        return None
    if NOTHING.fullmatch(said):
        return size, size  # The last 0 bytes: Werkzeug takes that for no range at all.
    parsed = parse_range_header(said)
    if parsed is None or parsed.units != "bytes" or len(parsed.ranges) != 1:
        return None
    first, last = parsed.ranges[0]
    if first < 0:
        return max(0, size + first), size
    return first, size if last is None else min(last, size)


def _disposition(found: Any) -> str:
    """Pictures are shown, documents are saved: under the name they came with, as RFC 6266 writes one."""
    if found.form != DOCUMENT:
        return "inline"
    plain = "".join(each for each in found.title if each.isascii() and each.isprintable() and each not in '"\\%;')
    return f"attachment; filename=\"{plain.strip() or 'file.pdf'}\"; filename*=UTF-8''{quote(found.title, safe='')}"
