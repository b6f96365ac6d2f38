"""The form of a backup: one gzipped tar with a head, the tables in pieces of rows, media files, and a manifest last.

A row is a JSON array, the same on both databases. Everything is written and read as a stream, piece by piece.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import re
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import orjson

from api.errors import NotReady
from api.services.backups import sealing

FORMAT, VERSION = "clinic-cms backup", 1
PIECE = 1_000_000
"""Bytes of rows that stand in one part; one row more may follow."""
LARGEST_PART = 64_000_000
"""Bytes of a part of rows that are read at all."""
_TABLE = re.compile(r"tables/([a-z_]{1,63})/(\d{6,9})\.ndjson\Z")
_MEDIA = re.compile(r"media/[A-Za-z0-9][\w.\-]*(/[A-Za-z0-9][\w.\-]*){0,5}\Z", re.ASCII)
_BROKEN = (tarfile.TarError, EOFError, OSError, zlib.error, gzip.BadGzipFile, UnicodeDecodeError, ValueError)
Told = dict[str, Any]


@dataclass
class Sum:
    """What is counted of a table, or of the media."""

    count: int = 0
    size: int = 0
    digest: Any = field(default_factory=hashlib.sha256)

    def add(self, data: bytes, count: int) -> None:
        self.count, self.size = self.count + count, self.size + len(data)
        self.digest.update(data)

    def told(self) -> Told:
        return {"count": self.count, "bytes": self.size, "sha256": self.digest.hexdigest()}


@dataclass
class Sums:
    """The sums of a whole archive."""

    tables: dict[str, Sum] = field(default_factory=dict)
    media: Sum = field(default_factory=Sum)

    def manifest(self, head: Told) -> Told:
        """{head, tables, media, sha256}: the last one over all the others."""
        whole = {"head": head, "tables": {name: each.told() for name, each in self.tables.items()},
                 "media": self.media.told()}  # fmt: skip
        return {**whole, "sha256": hashlib.sha256(canonical(whole)).hexdigest()}


def canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":")).encode()


class Writing:
    """Writes an archive: the head first, then tables and media, and at `end` the manifest."""

    def __init__(self, file: IO[bytes], head: Told) -> None:
        self._tar = tarfile.open(fileobj=file, mode="w|", format=tarfile.PAX_FORMAT)  # noqa: SIM115  `end` closes it
        self._head, self.sums = head, Sums()
        self._put("head.json", canonical(head))

    def table(self, name: str, rows: Iterator[list[Any]]) -> Iterator[int]:
        """Write the rows of a table; tells after each part how many there were so far."""
        here, part, lines = self.sums.tables.setdefault(name, Sum()), 0, io.BytesIO()
        waiting = 0
        for row in rows:
            lines.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))
            waiting += 1
            if lines.tell() >= PIECE:
                part, waiting = self._part(name, part, lines, waiting, here)
                yield here.count
        if waiting:
            self._part(name, part, lines, waiting, here)
        yield here.count

    def _part(self, name: str, part: int, lines: io.BytesIO, waiting: int, here: Sum) -> tuple[int, int]:
        data = lines.getvalue()
        self._put(f"tables/{name}/{part + 1:06}.ndjson", data)
        here.add(data, waiting)
        lines.seek(0)
        lines.truncate()
        return part + 1, 0

    def media(self, path: str, file: IO[bytes], size: int) -> None:
        """Write a media file of so many bytes. Raises NotReady where its path has no place in an archive."""
        if not _MEDIA.fullmatch(f"media/{path}"):
            raise NotReady(f"The media folder holds {path[:200]!r}, which is no name of a media file.")
        seen = _Seen(file)
        self._tar.addfile(_member(f"media/{path}", size), seen)
        _forget(self._tar)
        self.sums.media.add(_line(path, size, seen.digest.hexdigest()), 1)

    def end(self) -> Told:
        """Close the archive with its manifest."""
        made = self.sums.manifest(self._head)
        self._put("manifest.json", canonical(made))
        self._tar.close()
        return made

    def _put(self, name: str, data: bytes) -> None:
        self._tar.addfile(_member(name, len(data)), io.BytesIO(data))
        _forget(self._tar)


@dataclass
class Part:
    """One part of an archive as it is read: rows of a table, or a media file."""

    table: str | None = None
    rows: list[list[Any]] = field(default_factory=list)
    media: str | None = None
    file: _Seen | None = None


class Reading:
    """Reads an archive from its head on. `head` is checked; iterating checks all the rest, the manifest last."""

    def __init__(self, file: IO[bytes]) -> None:
        try:
            self._tar = tarfile.open(fileobj=file, mode="r|")  # noqa: SIM115  as long as its file
            first = self._tar.next()
            self.head: Told = orjson.loads(self._bytes(first)) if first and first.name == "head.json" else {}
        except _BROKEN:
            raise NotReady("This is no backup of Clinic CMS.") from None
        if not isinstance(self.head, dict) or self.head.get("format") != FORMAT:
            raise NotReady("This is no backup of Clinic CMS.")
        if self.head.get("version") != VERSION:
            detail = f"The backup has form {self.head.get('version')}, this version reads form {VERSION}"
            raise NotReady(f"{detail}: it was made by {str(self.head.get('product'))[:40]}.")
        if not isinstance(self.head.get("tables"), dict):
            raise NotReady("This is no backup of Clinic CMS: its head names no tables.")
        self.sums, self.manifest = Sums(), dict[str, Any]()

    def __iter__(self) -> Iterator[Part]:
        """Every part in order. Raises NotReady for what is missing, changed, foreign or cut, naming the part."""
        name = "the head"
        try:
            while (member := self._tar.next()) is not None:
                _forget(self._tar)
                name = member.name[:200]
                if self.manifest:
                    raise NotReady(f"The backup goes on after its end, with {name!r}.")
                if name == "manifest.json":
                    self.manifest = orjson.loads(self._bytes(member))
                else:
                    yield from self._part(member)
        except _BROKEN as error:
            raise NotReady(f"The backup is not whole: it breaks off or is changed in or after {name!r}.") from error
        self._compare()

    def _part(self, member: tarfile.TarInfo) -> Iterator[Part]:
        found, media = _TABLE.fullmatch(member.name), _MEDIA.fullmatch(member.name)
        if not member.isfile() or not (found or media):
            raise NotReady(f"The backup holds {member.name[:200]!r}, which no backup does.")
        if media is not None:
            file = _Seen(self._tar.extractfile(member))  # type: ignore[arg-type]
            path = member.name.removeprefix("media/")
            yield Part(media=path, file=file)
            file.drain()
            self.sums.media.add(_line(path, member.size, file.digest.hexdigest()), 1)
            return
        assert found is not None
        columns = self.head["tables"].get(found[1])
        data = self._bytes(member)
        rows = [orjson.loads(line) for line in data.splitlines()]
        if columns is None or any(not isinstance(row, list) or len(row) != len(columns) for row in rows):
            raise NotReady(f"The backup's {member.name!r} does not hold rows of its table.")
        self.sums.tables.setdefault(found[1], Sum()).add(data, len(rows))
        yield Part(table=found[1], rows=rows)

    def _compare(self) -> None:
        if not self.manifest:
            raise NotReady("The backup is not whole: its manifest is missing.")
        if not isinstance(self.manifest, dict) or not isinstance(self.manifest.get("tables"), dict):
            raise NotReady("The backup was changed: its manifest does not say what it holds.")
        for name in self.head["tables"]:
            self.sums.tables.setdefault(name, Sum())
        there, told = self.sums.manifest(self.head), self.manifest
        for name, each in {**there["tables"], "media": there["media"]}.items():
            said = told.get("media") if name == "media" else told["tables"].get(name)
            if said != each:
                raise NotReady(f"The backup was changed: {name} is not what its manifest says.")
        if there != told:
            raise NotReady("The backup was changed: its manifest does not agree with its head.")

    def _bytes(self, member: tarfile.TarInfo) -> bytes:
        if not member.isfile() or member.size > LARGEST_PART:
            raise NotReady(f"The backup's {member.name[:200]!r} is larger than any part of a backup.")
        file = self._tar.extractfile(member)
        data = file.read() if file else b""
        if len(data) != member.size:
            raise EOFError
        return data


class _Seen:
    """A file whose bytes are digested while they are read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self.digest = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self.digest.update(data)
        return data

    def drain(self) -> None:
        while self.read(PIECE):
            pass


