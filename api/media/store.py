"""Where files are kept: a folder in which a file is there whole or not at all; s3.py is the other place."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, Protocol

from api.config import MediaPlace
from api.media.prepared import BLOCK, Body, Prepared


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
        draft = there.with_name(f".{prepared.address}.{os.getpid()}")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        try:
            for each in prepared.files:
                shutil.copyfile(each.path, draft / each.name)
                _settle(draft / each.name)
            _settle(draft)
            os.rename(draft, there)
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
        place = self._place(address)
        for each in (place, *place.parent.glob(f".{address}.*")):
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
