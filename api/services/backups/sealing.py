"""Files sealed with a passphrase: libsodium's secret stream, under a key that Argon2id makes of it."""

from __future__ import annotations

import io
from pathlib import Path
from typing import IO, Any

from nacl import bindings, exceptions, pwhash

from api.errors import NotReady

MAGIC = b"clinic-cms sealed backup 1\n"
PIECE = 65_536
"""Bytes of plain text that are sealed together."""
_SALT = pwhash.argon2id.SALTBYTES
_HEAD = bindings.crypto_secretstream_xchacha20poly1305_HEADERBYTES
_MORE = bindings.crypto_secretstream_xchacha20poly1305_ABYTES
_LAST = bindings.crypto_secretstream_xchacha20poly1305_TAG_FINAL
_NEXT = bindings.crypto_secretstream_xchacha20poly1305_TAG_MESSAGE
_MEMORY = 64 * 1024 * 1024
WRONG = "The passphrase is wrong, or the file was changed or cut."


def passphrase(path: Path) -> bytes:
    """The first line of a passphrase file. Raises NotReady."""
    try:
        said = path.read_bytes().split(b"\n", 1)[0].strip()
    except OSError as error:
        raise NotReady(f"The passphrase file can't be read: {path}: {error.strerror}.") from None
    if len(said) < 12:
        raise NotReady(f"{path} holds {len(said)} bytes; a passphrase has 12 or more.")
    return said


def sealed(file: IO[bytes]) -> bool:
    """Whether a file is a sealed one; it stands at its beginning afterwards."""
    found = file.read(len(MAGIC)) == MAGIC
    file.seek(0)
    return found


def _key(said: bytes, salt: bytes) -> bytes:
    made: bytes = pwhash.argon2id.kdf(32, said, salt, opslimit=pwhash.argon2id.OPSLIMIT_MODERATE, memlimit=_MEMORY)
    return made


class Sealing(io.RawIOBase):
    """Writes what it is given to a file, sealed piece by piece; `close` seals the last one."""

    def __init__(self, file: IO[bytes], said: bytes) -> None:
        super().__init__()
        self._file, self._waiting = file, bytearray()
        salt = bindings.randombytes(_SALT)
        self._state: Any = bindings.crypto_secretstream_xchacha20poly1305_state()
        head = bindings.crypto_secretstream_xchacha20poly1305_init_push(self._state, _key(said, salt))
        file.write(MAGIC + salt + head)

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._waiting += data
        while len(self._waiting) > PIECE:
            self._push(_NEXT)
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._push(_LAST)
        super().close()

    def _push(self, tag: int) -> None:
        piece = bytes(self._waiting[:PIECE])
        del self._waiting[:PIECE]
        self._file.write(bindings.crypto_secretstream_xchacha20poly1305_push(self._state, piece, None, tag))


class Unsealing(io.RawIOBase):
    """Reads what was sealed. Raises NotReady for any byte that is not as it was written, and for an early end."""

    def __init__(self, file: IO[bytes], said: bytes) -> None:
        super().__init__()
        self._file, self._ready, self._ended = file, b"", False
        start = file.read(len(MAGIC) + _SALT + _HEAD)
        salt, head = start[len(MAGIC) : len(MAGIC) + _SALT], start[len(MAGIC) + _SALT :]
        if len(head) != _HEAD:
            raise NotReady(WRONG)
        self._state: Any = bindings.crypto_secretstream_xchacha20poly1305_state()
        bindings.crypto_secretstream_xchacha20poly1305_init_pull(self._state, head, _key(said, salt))

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        while not self._ready and not self._ended:
            self._pull()
        given, self._ready = self._ready[: len(into)], self._ready[len(into) :]
        into[: len(given)] = given
        return len(given)

    def _pull(self) -> None:
        try:
            piece = self._file.read(PIECE + _MORE)
            self._ready, tag = bindings.crypto_secretstream_xchacha20poly1305_pull(self._state, piece, None)
        except (exceptions.CryptoError, ValueError):
            raise NotReady(WRONG) from None
        self._ended = tag == _LAST
        if self._ended and self._file.read(1):
            raise NotReady(WRONG)
