"""Where in an item the words stand: the field, the anchor, and a marked excerpt."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import orjson

from api.rules.words import held, snippet
from schemas.content import content_type
from schemas.delivery import Delivered, texts


def match(row: Any, wanted: Collection[str], rank: int) -> dict[str, Any]:
    """{rank, field, anchor, html}: the text that holds most of what is wanted; html is escaped but for <mark>.

    Words that stand in a list are shown with the others of it, the synonyms of a glossary word.

    The title is shown anyway, so an equally good other text is preferred to it.
    """
    kind = content_type(row.type)
    delivered = Delivered(orjson.loads(row.document), orjson.loads(row.sources))
    best: tuple[str, str | None, str] | None = None
    most = (-1, False)
    for field, anchor, text in texts(kind, delivered):
        found = held(text, wanted, row.locale)
        worth = (found, field != kind.title and found > 0)
        if worth > most:
            most, best = worth, (field, anchor, text)
        if found == len(wanted) and field != kind.title:
            break
    assert best is not None
    field, anchor, text = best
    listed = delivered.document.get(field)
    if isinstance(listed, list) and text in listed:  # A word of a list says nothing alone, such as one of the synonyms.
        text = ", ".join(listed)
    return {"rank": rank, "field": field, "anchor": anchor, "html": snippet(text, wanted, row.locale).html}
