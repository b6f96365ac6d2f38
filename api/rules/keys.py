"""What a key looks like: `ck_sec_` and 32 letters and digits, then 6 that check them."""

from __future__ import annotations

import hashlib
import re
import secrets
import zlib

KINDS = {"browser": "pub", "server": "sec", "preview": "pre", "manage": "mng", "partner": "par"}
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SHAPE = re.compile(r"ck_(pub|sec|pre|mng|par)_[0-9A-Za-z]{38}\Z")


def make(kind: str) -> str:
    """A new key of a kind: 190 random bits, and a checksum that lets scanners and typos be told apart."""
    body = f"ck_{KINDS[kind]}_" + "".join(secrets.choice(_ALPHABET) for _ in range(32))
    return body + _checksum(body)


def well_formed(key: str) -> bool:
    """Whether a text can be a key at all, without asking the database."""
    return bool(_SHAPE.match(key)) and key[-6:] == _checksum(key[:-6])


def digest(key: str) -> str:
    """What is kept of a key. It is random, so a plain SHA-256 can't be searched backwards."""
    return hashlib.sha256(key.encode()).hexdigest()


def hint(key: str) -> str:
    """The beginning, by which a person recognises a key in a list."""
    return key[:15]


def _checksum(body: str) -> str:
    number, letters = zlib.crc32(body.encode()), ""
    for _ in range(6):
        number, digit = divmod(number, 62)
        letters = _ALPHABET[digit] + letters
    return letters
