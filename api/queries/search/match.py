"""Where in an item the words stand: the field, the anchor, and a marked excerpt."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from api.rules.words import snippet
from schemas.content import content_type
from schemas.delivery import Delivered, texts


def match(row: Any, wanted: Collection[str], rank: int) -> dict[str, Any]:
    """{rank, field, anchor, html}: the text that holds most of what is wanted; html is escaped but for <mark>.

    The title is shown anyway, so an equally good other text is preferred to it.
    """
    kind = content_type(row.type)
    delivered = Delivered(json.loads(row.document), json.loads(row.sources))
    best: tuple[tuple[int, bool], dict[str, Any]] | None = None
    for field, anchor, text in texts(kind, delivered):
        excerpt = snippet(text, wanted, row.locale)
        worth = (excerpt.found, field != kind.title and excerpt.found > 0)
        if best is None or worth > best[0]:
            best = (worth, {"rank": rank, "field": field, "anchor": anchor, "html": excerpt.html})
        if excerpt.found == len(wanted) and field != kind.title:
            break
    assert best is not None
    return best[1]
