"""Stored replies as bytes for Redis: sealed, so that nothing but what this installation wrote is ever read back.

Layout: a 16-byte seal, the length of the head in 4 bytes, the head as JSON, the bodies one after the other.
"""

from __future__ import annotations

import hashlib
import hmac

import orjson

from api.cache.encodings import IDENTITY
from api.cache.keys import Key
from api.cache.stored import Stored

SEAL = 16
LARGEST = 1_000_000
"""Bytes of a value at most; larger replies stay in the processes."""


class Codec:
    """Seals with the installation's secret; `space` parts what may not be mixed: versions of the code, settings."""

    def __init__(self, secret: bytes, space: str) -> None:
        self._secret = hashlib.blake2b(secret, digest_size=32, person=b"clinic-cms cache").digest()
        self._space = space

    def name(self, key: Key) -> str:
        """The name of a reply in Redis: tells nothing of what it holds."""
        told = orjson.dumps([self._space, *key])
        return f"cc:{hashlib.blake2b(told, digest_size=20, key=self._secret).hexdigest()}"

    def packed(self, entry: Stored) -> bytes | None:
        """The value, or None where it is too large."""
        squeezed = [name for name, each in entry.variants.items() if each.body[0] is not entry.body]
        bodies = [entry.body, *(entry.variants[name].body[0] for name in squeezed)]
        head = orjson.dumps(
            {
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
        value = b"".join((len(head).to_bytes(4, "big"), head, *bodies))
        return None if len(value) > LARGEST else self._seal(value) + value

    def unpacked(self, key: Key, value: bytes) -> Stored | None:
        """The reply under a key; None for bytes that are cut, foreign, or another key's."""
        seal, rest = value[:SEAL], value[SEAL:]
        if len(value) <= SEAL + 4 or not hmac.compare_digest(seal, self._seal(rest)):
            return None
        length = int.from_bytes(rest[:4], "big")
        told = orjson.loads(rest[4 : 4 + length])
        if tuple(told["key"]) != key:
            return None
        sizes = told.pop("bodies")
        bodies, at = {}, 4 + length
        for name, size in sizes:
            bodies[name] = rest[at : at + size]
            at += size
        told["head"] = [(name, each) for name, each in told["head"]]
        entry = Stored(**{**told, "key": key, "tags": frozenset(told["tags"]), "body": bodies.pop(IDENTITY)})
        for name, body in bodies.items():
            entry.variants[name] = entry.ready(name, body)
        return entry

    def _seal(self, value: bytes) -> bytes:
        return hashlib.blake2b(value, digest_size=SEAL, key=self._secret, person=self._space.encode()[:16]).digest()

