"""Graphs: items and lists as schema.org JSON-LD."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from api.queries import answers, paths
from api.queries.answers import Answer
from api.queries.clinics import profile
from api.queries.found import Depends
from api.queries.house import HouseChanged
from api.queries.items import Item, by_ids
from api.queries.reader import Reader, Wish
from schemas.content import content_type
from schemas.content_type import ContentType
from schemas.json_ld import Page, clinic_graph, faq_page, graph, list_page
from schemas.wording import in_language


def item_graph(connection: Connection, reader: Reader, item: Item, depends: Depends) -> dict[str, Any]:
    """One item, with what its own text refers to (questions, glossary words, topics), as one graph.

    Raises HouseChanged if it was taken down since it was found.
    """
    plain = replace(reader, format="text")
    kind = content_type(item.row.type)
    if reader.as_stored:  # What was read for a page of HTML came without the CommonMark behind its texts.
        item = by_ids(connection, plain, kind.name, [item.row.entry_id])[item.row.entry_id]
        if item.outcome != "live":
            raise HouseChanged(reader.house.slug)
    includes = tuple(each.name for each in kind.relations if not each.inverse)
    answer = answers.one(connection, plain, item, Wish("full", includes=includes))
    _add(depends, answer.depends)
    page = Page(profile(plain), tuple(answer.included))
    return graph(kind.json_ld(answer.given, page))


def page_graph(connection: Connection, reader: Reader, kind: ContentType, given: Answer) -> dict[str, Any]:
    """The items of one page of a list as `list_graph` has them, whatever view and format the page is in."""
    plain = replace(reader, format="text")
    found = by_ids(connection, plain, kind.name, [each["id"] for each in given.given])
    answer = answers.named(connection, plain, kind, found, Wish("summary"))
    _add(given.depends, answer.depends)
    return list_graph(plain, kind, answer.given)


def list_graph(reader: Reader, kind: ContentType, items: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """A list as one page: FAQs as a FAQPage of exactly these questions, in order."""
    page = Page(profile(reader))
    place = paths.absolute(reader.house, paths.place(reader.house, reader.locale, kind.plural))
    if kind.title == "question":
        return graph(faq_page(list(items), page, place))
    titled = [{**each, "title": each[kind.title]} for each in items]
    return graph(list_page(titled, page, in_language(kind.labels, reader.locale), place))


def _add(depends: Depends, more: Depends) -> None:
    depends.tags |= more.tags
    depends.ends(more.until)
    depends.modified = max(depends.modified, more.modified)


def house_graph(reader: Reader) -> dict[str, Any]:
    """The clinic itself."""
    return graph(clinic_graph(Page(profile(reader))))
