"""The answer of a search: hits as cards with their match, facets, and what else might have been meant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from api.queries.answers import Answer, as_items, meta
from api.queries.found import Depends, settle
from api.queries.included import depend_on, linked
from api.queries.reader import Reader, Wish
from api.queries.render import render
from api.queries.search.hits import Facet, Found, Looking, search
from api.queries.search.match import match
from api.queries.search.spelling import respelled
from api.queries.search.synonyms import expressions
from schemas.content import CONTENT_TYPES
from schemas.wording import in_language, say

VIEW = "card"
"""How hits are shown, unless `fields` says otherwise."""


def answer(
    connection: Connection,
    reader: Reader,
    q: str,
    wish: Wish,
    *,
    types: tuple[str, ...] = (),
    categories: tuple[str, ...] = (),
    facets: tuple[str, ...] = (),
    size: int = 20,
    after: Sequence[Any] | None = None,
) -> Answer:
    """One page of hits. `after` begins with the rank of the last hit seen."""
    made, expanded = expressions(connection, reader, q)
    keys = dict.fromkeys(reader.house.category_key(each, reader.locale) for each in categories)
    looking = Looking(made, types, tuple(keys))
    rank, values = (int(after[0]), after[1:]) if after else (0, None)
    found = search(connection, reader, looking, size=size, after=values, facets=facets)
    depends = Depends()
    for kind in CONTENT_TYPES:
        depends.on_list(kind.name, reader)
    given = _hits(connection, reader, found, looking, wish, depends, rank)
    out = Answer(given, depends=depends, total=found.total)
    fallen_back = any(each["locale"] != reader.locale for each in out.given)
    out.meta = meta(reader, wish, reader.locale, [], fallen_back)
    meant = _meant(connection, reader, q, looking) if not found.total else None
    out.meta["query"] = {"q": q, "expanded": expanded, "did_you_mean": meant}
    out.meta["facets"] = [_labelled(each, reader) for each in found.facets]
    out.last = (rank + len(found.rows), *found.last) if found.last else None
    settle(connection, reader, depends)
    return out


def _hits(
    connection: Connection, reader: Reader, found: Found, looking: Looking, wish: Wish, depends: Depends, rank: int
) -> list[dict[str, Any]]:
    by_locale = dict(zip(reader.chain, looking.expressions, strict=True))
    items = as_items(connection, reader, found.rows, wish, VIEW)
    web = linked(connection, reader, found.rows, wish, VIEW)
    depend_on(items, web, reader, depends)
    hits = []
    for number, item in enumerate(items, start=rank + 1):
        given = render(item, reader, wish, web, depends, VIEW)
        given["match"] = match(item.row, by_locale[item.row.locale].wanted, number)
        hits.append(given)
    return hits


def _meant(connection: Connection, reader: Reader, q: str, looking: Looking) -> str | None:
    """A respelling is offered only if it finds something."""
    other = respelled(connection, reader, q)
    if other is None:
        return None
    made, _ = expressions(connection, reader, other)
    there = search(connection, reader, Looking(made, looking.types, looking.categories), size=1)
    return other if there.total else None


def _labelled(facet: Facet, reader: Reader) -> dict[str, Any]:
    if facet.name == "type":
        known = {kind.name: in_language(kind.labels, reader.locale) for kind in CONTENT_TYPES}
        order = {kind.name: number for number, kind in enumerate(CONTENT_TYPES)}
    else:
        shown = [each for each in reader.house.listed if each.key in facet.counts]
        known = {each.key: each.words(reader.chain)[1].title for each in shown}
        subjects_first = sorted(shown, key=lambda each: each.group != "subject")
        order = {each.key: number for number, each in enumerate(subjects_first)}
    values = [
        {"value": value, "label": known[value], "count": facet.counts[value]}
        for value in sorted((each for each in facet.counts if each in known), key=lambda each: order[each])
    ]
    return {"name": facet.name, "label": say(facet.name, reader.locale), "values": values}
