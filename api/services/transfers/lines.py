"""Files of lines: one JSON value a line, a manifest first, an end with counts and the digest of all before it."""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import IO, Any

import orjson

from api.services.transfers.columns import BadLine, Line
from api.version import VERSION

FORMAT = "clinic-cms/1"
LONGEST = 8_000_000
"""Bytes of a line."""
CHUNK = 1 << 20
"""Bytes that are copied at once."""
DEEPEST = 60
PRIVATE = 0o600
"""Drafts and people's addresses are in it: what is written is for its owner alone."""
_FORBIDDEN = re.compile("[\x00\ud800-\udfff]")


class Writer:
    """Lines into a file that lies whole at `path` once `close` was called, and not before."""

    def __init__(self, path: Path) -> None:
        self.path, self.counts = path, Counter[str]()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._body: IO[bytes] = tempfile.TemporaryFile(dir=path.parent)  # noqa: SIM115 (open until `close`)

    def put(self, kind: str, values: Line) -> None:
        self.counts[kind] += 1
        self._body.write(orjson.dumps({"record": kind, **values}) + b"\n")

    def close(self, about: Line) -> str:
        """Put the manifest before and the end after; the digest of all but the last line."""
        manifest = {"record": "manifest", "format": FORMAT, "product": VERSION, **about, "counts": dict(self.counts)}
        made = hashlib.sha256()
        draft = self.path.with_name(self.path.name + ".part")
        draft.touch(mode=PRIVATE)
        self._body.seek(0)
        with draft.open("wb") as out:
            for chunk in chain([orjson.dumps(manifest) + b"\n"], iter(lambda: self._body.read(CHUNK), b"")):
                made.update(chunk)
                out.write(chunk)
            digest = f"sha256:{made.hexdigest()}"
            out.write(orjson.dumps({"record": "end", "lines": self.counts.total() + 2, "digest": digest}) + b"\n")
        self._body.close()
        draft.replace(self.path)
        return digest


def numbered(path: Path, seen: Callable[[int], None] = lambda _: None) -> Iterator[tuple[int, bytes]]:
    """(number, bytes) of each line that holds anything. Raises BadLine for one that is too long."""
    number = 0
    with path.open("rb") as file:
        while line := file.readline(LONGEST + 1):
            number += 1
            if len(line) > LONGEST:
                raise BadLine(f"Line {number} is longer than {LONGEST} bytes.")
            seen(len(line))
            if line.strip():
                yield number, line


def parsed(line: bytes) -> Line:
    """The object of a line. Raises BadLine for what is none, is nested too deep, or holds what no database keeps."""
    try:
        found = orjson.loads(line)
    except ValueError:
        raise BadLine("The line is not valid JSON in UTF-8.") from None
    if not isinstance(found, dict):
        raise BadLine("Each line is a JSON object.")
    _check(found, 0)
    return found


def _check(value: Any, depth: int) -> None:
    if depth > DEEPEST:
        raise BadLine(f"The line is nested more than {DEEPEST} deep.")
    if isinstance(value, str):
        if _FORBIDDEN.search(value):
            raise BadLine("Take out NUL characters; they are not text.")
    elif isinstance(value, dict):
        for name, each in value.items():
            _check(name, depth)
            _check(each, depth + 1)
    elif isinstance(value, list):
        for each in value:
            _check(each, depth + 1)


def manifest(line: bytes) -> Line:
    """The first line of an archive. Raises BadLine for what is none, or is of a format that is not read here."""
    found = parsed(line)
    if found.get("record") != "manifest":
        raise BadLine("The first line is no manifest: this is no archive of Clinic CMS.")
    if found.get("format") != FORMAT:
        raise BadLine(f"The archive has the format {str(found.get('format'))[:40]!r}; {FORMAT} is read here.")
    return found


def check_whole(path: Path, seen: Callable[[int], None] = lambda _: None) -> Line:
    """The manifest of an archive whose end fits its beginning. Raises BadLine where anything is missing or changed."""
    made, last, first, number = hashlib.sha256(), b"", b"", 0
    for number, line in numbered(path, seen):  # noqa: B007 (the last one is told)
        made.update(last)
        first, last = first or line, line
    about = manifest(first) if first else None
    if about is None:
        raise BadLine("The file is empty.")
    end = parsed(last)
    if end.get("record") != "end" or end.get("lines") != number:
        raise BadLine("The archive is cut off: its last line is not the end that belongs to it.")
    if end.get("digest") != f"sha256:{made.hexdigest()}":
        raise BadLine("The archive was changed: its digest does not fit what is in it.")
    return about
