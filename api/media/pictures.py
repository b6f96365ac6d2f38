"""Pictures: checked by their heads, decoded once, turned upright, put into sRGB, stripped, and made into renditions."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image, ImageCms, ImageOps

from api.errors import CmsError, invalid_content
from api.media.formats import FALLBACK, FALLBACK_WIDTH, GIVEN, ORIGINAL, WIDTHS, Format
from api.media.headers import told
from api.media.prepared import Made, made

PIXELS_AT_MOST = {"JPEG": 50_000_000, "AVIF": 11_000_000, "WEBP": 8_500_000}
OTHERS_AT_MOST = 15_000_000
"""So many that preparing one takes 200 MB at most: a JPEG is made smaller while it is decoded."""
LONGEST_SIDE = 12_000
KEPT_SIDE = 2_560
"""Pixels of the longer side of what is kept for editors."""
PROFILE_AT_MOST = 4_000_000
TURN_SECONDS = 20.0
"""Pictures are decoded one at a time in a process, which bounds its memory; so long one waits for its turn."""
_TURN = threading.BoundedSemaphore(1)
_SRGB = ImageCms.createProfile("sRGB")
SAVED: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 85, "progressive": True, "optimize": True},
    "PNG": {"optimize": False},
    "WEBP": {"quality": 80, "method": 4},
    "AVIF": {"quality": 60, "speed": 9, "max_threads": 1},
}
Image.MAX_IMAGE_PIXELS = PIXELS_AT_MOST["JPEG"]
Picture = Image.Image


def check(kind: Format, data: bytes) -> None:
    """Refuse what the head alone tells is too large, animated or broken. Raises invalid_content."""
    found = told(kind.name, data)
    if found is None:
        raise refused("broken", f"The head of this {kind.name} file makes no sense.")
    most = PIXELS_AT_MOST.get(kind.name, OTHERS_AT_MOST)
    if found.width * found.height > most or max(found.width, found.height) > LONGEST_SIDE:
        detail = (
            f"The picture has {found.width} × {found.height} pixels; at most {most / 1_000_000:g} million and"
            f" {LONGEST_SIDE} on one side are taken."
        )
        raise refused("too_many_pixels", detail)
    if found.animated:
        raise refused("animated", "The picture moves; send a still one.")


def renditions(kind: Format, source: Path, folder: Path) -> tuple[list[Made], tuple[int, int], str]:
    """(files, (width, height), colour as #rrggbb) of a picture that `check` let pass. Raises invalid_content."""
    with _in_turn():
        picture = _decoded(kind, source)
        files = [_saved(picture, "PNG" if kind.name == "GIF" else kind.name, ORIGINAL, folder)]
        for name, across in _ladder(picture.width):
            smaller = _scaled(picture, across)
            for ending in GIVEN:
                files.append(_saved(smaller, ending.upper(), f"{name}.{ending}", folder))
            largest = smaller.size
        flat = _flat(_scaled(picture, min(FALLBACK_WIDTH, picture.width)))
        files.append(_saved(flat, "JPEG", FALLBACK, folder))
        return files, largest, f"#{flat.resize((1, 1), Image.Resampling.BOX).tobytes().hex()}"


@contextmanager
def _in_turn() -> Iterator[None]:
    if not _TURN.acquire(timeout=TURN_SECONDS):
        raise CmsError("unavailable", "Other pictures are being prepared; send it again a little later.", retry_after=5)
    try:
        yield
    finally:
        _TURN.release()


def _decoded(kind: Format, source: Path) -> Picture:
    """The picture, upright, in sRGB and no larger than what is kept; of all that came with it only the pixels."""
    try:
        with Image.open(source, formats=[kind.name]) as opened:
            if kind.name == "JPEG":
                opened.draft(None, (KEPT_SIDE, KEPT_SIDE))
            opened.load()
            profile, orientation = opened.info.get("icc_profile"), opened.getexif().get(0x0112, 1)
            picture = _plain(opened, profile)
            picture.thumbnail((KEPT_SIDE, KEPT_SIDE), Image.Resampling.LANCZOS)
            picture = picture.copy() if picture is opened else picture
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, MemoryError, TypeError) as error:
        raise refused("broken", "The picture can't be decoded; it is damaged or cut off.") from error
    bare = Image.Exif()
    bare[0x0112] = orientation if orientation in range(1, 9) else 1
    picture.info["exif"] = bare.tobytes()
    upright = ImageOps.exif_transpose(picture)
    upright.info = {}
    return upright


def _plain(opened: Picture, profile: Any) -> Picture:
    """RGB, or RGBA where something shines through."""
    clear = "A" in opened.getbands() or "transparency" in opened.info
    if (
        isinstance(profile, bytes)
        and 0 < len(profile) <= PROFILE_AT_MOST
        and opened.mode in ("RGB", "RGBA", "CMYK", "L")
    ):
        try:
            theirs = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            out = "RGBA" if opened.mode == "RGBA" else "RGB"
            found = ImageCms.profileToProfile(opened, theirs, _SRGB, outputMode=out)
            if found is not None:
                return found
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # A profile that makes no sense: the pixels are taken for sRGB.
    if opened.mode.startswith("I;16") or opened.mode in ("I", "F"):
        return opened.point(lambda value: value / 256).convert("L").convert("RGB")
    wanted = "RGBA" if clear else "RGB"
    return opened if opened.mode == wanted else opened.convert(wanted)


def _ladder(width: int) -> Iterator[tuple[int, int]]:
    """(name, width) of each rendition: nothing is blown up, and the largest is the picture's own size where it can."""
    for step in WIDTHS:
        yield step, min(step, width)
        if width <= step:
            return


def _scaled(picture: Picture, width: int) -> Picture:
    if width == picture.width:
        return picture
    height = max(1, round(picture.height * width / picture.width))
    return picture.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=2.0)


def _flat(picture: Picture) -> Picture:
    """On white, for a format without transparency."""
    if picture.mode != "RGBA":
        return picture
    ground = Image.new("RGB", picture.size, "white")
    ground.paste(picture, mask=picture.getchannel("A"))
    return ground


def _saved(picture: Picture, name: str, called: str, folder: Path) -> Made:
    path = folder / called
    picture.save(path, format=name, **SAVED[name])
    return made(called, f"image/{name.lower()}", path, picture.size)


def refused(code: str, detail: str) -> CmsError:
    return invalid_content([{"pointer": "/file", "code": code, "detail": detail}])
