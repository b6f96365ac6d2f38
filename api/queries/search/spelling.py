"""Did you mean: a near spelling among the words of what this reader may see."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Integer, Select, String, bindparam, exists, func, select
from sqlalchemy.orm import aliased

from api.models import Published, PublishedValue
from api.queries.prepared import Prepared
from api.queries.reader import Reader
from api.queries.scope import locale_at, params, shown
from api.queries.search.expression import Expression, Group
from api.queries.search.hits import Looking, search
from api.rules.words import closest, fold, is_little, stem, words

MOST = 5_000
SLIPS = 2
"""Letters by which a near word may be longer or shorter."""


def respelled(connection: Connection, reader: Reader, q: str) -> str | None:
    """The query with unknown words replaced by near ones; None where nothing is near."""
    out, changed, at = "", False, 0
    for word in words(q):
        near = _meant(connection, reader, word.text)
        out += q[at : word.start] + (near or word.text)
        at, changed = word.end, changed or near is not None
    return re.sub(r"\s+", " ", out + q[at:]).strip() if changed else None


def _meant(connection: Connection, reader: Reader, word: str) -> str | None:
    """A near word for one that finds nothing by itself."""
    folded = fold(word)
    if len(folded) <= 3 or is_little(word, reader.locale):
        return None
    near = closest(folded, _near(connection, reader, folded))
    return near if near and not _finds(connection, reader, word) else None


def _finds(connection: Connection, reader: Reader, word: str) -> bool:
    alone = [Expression((Group(((stem(word, locale),),)),)) for locale in reader.chain]
    return search(connection, reader, Looking(alone), size=1).total > 0


def _near(connection: Connection, reader: Reader, word: str) -> list[str]:
    """Known words with the same first letter, of about the same length."""
    between = {"shortest": len(word) - SLIPS, "longest": len(word) + SLIPS}
    asked = params(reader, first=word[0], beyond=chr(ord(word[0]) + 1), **between)
    return [row.value for row in _statement(len(reader.chain)).rows(connection, asked)]


@lru_cache(maxsize=64)
def _statement(locales: int) -> Prepared:
    def build(_: bool) -> Select[Any]:
        value, elsewhere = PublishedValue.value, aliased(PublishedValue)
        known = (
            select(value)
            .where(
                PublishedValue.name == "word",
                value >= bindparam("first", type_=String),
                value < bindparam("beyond", type_=String),
                func.length(value).between(bindparam("shortest", type_=Integer), bindparam("longest", type_=Integer)),
            )
            .distinct()
            .limit(MOST)
            .subquery()
        )
        # A word may stand in ten thousand texts; the first that may be seen is enough.
        seen = (
            select(elsewhere.published_id)
            .join(Published, Published.id == elsewhere.published_id)
            .where(
                elsewhere.name == "word",
                elsewhere.value == known.c.value,
                Published.locale.in_([locale_at(number) for number in range(locales)]),
                shown(Published),
            )
        )
        return select(known.c.value).where(exists(seen))

    return Prepared(build)
