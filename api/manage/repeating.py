"""Writes that are safe to repeat: an Idempotency-Key's row goes in with the effect and the stored reply."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from flask import g, request

from api.errors import CmsError, invalid_parameters
from api.rules.permissions import Actor
from api.services import replies
from api.services.work import Work

WAITING_SECONDS = 2.0
LONGEST = 255
_running: set[tuple[str, str]] = set()
_changed = threading.Condition()


@dataclass(frozen=True)
class Parts:
    """A reply before it is one. `stored` is its body as it may be kept."""

    status: int
    headers: dict[str, str]
    body: bytes
    stored: bytes = b""
    replayed: bool = False


@contextmanager
def in_turn(actor: Actor, key: str | None) -> Iterator[str | None]:
    """Let twins of one request in one after the other; one that waits longer than 2 s is told so."""
    if key is None:
        yield None
        return
    if not key.strip() or len(key) > LONGEST or not key.isprintable() or not key.isascii():
        detail = f"Idempotency-Key holds 1 to {LONGEST} printable ASCII characters."
        raise invalid_parameters([{"parameter": "Idempotency-Key", "code": "invalid", "detail": detail}])
    mine = (actor.key_id or actor.id, key)
    with _changed:
        if not _changed.wait_for(lambda: mine not in _running, WAITING_SECONDS):
            raise still_running()
        _running.add(mine)
    try:
        yield key
    finally:
        with _changed:
            _running.discard(mine)
            _changed.notify_all()


def once(work: Work, key: str | None, verb: Callable[[], Parts]) -> Parts:
    """Run the verb, or give the stored reply of the same request. Raises key_reused, in_progress."""
    if key is None:
        return verb()
    owner = work.actor.key_id or work.actor.id
    sent = g.uploaded.encode() if "uploaded" in g else request.get_data(cache=True)
    asked = f"{request.method} {request.full_path}\n".encode() + sent
    fingerprint = hashlib.sha256(asked).hexdigest()
    if (known := replies.known(work, owner, key)) is not None:
        if known.fingerprint != fingerprint:
            raise CmsError("key_reused", "This Idempotency-Key was used for another request.")
        return Parts(known.status or 200, dict(known.headers), (known.body or "").encode(), replayed=True)
    if not replies.insert(work, owner, key, fingerprint, WAITING_SECONDS):
        raise still_running()
    parts = verb()
    replies.keep(work, owner, key, parts.status, parts.headers, parts.stored.decode())
    return replace(parts, stored=b"")


def still_running() -> CmsError:
    return CmsError("in_progress", "A request with this Idempotency-Key is still running.", retry_after=2)