def _forget(tar: tarfile.TarFile) -> None:
    """A tar remembers every member it has met; here that would grow with the rows."""
    tar.members.clear()  # type: ignore[attr-defined]


def _member(name: str, size: int) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.size, made.mode = size, 0o600
    return made


def _line(path: str, size: int, digest: str) -> bytes:
    return f"{path}\0{size}\0{digest}\n".encode()


@contextmanager
def opened(path: Path, said: bytes | None) -> Iterator[Reading]:
    """An archive, unsealed where it is sealed. Raises NotReady."""
    try:
        raw = path.open("rb")
    except OSError as error:
        raise NotReady(f"The backup can't be read: {path}: {error.strerror}.") from None
    with raw:
        file: Any = raw
        if sealing.sealed(raw):
            if said is None:
                raise NotReady("The backup is sealed: name the file of its passphrase with --passphrase-file.")
            file = io.BufferedReader(sealing.Unsealing(raw, said))
        with gzip.GzipFile(fileobj=file, mode="rb") as plain:
            yield Reading(plain)  # type: ignore[arg-type]


@contextmanager
def making(path: Path, said: bytes | None, head: Told) -> Iterator[Writing]:
    """A new archive: written beside its place, for its owner alone, and put there once it is whole."""
    draft = path.with_name(f".{path.name}.partial")
    draft.unlink(missing_ok=True)
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as raw:
            file: Any = sealing.Sealing(raw, said) if said is not None else raw
            with gzip.GzipFile(filename="", fileobj=file, mode="wb", compresslevel=4, mtime=0) as packed:
                yield Writing(packed, head)  # type: ignore[arg-type]
            if said is not None:
                file.close()
            raw.flush()
            os.fsync(raw.fileno())
        draft.replace(path)
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
