"""Pictures of items: what is kept of one beside a published text, as a page needs it."""

from __future__ import annotations

from typing import Any

from api.queries.reader import Reader
from api.queries.related import parsed_links

Given = dict[str, Any]
TYPES = (("image/avif", "avif"), ("image/webp", "webp"))


def given(row: Any, reader: Reader) -> Given | None:
    """The picture of a published row as this reader may show it, None where there is none."""
    found = _allowed(row, reader, reader.use)
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
    found = _allowed(row, reader, "social")
    if found is None:
        return None
    name, width, height = found["fallback"]
    src = f"{reader.media}/media/{found['address']}/{name}"
    return {"src": src, "type": "image/jpeg", "width": width, "height": height, "alt": found["alt"]}


def _allowed(row: Any, reader: Reader, use: str) -> Given | None:
    found: Given | None = parsed_links(row.links).get("image")
    if found is None or use not in found["uses"]:
        return None
    return found if not found["clinics"] or reader.house.id in found["clinics"] else None


def _srcset(base: str, ending: str, widths: list[list[int]]) -> str:
    return ", ".join([f"{base}/{name}.{ending} {across}w" for name, across in widths])
