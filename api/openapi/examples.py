"""Examples of replies, taken from the seeded library by `make openapi`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from schemas.content import CONTENT_TYPES

EXAMPLES: dict[str, Any] = json.loads(Path(__file__).with_name("examples.json").read_text(encoding="utf-8"))
"""Operation summary -> the body of its reply."""


def path_example(rule: str, name: str) -> str | None:
    """What of the seeded library stands in a segment of an address; None for what is made anew in each house."""
    if name == "slug":
        plural = rule.partition("/<slug>")[0].rpartition("/")[2]
        return _SLUGS.get(plural)
    return {"clinic": "demo-south", "aspect": "aftercare"}.get(name)


_NAMES = {"categories": "category"} | {each.plural: each.name for each in CONTENT_TYPES}
_SLUGS = {
    plural: EXAMPLES[read]["data"]["slug"] for plural, name in _NAMES.items() if (read := f"Read a {name}") in EXAMPLES
}
