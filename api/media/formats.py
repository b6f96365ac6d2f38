"""What is taken in, told by its bytes alone, and what is given out."""

from __future__ import annotations

import re
from dataclasses import dataclass

IMAGE, DOCUMENT = "image", "document"
WIDTHS = (480, 960, 1600)
"""Widths of renditions, in pixels; a picture between two of them is given whole under the next name."""
GIVEN = {"avif": "image/avif", "webp": "image/webp"}
FALLBACK, FALLBACK_WIDTH = "1200.jpg", 1200
"""For whoever reads neither AVIF nor WebP, such as previews of links."""
ORIGINAL = "original"
"""What editors are given: the picture as it was sent in, cleaned."""
PDF = "file.pdf"
RENDITION = re.compile(rf"(?:{'|'.join(map(str, WIDTHS))})\.(?:avif|webp)|{re.escape(FALLBACK)}|{re.escape(PDF)}")
ADDRESS = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Format:
    """One kind of file: its media type, the name Pillow has for it, and the endings its name may have."""

    name: str
    media_type: str
    form: str
    endings: tuple[str, ...]


FORMATS = (
    Format("JPEG", "image/jpeg", IMAGE, ("jpg", "jpeg", "jpe", "jfif")),
    Format("PNG", "image/png", IMAGE, ("png",)),
    Format("WEBP", "image/webp", IMAGE, ("webp",)),
    Format("AVIF", "image/avif", IMAGE, ("avif",)),
    Format("GIF", "image/gif", IMAGE, ("gif",)),
    Format("PDF", "application/pdf", DOCUMENT, ("pdf",)),
)
BY_NAME = {each.name: each for each in FORMATS}
BY_TYPE = {each.media_type: each for each in FORMATS} | {"image/jpg": BY_NAME["JPEG"]}
ALLOWED = tuple(each.media_type for each in FORMATS)
ANY_TYPE = ("", "application/octet-stream", "binary/octet-stream")
"""What a sender says that says nothing."""
HEAD = 4096
"""So many bytes at the start tell what a file is."""


def sniff(head: bytes) -> Format | None:
    """The format that the first bytes are of, None for any that is not taken in."""
    if head.startswith(b"\xff\xd8\xff"):
        return BY_NAME["JPEG"]
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return BY_NAME["PNG"]
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return BY_NAME["WEBP"]
    if head[4:8] == b"ftyp" and head[8:12] in (b"avif", b"avis", b"mif1", b"miaf"):
        return BY_NAME["AVIF"] if b"avi" in head[8:64] else None
    if head[:6] in (b"GIF87a", b"GIF89a"):
        return BY_NAME["GIF"]
    return BY_NAME["PDF"] if head.startswith(b"%PDF-1.") or head.startswith(b"%PDF-2.") else None


def is_svg(head: bytes) -> bool:
    """Whether it looks like a drawing in SVG, which is a document that may run scripts."""
    return b"<svg" in head.lower() or b"<!doctype svg" in head.lower()
