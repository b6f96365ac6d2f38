"""Did you mean: a near spelling among the words of what this reader may see."""

from __future__ import annotations

import re

from sqlalchemy import Connection, select

from api.models import Published, PublishedValue
from api.queries.reader import Reader
from api.queries.scope import params, seen
from api.rules.words import closest, fold, words

MOST = 5_000


def respelled(connection: Connection, reader: Reader, q: str) -> str | None:
    """The query with unknown words replaced by near ones; None where nothing is near."""
    out, changed, at = "", False, 0
    for word in words(q):
        folded = fold(word.text)
        near = closest(folded, _near(connection, reader, folded)) if len(folded) > 3 else None
        out += q[at : word.start] + (near or word.text)
        at, changed = word.end, changed or near is not None
    return re.sub(r"\s+", " ", out + q[at:]).strip() if changed else None


def _near(connection: Connection, reader: Reader, word: str) -> list[str]:
    """Known words with the same first letter, of about the same length."""
    value = PublishedValue.value
    asked = (
        select(value)
        .join(Published, Published.id == PublishedValue.published_id)
        .where(
            PublishedValue.name == "word",
            value >= word[0],
            value < chr(ord(word[0]) + 1),
            Published.state == "live",
            Published.locale.in_(reader.chain),
            seen(Published),
        )
        .distinct()
        .limit(MOST)
    )
    return [each for each in connection.scalars(asked, params(reader)) if abs(len(each) - len(word)) <= 2]
