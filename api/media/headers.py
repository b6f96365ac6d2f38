"""Sizes and frames of pictures as their heads tell them, before anything is decoded."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass

_FRAMES = {0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF}
"""JPEG markers that begin a frame (ITU T.81, table B.1)."""
_ALONE = {0x01, *range(0xD0, 0xDA)}


@dataclass(frozen=True)
class Told:
    """What a head says: pixels across and down, and whether there is more than one frame."""

    width: int
    height: int
    animated: bool = False


def told(name: str, data: bytes) -> Told | None:
    """What the head of a picture of that format says; None where it makes no sense."""
    try:
        found = _READERS[name](data)
    except (struct.error, IndexError, ValueError):
        return None
    return found if found is not None and found.width > 0 and found.height > 0 else None


def _png(data: bytes) -> Told | None:
    if data[12:16] != b"IHDR":
        return None
    width, height = struct.unpack(">II", data[16:24])
    at, animated = 33, False
    while at + 8 <= len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        if kind in (b"IDAT", b"IEND"):
            break
        animated, at = animated or kind == b"acTL", at + 12 + length
    return Told(width, height, animated)


def _gif(data: bytes) -> Told | None:
    """The first two pictures' heads are walked: a second one makes it an animation."""
    width, height, flags = struct.unpack("<HHB", data[6:11])
    at, pictures = 13 + _colours(flags), 0
    while at < len(data) and data[at] != 0x3B and pictures < 2:
        if data[at] == 0x21:
            at = _past_blocks(data, at + 2)
        elif data[at] == 0x2C:
            pictures += 1
            # A picture may be larger than the screen that the head tells of; then it is the picture that is decoded.
            left, top, across, down = struct.unpack("<HHHH", data[at + 1 : at + 9])
            width, height = max(width, left + across), max(height, top + down)
            at = _past_blocks(data, at + 11 + _colours(data[at + 9]))
        else:
            return None
    return Told(width, height, pictures > 1)


def _colours(flags: int) -> int:
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _past_blocks(data: bytes, at: int) -> int:
    while data[at]:
        at += data[at] + 1
    return at + 1


def _jpeg(data: bytes) -> Told | None:
    at = 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            return None
        marker = data[at + 1]
        if marker == 0xFF or marker in _ALONE:
            at += 1 if marker == 0xFF else 2
            continue
        if marker in _FRAMES:
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return Told(width, height)
        at += 2 + int(struct.unpack(">H", data[at + 2 : at + 4])[0])
    return None


def _webp(data: bytes) -> Told | None:
    """RFC 9649: the extended head tells the canvas, the simple ones their one picture."""
    kind = data[12:16]
    if kind == b"VP8X":
        width = int.from_bytes(data[24:27], "little") + 1
        height = int.from_bytes(data[27:30], "little") + 1
        return Told(width, height, bool(data[20] & 2) or b"ANMF" in data)
    if kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return Told((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    if kind == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack("<HH", data[26:30])
        return Told(width & 0x3FFF, height & 0x3FFF)
    return None


def _avif(data: bytes) -> Told | None:
    """The largest `ispe` box (ISO 23008-12) is the picture; `avis` among the brands is a sequence."""
    length = int.from_bytes(data[:4], "big")
    sizes = [struct.unpack(">II", data[each.end() + 4 : each.end() + 12]) for each in re.finditer(b"ispe", data)]
    if not sizes:
        return None
    width, height = max(sizes, key=lambda each: each[0] * each[1])
    return Told(width, height, b"avis" in data[8 : min(length, 256)])


_READERS = {"PNG": _png, "GIF": _gif, "JPEG": _jpeg, "WEBP": _webp, "AVIF": _avif}
