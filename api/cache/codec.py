"""Stored replies as bytes for Redis: sealed, so that nothing but what this installation wrote is ever read back.

Layout: a 16-byte seal, the length of the head in 4 bytes, the head as JSON, the bodies one after the other. The head
holds a digest of the bodies, so the seal of the head vouches for all, and the head can be read without them.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import orjson

from api.cache.encodings import IDENTITY
from api.cache.keys import Key
from api.cache.stored import Stored

SEAL, HEAD = 16, 20
"""Where the seal ends, and where the head begins."""
LARGEST = 1_000_000
"""Bytes of a value at most; larger replies stay in the processes."""


class Cut(Exception):
    """The head of a value is longer than what was given of it."""


class Codec:
    """Seals with the installation's secret; `space` parts what may not be mixed: versions of the code, settings."""

    def __init__(self, secret: bytes, space: str) -> None:
        self._secret = hashlib.blake2b(secret, digest_size=32, person=b"clinic-cms cache").digest()
        self._space = space

    def name(self, key: Key) -> str:
        """The name of a reply in Redis: tells nothing of what it holds."""
        told = orjson.dumps([self._space, *key])
        return f"cc:{hashlib.blake2b(told, digest_size=20, key=self._secret).hexdigest()}"

    def counter(self, name: str) -> str:
        """The name of a count in Redis, the same for every version: tells nothing of whom it counts."""
        return f"cc:limit:{hashlib.blake2b(name.encode(), digest_size=12, key=self._secret).hexdigest()}"

    def packed(self, entry: Stored) -> bytes | None:
        """The value, or None where it is too large."""
        squeezed = [name for name, each in entry.variants.items() if each.body[0] is not entry.body]
        bodies = [entry.body, *(entry.variants[name].body[0] for name in squeezed)]
        held = b"".join(bodies)
        head = orjson.dumps(
            {
                "space": self._space,
                "digest": _digest(held),
                "key": entry.key,
                "clinic": entry.clinic,
                "tags": sorted(entry.tags),
                "until": entry.until,
                "clock": entry.clock,
                "status": entry.status,
                "head": entry.head,
                "etag": entry.etag,
                "modified": entry.modified,
                "made": entry.made,
                "request_id": entry.request_id,
                "bodies": [[name, len(body)] for name, body in zip([IDENTITY, *squeezed], bodies, strict=True)],
            }
        )
        value = b"".join((self._seal(head), len(head).to_bytes(4, "big"), head, held))
        return None if len(value) > LARGEST else value

    def unpacked(self, key: Key, value: bytes) -> Stored | None:
        """The reply under a key; None for bytes that are cut, foreign, or another key's."""
        told = self._head(value)
        if told is None or tuple(told["key"]) != key or told.pop("space") != self._space:
            return None
        held = memoryview(value)[told.pop("starts") :]
        if told.pop("digest") != _digest(held):
            return None
        bodies, at = {}, 0
        for name, size in told.pop("bodies"):
            bodies[name] = bytes(held[at : at + size])
            at += size
        told["head"] = [(name, each) for name, each in told["head"]]
        entry = Stored(**{**told, "key": key, "tags": frozenset(told["tags"]), "body": bodies.pop(IDENTITY)})
        for name, body in bodies.items():
            entry.variants[name] = entry.ready(name, body)
        return entry

    def depends(self, value: bytes) -> tuple[frozenset[str], int] | None:
        """(tags, purge clock from before it was made) of a value of which the beginning is enough; of any version.

        None for what this installation did not write. Raises Cut where the beginning was too short.
        """
        if len(value) > HEAD and len(value) < HEAD + int.from_bytes(value[SEAL:HEAD], "big") <= LARGEST:
            raise Cut
        told = self._head(value)
        return None if told is None else (frozenset(told["tags"]), told["clock"])

    def _head(self, value: bytes) -> dict[str, Any] | None:
        """What the head says, and where the bodies start; None where its seal is not ours."""
        starts = HEAD + int.from_bytes(value[SEAL:HEAD], "big")
        head = value[HEAD:starts]
        if not head or not hmac.compare_digest(value[:SEAL], self._seal(head)):
            return None
        return {**orjson.loads(head), "starts": starts}

    def _seal(self, head: bytes) -> bytes:
        return hashlib.blake2b(head, digest_size=SEAL, key=self._secret).digest()


def _digest(held: bytes | memoryview) -> str:
    return hashlib.blake2b(held, digest_size=16).hexdigest()
