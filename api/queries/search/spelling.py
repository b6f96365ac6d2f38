"""Did you mean: a near spelling among the words of what this reader may see."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Select, String, bindparam, select

from api.models import Published, PublishedValue
from api.queries.prepared import Prepared
from api.queries.reader import Reader
from api.queries.scope import locale_at, params, shown
from api.queries.search.expression import Expression, Group
from api.queries.search.hits import Looking, search
from api.rules.words import closest, fold, is_little, stem, words

MOST = 5_000


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
    asked = params(reader, first=word[0], beyond=chr(ord(word[0]) + 1))
    found = _statement(len(reader.chain)).rows(connection, asked)
    return [row.value for row in found if abs(len(row.value) - len(word)) <= 2]


@lru_cache(maxsize=64)
def _statement(locales: int) -> Prepared:
    def build(_: bool) -> Select[Any]:
        value = PublishedValue.value
        return (
            select(value)
            .join(Published, Published.id == PublishedValue.published_id)
            .where(
                PublishedValue.name == "word",
                value >= bindparam("first", type_=String),
                value < bindparam("beyond", type_=String),
                Published.locale.in_([locale_at(number) for number in range(locales)]),
                shown(Published),
            )
            .distinct()
            .limit(MOST)
        )

    return Prepared(build)
