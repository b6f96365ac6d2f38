"""The formats that are read, by name: how each is called, sent and read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from api.services.transfers import read_lines, tables
from api.services.transfers.columns import BadLine
from api.services.transfers.incoming import Reading

MEDIA_TYPES = {
    "application/x-ndjson": "ndjson",
    "application/jsonl": "ndjson",
    "text/csv": "csv",
    "application/xml": "wordpress",
    "text/xml": "wordpress",
    "application/rss+xml": "wordpress",
    "text/html": "html",
    "text/markdown": "markdown",
}
SUFFIXES = {
    ".ndjson": "ndjson", ".jsonl": "ndjson", ".csv": "csv", ".xml": "wordpress", ".html": "html", ".htm": "html",
    ".md": "markdown", ".markdown": "markdown",
}  # fmt: skip
FORMATS = ("ndjson", "csv", "wordpress", "html", "markdown")
PACKED = {b"PK\x03\x04": "ZIP", b"\x1f\x8b": "gzip", b"7z\xbc\xaf": "7z", b"BZh": "bzip2", b"\xfd7zX": "xz",
          b"(\xb5/\xfd": "zstd"}  # fmt: skip
"""Files are taken as they are: nothing is ever unpacked, so nothing can unpack to more, or to elsewhere."""


def read(form: str, path: Path, asked: dict[str, Any]) -> Reading:
    """The texts of a file. Raises BadLine where it is no such file."""
    with path.open("rb") as file:
        head = file.read(8)
    for mark, name in PACKED.items():
        if head.startswith(mark):
            raise BadLine(f"This is a {name} archive: unpack it and send the file itself.")
    if form == "ndjson":
        return read_lines.read(path)
    if form == "csv":
        return tables.read(path)
    # Taken in here alone: what reads foreign HTML takes long to load, and every command would wait for it.
    from api.services.transfers.articles import page, wordpress

    if form == "wordpress":
        return wordpress.read(path, asked)
    return page.read(path, asked, markdown=form == "markdown")
