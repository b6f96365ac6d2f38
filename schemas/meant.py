"""What may have been meant by a word that is not among those allowed: the one home of "Did you mean …?"."""

from __future__ import annotations

import re
from collections.abc import Collection
from difflib import get_close_matches

LONGEST = 60
"""Letters of a word that are looked at; comparing takes as long as the square of their number."""
NEAR = 0.72
"""How much two words must have in common, 0 to 1: `titel` is near `title` (0.8), `created_by` is not near `related_to`
(0.7)."""
SLIPS = 3
"""Letters, at most, that a long word may be off by: of forty letters, NEAR alone would let eleven be other ones."""
ELSEWHERE = {
    "0": "false", "1": "true", "after": "page[after] gt", "before": "lt", "cursor": "page[after]", "equals": "eq",
    "expand": "include", "is": "eq", "lang": "locale", "language": "locale", "like": "contains",
    "limit": "page[size] size", "md": "markdown", "no": "false", "not": "ne", "offset": "page[number] number",
    "embed": "include", "order": "sort", "order_by": "sort", "page": "page[number]", "per_page": "page[size]",
    "plain": "text", "populate": "include", "query": "q", "search": "q", "since": "gte", "size": "page[size]",
    "total": "count", "with": "include", "yes": "true",
}  # fmt: skip
"""What other services call the same thing."""
_HUMP, _MARKS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])"), re.compile(r"[^a-z0-9]+")


def meant(said: str, allowed: Collection[str]) -> str | None:
    """The allowed word that is nearest, whatever its case and the marks between its words; None where none is near."""
    by_shape: dict[str, str] = {}
    for each in allowed:
        by_shape.setdefault(_shape(each), each)
    shape = _shape(said[:LONGEST])
    if shape in by_shape:
        return by_shape[shape]
    known = next((each for each in ELSEWHERE.get(shape, "").split() if each in allowed), None)
    least = max(NEAR, 1 - SLIPS / max(1, len(shape)))
    near = get_close_matches(shape, by_shape, 1, least) if known is None else []
    return by_shape[near[0]] if near else known


def asked_back(said: str, allowed: Collection[str]) -> str:
    """" Did you mean title?", to stand after a sentence; "" where nothing allowed is near."""
    found = meant(said, allowed)
    return "" if found is None else f" Did you mean {found}?"


def _shape(word: str) -> str:
    """`publishedAt`, `published-at` and `published_at` as one; what leads a word, as in `-title`, stays."""
    sign = word[:1] if word[:1] in ("-",) else ""
    return sign + _MARKS.sub("_", _HUMP.sub("_", word).lower()).strip("_")
