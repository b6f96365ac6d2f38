"""Pictures: what is kept of one beside a published text or a clinic, and what a page is given of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from api.queries.reader import Reader
from api.queries.related import parsed_links
from api.rules.consents import USES

Given = dict[str, Any]
TYPES = (("image/avif", "avif"), ("image/webp", "webp"))
FALLBACK = "1200.jpg"


def kept(media: Any, files: Iterable[Any], alt: str, caption: str | None, credit: str | None) -> Given:
    """What is kept of a picture in one language: of a row of `media`, and of its files as it is now."""
    consent = media.consent if media.shows_person else None
    named = {each.name: each for each in files}
    widths = sorted((int(name.partition(".")[0]), each.width) for name, each in named.items() if name.endswith(".webp"))
    return {
        "id": media.id,
        "at": int(media.updated_at.timestamp()),
        "address": media.address,
        "kind": media.kind,
        "alt": alt,
        "caption": caption,
        "credit": credit,
        "width": media.width,
        "height": media.height,
        "focal_point": media.focal_point,
        "color": media.color,
        "widths": [list(each) for each in widths],
        "fallback": [FALLBACK, named[FALLBACK].width, named[FALLBACK].height],
        "clinics": consent["clinics"] if consent else [],
        "uses": consent["uses"] if consent else list(USES),
    }


def given(row: Any, reader: Reader) -> Given | None:
    """The picture of a published row as this reader may show it, None where there is none."""
    return shown(parsed_links(row.links).get("image"), reader)


def shown(picture: Given | None, reader: Reader) -> Given | None:
    """What a page needs of a picture that is kept, None where this reader may not show it."""
    found = _allowed(picture, reader, reader.use)
    if found is None:
        return None
    base = f"{reader.media}/media/{found['address']}"
    return {
        "id": found["id"],
        "alt": found["alt"],
        "caption": found["caption"],
        "credit": found["credit"],
        "kind": found["kind"],
        "width": found["width"],
        "height": found["height"],
        "focal_point": found["focal_point"],
        "color": found["color"],
        "src": f"{base}/{found['widths'][-1][0]}.webp",
        "sources": [{"type": kind, "srcset": _srcset(base, ending, found["widths"])} for kind, ending in TYPES],
    }


def preview(row: Any, reader: Reader) -> Given | None:
    """The same for previews of links elsewhere, where the consent takes those in."""
    found = _allowed(parsed_links(row.links).get("image"), reader, "social")
    if found is None:
        return None
    name, width, height = found["fallback"]
    src = f"{reader.media}/media/{found['address']}/{name}"
    return {"src": src, "type": "image/jpeg", "width": width, "height": height, "alt": found["alt"]}


def _allowed(found: Given | None, reader: Reader, use: str) -> Given | None:
    if found is None or use not in found["uses"]:
        return None
    return found if not found["clinics"] or reader.house.id in found["clinics"] else None


def _srcset(base: str, ending: str, widths: list[list[int]]) -> str:
    return ", ".join([f"{base}/{name}.{ending} {across}w" for name, across in widths])
