"""A stored reply: its bytes in each encoding, with heads ready to be sent."""

from __future__ import annotations

import random
import secrets
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any

from api.cache import encodings, lifetimes
from api.cache.encodings import IDENTITY
from api.cache.keys import Key

Head = list[tuple[str, str]]
SOFT_SECONDS = 300.0
"""After about so long a reply that nothing has purged is made again, behind the reader's back."""
ABSENT_SECONDS = 60.0
"""The same for a 404 or 410."""
HARD_SECONDS = 86_400.0
"""After so long it is not shown any more, whatever fails."""
OVERHEAD, PER_TAG = 3_000, 150
"""Bytes of memory that a stored reply takes beside its bodies, and each of its tags."""
MADE_ANEW = {"etag", "content-length", "content-encoding", "cache-control", "cache-status", "x-request-id"}
"""Fields that are written when a reply is given, not when it is stored."""
NOT_IN_304 = {"content-type", "content-length", "content-encoding"}


@dataclass(slots=True)
class Variant:
    """One encoding of a reply: what is handed to the server as it stands."""

    etag: str
    head: Head
    head_304: Head
    body: list[bytes]


@dataclass(slots=True)
class Stored:
    """A reply that is kept. Instants are epoch seconds; `clock` is the purge clock from before it was made."""

    key: Key
    clinic: str
    tags: frozenset[str]
    until: int | None
    clock: int
    status: str
    head: Head
    etag: str
    modified: str
    body: bytes
    made: float
    request_id: str = ""
    """Of an error: the id that stands in its body, and is another one each time."""
    variants: dict[str, Variant] = field(default_factory=dict)
    soft: float = 0.0
    fresh_until: float = 0.0
    """Until then it is given as it stands: nothing about its head changes."""
    hits: int = 0
    swept: int = 0

    def __post_init__(self) -> None:
        # Replies that were made together are not all made again together.
        self.soft = self.made + (ABSENT_SECONDS if self.absent else SOFT_SECONDS) * random.uniform(0.8, 1.2)
        steady = float("inf") if self.until is None else self.until - lifetimes.AHEAD
        # A 404 never goes the short way: that way says 200.
        self.fresh_until = 0.0 if self.absent else min(self.soft, steady)

    @property
    def absent(self) -> bool:
        return self.status[0] == "4"

    @property
    def size(self) -> int:
        bodies = len(self.body) + sum(len(each.body[0]) for name, each in self.variants.items() if name != IDENTITY)
        return bodies + OVERHEAD + PER_TAG * len(self.tags)

    def holds(self, now: float) -> bool:
        """Whether nothing in it has changed by itself, and it is not too old for any use."""
        return now < self.made + HARD_SECONDS and (self.until is None or now < self.until)

    def variant(self, encoding: str) -> Variant:
        """The reply in one encoding, made at first use. Small bodies stay as they are."""
        made = self.variants.get(encoding)
        if made is None:
            body = encodings.encoded(self.body, encoding) if len(self.body) >= encodings.SMALLEST else self.body
            if body is self.body and encoding != IDENTITY:
                made = self.variant(IDENTITY)
            else:
                made = self.ready(encoding, body)
            self.variants[encoding] = made
        return made

    def ready(self, encoding: str, body: bytes) -> Variant:
        """A body in an encoding, with its heads."""
        etag = self.etag if encoding == IDENTITY else f'{self.etag[:-1]}-{encoding}"'
        head = [*self.head, ("ETag", etag), ("Cache-Control", lifetimes.lifetime(0.0, None))]
        head_304 = [each for each in head if each[0].lower() not in NOT_IN_304]
        if encoding != IDENTITY:
            head.append(("Content-Encoding", encoding))
        head.append(("Content-Length", str(len(body))))
        return Variant(etag, [*head, HIT], [*head_304, HIT], [body])

    def problem(self, now: float, status: tuple[str, str]) -> tuple[Head, bytes]:
        """Head and body of a stored 404 or 410, with an id of its own."""
        head, body = [*self.head, ("Cache-Control", lifetimes.absent(now, self.until))], self.body
        if self.request_id:
            fresh_id = f"req_{secrets.token_hex(6)}"
            body = body.replace(self.request_id.encode(), fresh_id.encode())
            head.append(("X-Request-Id", fresh_id))
        return [*head, ("Content-Length", str(len(body))), status], body


NAME = "clinic-cms"
HIT = ("Cache-Status", f"{NAME}; hit; detail=process")


def told(head: Head, now: float, stored: Stored, status: tuple[str, str], *, emergency: bool = False) -> Head:
    """A ready head with its lifetime reckoned for now, and another word on where it came from (RFC 9211)."""
    control = lifetimes.EMERGENCY if emergency else lifetimes.lifetime(now, stored.until)
    swapped = {"Cache-Control": control, "Cache-Status": status[1]}
    return [(name, swapped.get(name, value)) for name, value in head]


def known(environ: dict[str, Any], etag: str, modified: str) -> bool:
    """Whether the caller has these bytes: If-None-Match first (weak comparison), else If-Modified-Since (RFC 9110)."""
    tags = environ.get("HTTP_IF_NONE_MATCH")
    if tags is not None:
        if tags == etag:
            return True
        listed = [each.strip().removeprefix("W/") for each in tags.split(",")]
        return etag in listed or tags.strip() == "*"
    since = environ.get("HTTP_IF_MODIFIED_SINCE")
    if not since or not modified:
        return False
    if since == modified:
        return True
    try:
        return parsedate_to_datetime(modified) <= parsedate_to_datetime(since)
    except (TypeError, ValueError):
        return False
