"""Drawings of the demo: abstract shapes made by code, so that nobody takes one for a photograph of anybody."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageDraw

SIZE = (1600, 900)
Picture = Image.Image


def draw(name: str, path: Path) -> None:
    """Write the drawing of that name as PNG. Raises KeyError for a name that is none."""
    picture = Image.new("RGB", SIZE, "#f6efe9")
    DRAWINGS[name](ImageDraw.Draw(picture))
    # Uncompressed, so that the bytes, and with them the picture's address, are the same on every machine.
    picture.save(path, format="PNG", compress_level=0)


def _layers(pen: ImageDraw.ImageDraw) -> None:
    """Three layers that wave, the middle one set off by dots."""
    for top, color in ((250, "#e9d8cf"), (430, "#d9a68f"), (700, "#e8c9a0")):
        edge = [(x, top + round(18 * math.sin(x / 90 + top))) for x in range(0, SIZE[0] + 20, 20)]
        pen.polygon([*edge, (SIZE[0], SIZE[1]), (0, SIZE[1])], fill=color)
    for number in range(60):
        x, y = 40 + number * 26 % 1540, 480 + number * 53 % 190
        pen.ellipse((x - 9, y - 9, x + 9, y + 9), fill="#f3ddd2")


DRAWINGS: dict[str, Callable[[ImageDraw.ImageDraw], None]] = {"layers": _layers}
