"""Lists and items of every content type, in JSON, JSON-LD and Markdown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import Response

from api.errors import CmsError
from api.public import asking, replying
from api.public.asking import Asked, asked, question, wish
from api.queries import answers, graphs
from api.queries.answers import Answer
from api.queries.cursors import open_
from api.queries.found import Depends, settle
from api.queries.items import Item, by_ids, item
from api.queries.lists import Question
from api.queries.nearby import no_item
from api.queries.pages import bound, links
from api.queries.reader import Wish
from api.queries.withdrawal import withdrawal
from schemas.content_type import ContentType
from schemas.json_ld import script_safe
from schemas.markdown import markdown


def list_reply(kind: ContentType, clinic: str, query: dict[str, Any]) -> Response:
    """One page of a list."""
    with asked(clinic, query) as ask:
        wanted = wish(query, kind.list_view)
        if "ids" in query:
            answer = _named(ask, kind, query, wanted)
        else:
            asks = _at_cursor(ask, kind, query)
            answer = answers.many(ask.connection, ask.reader, asks, wanted, count=_counts(query))
        if "jsonld" in query.get("include", ()):
            answer.meta["jsonld"] = graphs.page_graph(ask.connection, ask.reader, kind, answer)
        body = {"data": answer.given, "included": answer.included}
        to = links(ask.house, f"/{kind.plural}", asking.arguments(), answer, asking.secret(), with_graph=True)
        meta = answer.meta | ({} if answer.total is None else {"total": answer.total})
        return replying.page(ask, body | {"links": to, "meta": meta}, answer.depends)


def _named(ask: Asked, kind: ContentType, query: dict[str, Any], wanted: Wish) -> Answer:
    """The items of `ids`, which leave nothing to filter, to sort or to page."""
    asking.keep_apart(query, "ids", [each for each in query if each == "sort" or each.startswith(("filter[", "page["))])
    found = by_ids(ask.connection, ask.reader, kind.name, query["ids"])
    answer = answers.named(ask.connection, ask.reader, kind, found, wanted)
    answer.total = len(answer.given) if _counts(query) else None
    return answer


def item_reply(kind: ContentType, clinic: str, slug: str, query: dict[str, Any]) -> Response:
    """One item by slug."""
    with asked(clinic, query) as ask:
        found = live_item(ask, kind, slug)
        answer = answers.one(ask.connection, ask.reader, found, wish(query, "full"))
        if "jsonld" in query.get("include", ()):
            answer.meta["jsonld"] = graphs.item_graph(ask.connection, ask.reader, found, answer.depends)
        return item_body(ask, answer)


def item_body(ask: Asked, answer: Answer) -> Response:
    body = {"data": answer.given, "included": answer.included, "meta": answer.meta}
    return replying.reply(ask, body, answer.depends, locale=answer.given["locale"])


def item_graph_reply(kind: ContentType, clinic: str, slug: str, query: dict[str, Any]) -> Response:
    """One item as a schema.org graph."""
    with asked(clinic, {**query, "format": "text"}) as ask:
        depends = Depends()
        graph = graphs.item_graph(ask.connection, ask.reader, live_item(ask, kind, slug), depends)
        settle(ask.connection, ask.reader, depends)
        return replying.reply(ask, script_safe(graph), depends, kind="application/ld+json")


def list_graph_reply(kind: ContentType, clinic: str, query: dict[str, Any]) -> Response:
    """A list as one schema.org graph; FAQs as one FAQPage."""
    with asked(clinic, {**query, "format": "text"}) as ask:
        asks = question(kind, {**query, "page[size]": query.get("page[size]", 100)})
        answer = answers.many(ask.connection, ask.reader, asks, Wish("summary"), count=False)
        graph = graphs.list_graph(ask.reader, kind, answer.given)
        return replying.reply(ask, script_safe(graph), answer.depends, kind="application/ld+json")


def item_markdown_reply(kind: ContentType, clinic: str, slug: str, query: dict[str, Any]) -> Response:
    """One item as Markdown with its review and sources."""
    with asked(clinic, {**query, "format": "markdown"}) as ask:
        answer = answers.one(ask.connection, ask.reader, live_item(ask, kind, slug), Wish("full"))
        text = markdown(kind, answer.given)
        content = "text/markdown; charset=utf-8; variant=CommonMark"
        return replying.reply(ask, text.encode(), answer.depends, kind=content, locale=answer.given["locale"])


def module_reply(kind: ContentType, clinic: str, slug: str, aspect: str, query: dict[str, Any]) -> Response:
    """One section that stands alone, with the item it belongs to."""
    with asked(clinic, query) as ask:
        found = live_item(ask, kind, slug)
        wanted = Wish("full", {kind.name: ("sections", "review", "notice")}, opened=True)
        answer = answers.one(ask.connection, ask.reader, found, wanted)
        whole = answer.given
        section = next((each for each in whole["sections"] if each["aspect"] == aspect and each["standalone"]), None)
        if section is None:
            known = [each["aspect"] for each in whole["sections"] if each["standalone"]]
            detail = f"This item has no section {aspect} that stands alone; it has {', '.join(known) or 'none'}."
            raise replying.gone(ask, CmsError("not_found", detail), answer.depends)
        given = {name: value for name, value in whole.items() if name not in ("sections",)}
        answer.given = {**given, "title": found.row.title, "section": section}
        return item_body(ask, answer)


def live_item(ask: Asked, kind: ContentType, slug: str, may: Callable[[Any], bool] = lambda _: True) -> Item:
    """What stands under a slug. Raises not_found, not_in_locale or withdrawn, each for a few seconds only.

    `may`: whether a row may be named as what was meant, where not all that is published may be read.
    """
    found = item(ask.connection, ask.reader, kind.name, slug)
    if found.outcome == "live":
        ask.require(found.row.entry_id)
        return found
    depends = Depends()
    depends.on_list(kind.name, ask.reader)
    if found.outcome == "gone":
        body = withdrawal(ask.connection, ask.reader, found.row, depends)
        told = "There is a newer page." if body["replacement"] else "Nothing replaces it."
        error = CmsError("withdrawn", f"The text is no longer offered. {told}", withdrawal=body)
    elif found.outcome == "not_in_locale":
        detail = f"This {kind.name} has no text in {ask.reader.requested}."
        error = CmsError("not_in_locale", detail, available_locales=found.locales)
    else:
        error = no_item(
            ask.connection, ask.reader, kind.name, slug, lambda row: ask.shows(row.entry_id) and may(row), depends
        )
    settle(ask.connection, ask.reader, depends)
    raise replying.gone(ask, error, depends)


def _at_cursor(ask: Asked, kind: ContentType, query: dict[str, Any]) -> Question:
    asks = question(kind, query)
    if "page[after]" not in query:
        return asks
    to = bound(ask.house, f"/{kind.plural}", asking.arguments())
    return replace(asks, after=tuple(open_(asking.secret(), to, query["page[after]"])))


def _counts(query: dict[str, Any]) -> bool:
    return bool(query.get("count")) or "page[number]" in query
