"""Cuts: where in a delivered document's JSON each field stands, and in it what is filled at each read."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import chain
from typing import Any

from schemas.rich_text import MARKER

Cuts = dict[str, list[int]]
"""Field -> [start, (where a marker starts, where it ends) as often as there are any, end], in characters."""

_PRIVATE, _OTHERS = range(0xE000, 0xF900), range(0x10000, 0x110000)


def to_json(value: Any) -> str:
    """JSON as the read model keeps it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def written(document: dict[str, Any], marked: Iterable[str]) -> tuple[str, Cuts]:
    """The document as JSON, and its cuts. `marked` tells where the rich texts with markers stand."""
    text = to_json(document)
    edge = _unused(text)
    edged = json.loads(text)
    for at in marked:
        part = part_at(edged, at)
        part["value"] = MARKER.sub(lambda found: f"{edge}{found[0]}{edge}", part["value"])
    cuts: Cuts = {}
    here = len("{")
    for name, value in edged.items():
        here += len(to_json(name)) + len(":")
        cuts[name] = [here]
        for piece in to_json(value).split(edge):
            here += len(piece)
            cuts[name].append(here)
        here += len(",")
    return text, cuts


def _unused(text: str) -> str:
    """A character that the text does not hold; there are more of them than a document may have."""
    held = set(text) if chr(_PRIVATE[0]) in text else ()
    return next(chr(code) for code in chain(_PRIVATE, _OTHERS) if chr(code) not in held)


def part_at(document: dict[str, Any], at: str) -> dict[str, Any]:
    """The rich text at a place (`sections/2/body`) of a delivered document."""
    part: Any = document
    for step in at.split("/"):
        part = part[int(step)] if isinstance(part, list) else part[step]
    found: dict[str, Any] = part
    return found
