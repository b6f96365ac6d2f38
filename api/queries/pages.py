"""Links of a list: itself, the next and previous page, in one canonical form."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from api.queries import paths
from api.queries.answers import Answer
from api.queries.cursors import seal
from api.queries.house import House

PAGING = ("page[after]", "page[number]")
GRAPH = ("locale", "fallback", "sort")
"""What a list's graph takes beside the filters."""


def bound(house: House, rest: str, args: Mapping[str, str]) -> str:
    """What a cursor holds for: the clinic, the address and every parameter but those that page."""
    kept = sorted((name, value) for name, value in args.items() if name not in (*PAGING, "page[size]", "count"))
    return f"{house.id}{rest}?{urlencode(kept)}"


def links(
    house: House, rest: str, args: Mapping[str, str], answer: Answer, secret: bytes, *, with_graph: bool = False
) -> dict[str, Any]:
    """{self, next, prev} and, for pages by number, {first, last}; all relative to this API's host."""
    kept = dict(sorted(args.items()))
    found: dict[str, Any] = {"self": paths.api(house, rest, kept), "next": None, "prev": None}
    if with_graph and "ids" not in args:  # The graph of chosen items comes by `include=jsonld` alone.
        graph = {name: value for name, value in kept.items() if name.startswith("filter[") or name in GRAPH}
        found["jsonld"] = paths.api(house, f"{rest}.jsonld", graph)
    if "page[number]" in args:
        return found | _numbered(house, rest, kept, answer)
    if answer.last is not None:
        following = {name: value for name, value in kept.items() if name not in PAGING}
        following["page[after]"] = seal(secret, bound(house, rest, args), list(answer.last))
        found["next"] = paths.api(house, rest, dict(sorted(following.items())))
    return found


def _numbered(house: House, rest: str, kept: dict[str, str], answer: Answer) -> dict[str, Any]:
    here, size = int(kept["page[number]"]), int(kept.get("page[size]", 20))
    last = max(1, math.ceil((answer.total or 0) / size))
    to = {"first": 1, "last": min(last, 100), "next": here + 1, "prev": here - 1}
    return {
        name: paths.api(house, rest, {**kept, "page[number]": str(number)}) if 1 <= number <= min(last, 100) else None
        for name, number in to.items()
    }
