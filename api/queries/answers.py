"""Answers: what a read gives to an edge, whole, with what it depends on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection

from api.queries import lists
from api.queries.categories import counted_in, included_categories
from api.queries.filters import restrict, with_keys
from api.queries.found import Depends, settle
from api.queries.included import depend_on, included, unresolved, woven
from api.queries.items import Item, by_ids
from api.queries.lists import Question
from api.queries.reader import Reader, Wish
from api.queries.render import names_of, render
from schemas.content import content_type
from schemas.content_type import ContentType

Given = dict[str, Any]


@dataclass
class Answer:
    """`given` is one item or a list; `last` the sort values to page on from; `depends` the tags and the instants."""

    given: Any
    included: list[Given] = field(default_factory=list)
    meta: Given = field(default_factory=dict)
    depends: Depends = field(default_factory=Depends)
    last: tuple[Any, ...] | None = None
    total: int | None = None


def one(connection: Connection, reader: Reader, item: Item, wish: Wish) -> Answer:
    """The answer for one live item."""
    kind = content_type(item.row.type)
    answer = Answer(None)
    if item.contested:
        answer.depends.on_list(kind.name, reader)
    web = woven(connection, reader, [item], kind, wish, wish.view)
    answer.given = render(item, reader, wish, web, answer.depends, wish.view, wish.relations(kind))
    _complete(connection, reader, answer, [item], [answer.given], web, wish)
    if "categories" in wish.includes:
        answer.included += included_categories([answer.given], reader, None)
    answer.meta = meta(reader, wish, item.row.locale, answer.meta["unresolved"])
    settle(connection, reader, answer.depends)
    return answer


def many(connection: Connection, reader: Reader, question: Question, wish: Wish, *, count: bool) -> Answer:
    """The answer for one page of a list."""
    answer = Answer([])
    kind = question.kind
    question = replace(question, conditions=with_keys(reader, kind, question.conditions))
    left = restrict(connection, reader, kind, question.conditions, answer.depends)
    answer.depends.on_list(kind.name, reader)
    found = lists.page(connection, reader, question, left)
    items = as_items(connection, reader, found.rows, wish, wish.view)
    _fill(connection, reader, answer, items, kind, wish)
    if "categories" in wish.includes:
        counts = counted_in(connection, reader, kind, question.conditions, left)
        answer.included += included_categories(answer.given, reader, counts)
    if count:
        answer.total = lists.count(connection, reader, kind, question.conditions, left)
    answer.last = found.last
    settle(connection, reader, answer.depends)
    return answer


def as_items(connection: Connection, reader: Reader, rows: Sequence[Any], wish: Wish, view: str) -> list[Item]:
    """The rows of a list, of any types; with the entries' other languages where a field names those."""
    whole: dict[str, Item] = {}
    for name in sorted({row.type for row in rows}):
        if "alternates" in names_of(content_type(name), view, wish, ()):
            whole |= by_ids(connection, reader, name, [row.entry_id for row in rows if row.type == name])
    return [Item("live", row, whole[row.entry_id].rows if row.entry_id in whole else (row,)) for row in rows]


def named(connection: Connection, reader: Reader, kind: ContentType, found: dict[str, Item], wish: Wish) -> Answer:
    """The answer for entries asked for by id, in the order asked; what is missing stands in meta.unresolved."""
    answer = Answer([])
    items = [item for item in found.values() if item.outcome == "live"]
    for entry_id in found:
        answer.depends.on_entry(entry_id, reader)
    _fill(connection, reader, answer, items, kind, wish)
    if "categories" in wish.includes:
        answer.included += included_categories(answer.given, reader, None)
    answer.meta["unresolved"] += _missing(kind, found)
    settle(connection, reader, answer.depends)
    return answer


def _fill(
    connection: Connection, reader: Reader, answer: Answer, items: Sequence[Item], kind: ContentType, wish: Wish
) -> None:
    web = woven(connection, reader, items, kind, wish, wish.view)
    shown = wish.relations(kind)
    answer.given = [render(item, reader, wish, web, answer.depends, wish.view, shown) for item in items]
    _complete(connection, reader, answer, items, answer.given, web, wish)
    fallen_back = any(each["locale"] != reader.locale for each in answer.given)
    answer.meta = meta(reader, wish, reader.locale, answer.meta["unresolved"], fallen_back)


def _complete(
    connection: Connection,
    reader: Reader,
    answer: Answer,
    items: Sequence[Item],
    given: Sequence[Given],
    web: Any,
    wish: Wish,
) -> None:
    answer.included = included(connection, reader, items, given, web, wish, answer.depends)
    depend_on(items, web, reader, answer.depends)
    answer.meta["unresolved"] = unresolved(items, web, reader, wish)


def meta(reader: Reader, wish: Wish, served: str, missing: list[Given], fallen_back: bool = False) -> Given:
    """What every envelope says of itself."""
    locale = {
        "requested": reader.requested,
        "served": served,
        "fallback": fallen_back or served != reader.requested,
    }
    return {"locale": locale, "view": wish.view, "format": reader.format, "unresolved": missing}


def _missing(kind: ContentType, found: dict[str, Item]) -> list[Given]:
    reasons = {"gone": "withdrawn", "not_in_locale": "not_in_locale"}
    out: list[Given] = []
    absent = sum(item.outcome == "absent" for item in found.values())
    if absent:
        out.append({"relation": "ids", "reason": "unavailable", "count": absent})
    for entry_id, item in found.items():
        if item.outcome in reasons:
            ref = {"type": kind.name, "id": entry_id}
            out.append({"relation": "ids", "reason": reasons[item.outcome], "count": 1, "ref": ref})
    return out
