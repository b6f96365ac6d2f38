"""What a clinic's site is built from: search, resolve, redirects and sitemap."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from xml.sax.saxutils import escape

from flask import Response, request

from api.cache.kept import take_back
from api.errors import CmsError
from api.public import asking, content, replying
from api.public.asking import Asked, asked, wish
from api.public.house import depend_on_lists, whole
from api.queries import answers, categories, graphs, paths, resolve
from api.queries import sitemap as maps
from api.queries.answers import Answer
from api.queries.cursors import open_
from api.queries.found import Depends, settle
from api.queries.items import Item, item
from api.queries.pages import bound, links
from api.queries.search import answer as search_answer
from schemas.content import content_type


def search_reply(clinic: str, query: dict[str, Any]) -> Response:
    with asked(clinic, query) as ask:
        asking.keep_apart(query, "type", ["filter[type]"])
        types = query.get("type", query.get("filter[type]", ()))
        after = None
        if "page[after]" in query:
            after = open_(asking.secret(), bound(ask.house, "/search", asking.arguments()), query["page[after]"])
        found = search_answer(
            ask.connection,
            ask.reader,
            query["q"],
            wish(query, "card"),
            types=types,
            categories=query.get("filter[category]", ()),
            facets=query.get("facets", ()),
            size=query.get("page[size]", 20),
            after=after,
        )
        to = links(ask.house, "/search", asking.arguments(), found, asking.secret())
        body = {"data": found.given, "included": [], "links": to, "meta": found.meta | {"total": found.total}}
        return replying.page(ask, body, found.depends)


def resolve_reply(clinic: str, query: dict[str, Any]) -> Response:
    """What stands under a path of the site: what is live, else a redirect, else 410. The path says the locale."""
    path = paths.normal(query["path"])
    with asked(clinic, query) as ask:
        depends = Depends()
        found = resolve.candidates(ask.house, path)
        gone: resolve.Place | None = None
        for each in found:
            here = in_its_language(ask, each)
            try:
                response = _resolved_item(here, each, depends) if each.kind == "item" else _resolved_place(here, each)
            except CmsError as error:
                if error.code != "withdrawn":
                    raise
                take_back(request.environ)
                response, gone = None, gone or each  # What is live under the path comes before what is gone.
            if response is not None:
                return response
            if each.kind == "item":
                depends.on_list(each.type or "", ask.reader)
        depends.on_redirects(ask.reader)
        depend_on_lists(ask, depends)
        if moved := resolve.redirect(ask.connection, ask.reader, path, depends):
            there = resolve.candidates(ask.house, paths.normal(moved[0])) if moved[0].startswith("/") else []
            locale = (there or found)[0].locale if there or found else ask.reader.locale
            data = _place("redirect", path, locale, status=moved[1], to=moved[0])
            return _resolved(replace(ask, reader=replace(ask.reader, chain=(locale,), wanted=locale)), data)
        if gone is not None:
            with replying.by_way_of(depends):
                item_at(in_its_language(ask, gone), gone)
        raise replying.gone(ask, CmsError("not_found", "Nothing stands under this path."), depends)


def redirects_reply(clinic: str, query: dict[str, Any]) -> Response:
    with asked(clinic, query) as ask:
        depends = Depends()
        data = resolve.every_redirect(ask.connection, ask.reader, depends)
        settle(ask.connection, ask.reader, depends)
        here = paths.api(ask.house, "/redirects")
        return whole(ask, data, depends, links={"self": here, "next": None, "prev": None}, total=len(data))


def sitemap_reply(clinic: str, query: dict[str, Any]) -> Response:
    with asked(clinic, query) as ask:
        depends = Depends()
        after = None
        if "page[after]" in query:
            after = open_(asking.secret(), bound(ask.house, "/sitemap.json", asking.arguments()), query["page[after]"])
        locale = ask.reader.locale if "locale" in query else None
        found = maps.sitemap(ask.connection, ask.reader, query.get("page[size]", 100), after, locale, depends)
        settle(ask.connection, ask.reader, depends)
        to = links(ask.house, "/sitemap.json", asking.arguments(), Answer(None, last=found.last), asking.secret())
        return whole(ask, found.rows, depends, links=to)


def sitemap_xml_reply(clinic: str, query: dict[str, Any]) -> Response:
    """The whole sitemap as sitemaps.org XML with hreflang alternates; 50,000 addresses at most."""
    with asked(clinic, query) as ask:
        depends = Depends()
        found = maps.sitemap(ask.connection, ask.reader, 50_000, None, None, depends)
        settle(ask.connection, ask.reader, depends)
        pages = [each for each in found.rows if each["url"]]
        return replying.reply(ask, _xml(pages).encode(), depends, kind="application/xml")


def in_its_language(ask: Asked, place: resolve.Place) -> Asked:
    """The same read in the language that a path of the site says."""
    chain = asking.chain(ask.house, place.locale, "default")
    return replace(ask, reader=replace(ask.reader, chain=chain, wanted=place.locale))


def item_at(ask: Asked, place: resolve.Place) -> Item | None:
    """What lives under a path of the site, None where it lives elsewhere or nowhere. Raises withdrawn."""
    kind = content_type(place.type or "")
    found = item(ask.connection, ask.reader, kind.name, place.slug or "")
    if found.outcome == "gone":
        content.live_item(ask, kind, place.slug or "")
    if found.outcome != "live":
        return None
    row = found.row
    here = paths.page(ask.house, row.locale, row.type, row.kind, row.slug)
    return found if paths.normal(here or "") == place.path else None


def _resolved_item(ask: Asked, place: resolve.Place, passed: Depends) -> Response | None:
    """`passed`: where a text would stand that is found before this one."""
    with replying.by_way_of(passed):
        found = item_at(ask, place)
    if found is None:
        return None
    row = found.row
    ask.require(row.entry_id)
    answer = answers.one(ask.connection, ask.reader, found, wish(ask.query, "full"))
    if passed.tags:
        answer.depends.tags |= passed.tags
        settle(ask.connection, ask.reader, answer.depends)
    ref = {"type": row.type, "id": row.entry_id, "slug": row.slug, "title": row.title}
    data = _place("item", place.path, row.locale, item=ref)
    if "jsonld" in ask.query.get("include", ()):
        answer.meta["jsonld"] = graphs.item_graph(ask.connection, ask.reader, found, answer.depends)
    body = {"data": data, "included": [answer.given, *answer.included], "meta": answer.meta}
    return replying.reply(ask, body, answer.depends, locale=row.locale)


def _resolved_place(ask: Asked, place: resolve.Place) -> Response | None:
    if place.kind == "home":
        return _resolved(ask, _place("home", place.path, place.locale))
    if place.kind == "list":
        return _resolved(ask, _place("list", place.path, place.locale, list={"type": place.type, "category": None}))
    category = resolve.category_of(ask.reader, place.locale, place.slug or "")
    if category is None:
        return None
    listed = categories.first_listed(ask.connection, ask.reader, category.key)
    return _resolved(ask, _place("list", place.path, place.locale, list={"type": listed, "category": category.key}))


def _resolved(ask: Asked, data: dict[str, Any]) -> Response:
    depends = Depends()
    depends.on_redirects(ask.reader)
    depend_on_lists(ask, depends)
    meta = answers.meta(ask.reader, wish(ask.query, "full"), ask.reader.locale, [])
    return replying.reply(ask, {"data": data, "included": [], "meta": meta}, depends)


def _place(kind: str, path: str, locale: str, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "path": path, "locale": locale, "status": 200, "to": None, "item": None, "list": None} | more


def _xml(rows: list[dict[str, Any]]) -> str:
    spaces = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml"'
    pages, others, told = [], "", None
    for row in rows:
        if row["alternates"] is not told:  # The languages of one page tell the same of each other.
            told = row["alternates"]
            others = "".join(map(_alternate, told))
        pages.append(f"<url><loc>{escape(row['url'])}</loc><lastmod>{row['lastmod']}</lastmod>{others}</url>")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset {spaces}>' + "\n".join(pages) + "</urlset>\n"


def _alternate(each: dict[str, Any]) -> str:
    url = escape(each["url"], {'"': "&quot;"})
    return f'<xhtml:link rel="alternate" hreflang="{escape(each["hreflang"])}" href="{url}"/>'
