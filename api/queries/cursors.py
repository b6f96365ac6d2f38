"""Cursors: opaque, signed, and bound to the clinic and query that made them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

from api.errors import invalid_parameters


def seal(secret: bytes, bound_to: str, values: list[Any]) -> str:
    """A cursor that carries `values` and holds only for `bound_to`."""
    body = json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_sign(secret, bound_to, body) + body).decode().rstrip("=")


def open_(secret: bytes, bound_to: str, cursor: str) -> list[Any]:
    """The values of a cursor. Raises invalid_parameter if it was changed, or made for another clinic or query."""
    try:
        raw = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        signature, body = raw[:12], raw[12:]
        spelled_so = base64.urlsafe_b64encode(raw).decode().rstrip("=") == cursor
        if not spelled_so or not body or not hmac.compare_digest(signature, _sign(secret, bound_to, body)):
            raise ValueError
        values: list[Any] = json.loads(body)
        return values
    except (ValueError, UnicodeError):
        detail = "This cursor was not made for this clinic and query. Start without it and follow links.next."
        raise invalid_parameters([{"parameter": "page[after]", "code": "bad_cursor", "detail": detail}]) from None


def _sign(secret: bytes, bound_to: str, body: bytes) -> bytes:
    key = hashlib.sha256(secret).digest()
    return hashlib.blake2b(bound_to.encode() + b"\0" + body, key=key, digest_size=12).digest()
