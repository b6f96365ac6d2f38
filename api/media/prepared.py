"""Prepared: a file that was taken in, as the files that are to be kept of it."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

BLOCK = 65_536
Body = Iterator[bytes]
"""A file as it is given out: so many bytes at a time."""
LEFT_SECONDS = 3_600
"""What is older in the workshop was left by a process that died."""


@dataclass(frozen=True)
class Made:
    """One file: its name below the address, media type, where it lies now, bytes, a digest of them, pixels."""

    name: str
    media_type: str
    path: Path
    size: int
    digest: str
    width: int | None = None
    height: int | None = None


@dataclass
class Prepared:
    """`digest` is of the bytes as they came; `address` is where the files will be kept, and tells nothing of them."""

    form: str
    media_type: str
    digest: str
    size: int
    address: str
    files: list[Made] = field(default_factory=list)
    width: int | None = None
    height: int | None = None
    color: str | None = None
    used: bool = False
    """Whether something names its files now, so that they must stay."""


def made(name: str, media_type: str, path: Path, size: tuple[int, int] | None = None) -> Made:
    """A file as it lies in the folder of what is being prepared."""
    across, down = size or (None, None)
    return Made(name, media_type, path, path.stat().st_size, digest_of(path), across, down)


def digest_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal digits."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            found.update(block)
    return found.hexdigest()


def address_of(digest: str, key: bytes | None = None) -> str:
    """The public name of content: a digest keyed anew each time, so that equal pictures have no common name."""
    return hashlib.blake2b(digest.encode(), digest_size=16, key=key or secrets.token_bytes(32)).hexdigest()


@contextmanager
def workshop(data: Path) -> Iterator[Path]:
    """A folder for what is being prepared, beside the house's data: gone at the end, however that comes."""
    place = data / "incoming"
    place.mkdir(parents=True, exist_ok=True)
    for each in os.scandir(place):
        if _age(each) > LEFT_SECONDS:
            shutil.rmtree(each.path, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(dir=place))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _age(entry: os.DirEntry[str]) -> float:
    """Seconds since it was last changed; 0 for what is gone meanwhile."""
    try:
        return time.time() - entry.stat(follow_symlinks=False).st_mtime
    except FileNotFoundError:
        return 0
