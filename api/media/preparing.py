"""From a file that somebody sent to what is kept of it: one policy for every way in."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from api.errors import CmsError, invalid_content
from api.media import documents, pictures
from api.media.formats import ALLOWED, ANY_TYPE, BY_TYPE, FORMATS, HEAD, IMAGE, Format, is_svg, sniff
from api.media.prepared import Prepared, address_of, digest_of

LONGEST_NAME = 120


def prepare(source: Path, folder: Path, declared: str = "", name: str = "", key: bytes | None = None) -> Prepared:
    """What is kept of a file: sniffed, checked, cleaned. `declared` and `name` are only held against the bytes.

    Raises unsupported_media_type, invalid_content, unavailable, storage_full.
    """
    with full():
        kind = _kind(source, declared, name)
        digest, size = digest_of(source), source.stat().st_size
        found = Prepared(kind.form, kind.media_type, digest, size, address_of(digest, key))
        if kind.form == IMAGE:
            pictures.check(kind, source.read_bytes())
            found.files, (found.width, found.height), found.color = pictures.renditions(kind, source, folder)
        else:
            found.files = [documents.cleaned(source, folder)]
        return found


def _kind(source: Path, declared: str, name: str) -> Format:
    with source.open("rb") as file:
        head = file.read(HEAD)
    if not head:
        raise pictures.refused("required", "The file is empty.")
    kind = sniff(head)
    if kind is None:
        told = "SVG is a document that can run scripts: export it as PNG or WebP." if is_svg(head) else (
            f"The bytes are of no type that is taken; there are {', '.join(ALLOWED)}."
        )  # fmt: skip
        raise CmsError("unsupported_media_type", told, allowed=list(ALLOWED))
    declared = declared.partition(";")[0].strip().lower()
    if declared not in ANY_TYPE and BY_TYPE.get(declared) is not kind:
        raise _mismatch(f"It was said to be {declared[:60]} and is {kind.media_type}.")
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    known = {each for other in FORMATS for each in other.endings} | {"svg", "html", "htm", "js", "php", "exe", "xml"}
    if ending in known and ending not in kind.endings:
        raise _mismatch(f"Its name ends in .{ending} and it is {kind.media_type}.")
    return kind


def _mismatch(detail: str) -> CmsError:
    return invalid_content([{"pointer": "/file", "code": "type_mismatch", "detail": detail}])


@contextmanager
def full() -> Iterator[None]:
    """A disk without room, said in words that lead somewhere. Raises storage_full."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise CmsError("storage_full", "There is no room left for the file; nothing was kept.") from error
        raise


def shown_name(name: str) -> str:
    """A file's name as something to read: no path, no control or direction characters, never a name on any disk."""
    last = name.replace("\\", "/").rpartition("/")[2]
    plain = "".join(each for each in last if each.isprintable() and each not in '\u202a\u202b\u202c\u202d\u202e"<>|:*?')
    return plain.strip(" .")[:LONGEST_NAME] or "file"
