"""Where files are kept: a folder in which a file is there whole or not at all; s3.py is the other place."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import time
from collections.abc import Iterable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, Protocol

from api.config import MediaPlace
from api.media.prepared import BLOCK, Body, Prepared

DRAFT_SECONDS = 600
"""What is still unfinished after so long is of a process that died."""


class Store(Protocol):
    """Files by address and name. What goes wrong with the place itself raises OSError."""

    def put(self, prepared: Prepared) -> None:
        """Keep every file of it, whole and safe from a lost power, before this returns."""

    def read(self, address: str, name: str, start: int, stop: int) -> Body | None:
        """The bytes from start up to stop; None where there is no such file."""

    def drop(self, address: str) -> None:
        """Forget all files of an address; nothing happens if there are none."""

    def has(self, address: str) -> bool:
        """Whether an address has files."""

    def addresses(self) -> Iterable[tuple[str, float]]:
        """Every address that has files, and when (epoch seconds) the newest of them was written."""


@lru_cache(maxsize=16)
def at(place: MediaPlace) -> Store:
    """The store that the settings name."""
    if place.bucket is None:
        return Folder(place.folder)
    from api.media.s3 import Bucket

    return Bucket(place)


class Folder:
    """A folder of this machine: two letters of the address, the address, the names."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, prepared: Prepared) -> None:
        there = self._place(prepared.address)
        if there.exists():
            return  # It came here whole, by a rename.
        draft = self._aside(prepared.address)
        draft.mkdir(parents=True)
        try:
            for each in prepared.files:
                shutil.copyfile(each.path, draft / each.name)
                _settle(draft / each.name)
            _settle(draft)
            _move(draft, there)
            _settle(there.parent)
        finally:
            shutil.rmtree(draft, ignore_errors=True)

    def read(self, address: str, name: str, start: int, stop: int) -> Body | None:
        try:
            file = (self._place(address) / name).open("rb")
        except (FileNotFoundError, NotADirectoryError):
            return None
        return _blocks(file, start, stop)

    def drop(self, address: str) -> None:
        place, gone = self._place(address), self._aside(address)
        with suppress(FileNotFoundError):
            place.rename(gone)  # At no instant is it there in parts.
        shutil.rmtree(gone, ignore_errors=True)
        for each in place.parent.glob(f".{address}.*"):
            if _written(each) < time.time() - DRAFT_SECONDS:
                shutil.rmtree(each, ignore_errors=True)

    def has(self, address: str) -> bool:
        return self._place(address).is_dir()

    def addresses(self) -> Iterable[tuple[str, float]]:
        if not self._root.exists():
            return
        for outer in os.scandir(self._root):
            for each in os.scandir(outer.path) if outer.is_dir(follow_symlinks=False) else ():
                if each.is_dir(follow_symlinks=False):
                    yield each.name.lstrip(".").partition(".")[0], each.stat(follow_symlinks=False).st_mtime

    def _place(self, address: str) -> Path:
        return self._root / address[:2] / address

    def _aside(self, address: str) -> Path:
        """A place beside it which nobody else has, nor reads."""
        return self._root / address[:2] / f".{address}.{secrets.token_hex(8)}"


def _move(draft: Path, there: Path) -> None:
    """Put it in its place, unless another process that keeps the same was faster: then its files are as good."""
    try:
        draft.rename(there)
    except OSError as error:
        if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
            raise


def _written(path: Path) -> float:
    """When, in epoch seconds; of what has gone meanwhile: now."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return time.time()


def _blocks(file: BinaryIO, start: int, stop: int) -> Body:
    with file as opened:
        opened.seek(start)
        left = stop - start
        while left > 0 and (block := opened.read(min(BLOCK, left))):
            left -= len(block)
            yield block


def _settle(path: Path) -> None:
    """Have it on the disk, not only in the machine's memory."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
