"""From what an embed shows to a page or a fragment, with everything its terms say in the head."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Any
from urllib.parse import quote, urlsplit

from flask import Response, current_app, g, render_template, request
from markupsafe import Markup
from werkzeug.urls import iri_to_uri

from api.cache.kept import keep
from api.cache.lifetimes import lifetime
from api.embed.asking import Embedding
from api.embed.links import outward
from api.embed.wanted import Wanted, wanted
from api.errors import CODES, CmsError
from api.pages import assets
from api.public.replying import http_date, tagged
from api.queries import clinics, paths
from api.queries.found import settle
from api.squeezed import conditional
from schemas.wording import language_name, say, spoken

HTML = "text/html; charset=utf-8"
_WRITTEN = (assets.FOLDER / "frame.js").read_text(encoding="utf-8")
SCRIPT = re.sub(r"^\s*(//.*)?\n?| +//.*", "", _WRITTEN, flags=re.M)
"""Stands in each page itself, so that a page and its style are all that a frame asks for."""
DIGEST = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
LOADS = f"style-src 'self'; script-src 'sha256-{DIGEST}'; connect-src 'self'; img-src 'self' data:"
ROBOTS = {"noindex": "noindex, nofollow", "canonical": "index, follow", "index": "index, follow"}


def reply(embedding: Embedding, shown: dict[str, Any], *, fragment: bool) -> Response:
    """A page for a frame, or a fragment that carries no style and no script."""
    if not embedding.depends.modified or embedding.wanted.partner is not None:
        settle(embedding.ask.connection, embedding.ask.reader, embedding.depends)
    locale = shown["item"]["locale"] if shown["item"] else embedding.ask.reader.locale
    values = {**shown, **frame(embedding, shown, locale)}
    body = render_template(f"embed/{'fragment' if fragment else 'page'}.html", **values).encode()
    response = Response(body, content_type=HTML)
    add = response.headers.add
    add("ETag", f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"')
    add("Last-Modified", http_date(embedding.depends.modified))
    add("Content-Language", locale)
    add("Vary", "Accept-Encoding")
    add("Cache-Control", lifetime(embedding.ask.database.clock.now(), embedding.depends.until))
    for name, words in tagged(embedding.depends.tags, embedding.ask.house.id, embedding.ask.config):
        add(name, words)
    add("X-Robots-Tag", ROBOTS[embedding.terms.indexing])
    for target, relation, kind in values["links"]:
        add("Link", f'<{iri_to_uri(target)}>; rel="{relation}"' + (f'; type="{kind}"' if kind else ""))
    named = values["attribution"]
    if named and (leads := named["url"] or values["source"]):
        add("Link", f"<{iri_to_uri(leads)}>; rel=\"author\"; title*=UTF-8''{quote(named['text'], safe='')}")
    _policy(response, embedding.ancestors, fragment=fragment)
    keep(request.environ, embedding.ask.house.id, embedding.depends.tags, embedding.depends.until)
    return conditional(response, request.environ)


def notice(error: CmsError, *, fragment: bool) -> Response:
    """What stands in the place of an embed that can't be shown: neutral words, and what replaces it."""
    status, asked = CODES[error.code].status, _understood(theme="auto" if fragment else "light")
    locale = spoken(g.get("embed_locale") or asked.locale or "en")
    replacement = (error.extra.get("withdrawal") or {}).get("replacement")
    details = [f"{each.get('parameter', '')}: {each['detail']}" for each in error.faults] or [error.detail]
    told = {"gone": error.code == "withdrawn", "details": details, "replacement": replacement, "locale": locale}
    words = {"say": lambda name, **more: say(name, locale, **more), "asset": assets.address}
    looks = {"theme": asked.theme, "origin": asked.origin, "dir": language_name(locale)[1]}
    values = {**told, **words, **looks, "script": Markup(SCRIPT), "fragment": fragment}
    response = Response(render_template("embed/notice.html", **values), status, content_type=HTML)
    response.headers["Cache-Control"] = error.extra.get("cache_control", "no-store")
    response.headers["X-Robots-Tag"] = ROBOTS["noindex"]
    if (seconds := error.extra.get("retry_after")) is not None:
        response.headers["Retry-After"] = str(seconds)
    _policy(response, None, fragment=fragment)
    return response


def _understood(theme: str) -> Wanted:
    """What a request says of looks, as far as it can be read."""
    try:
        return wanted(request.args, level=1, theme=theme)
    except CmsError:
        return Wanted(theme=theme)


def frame(embedding: Embedding, shown: dict[str, Any], locale: str) -> dict[str, Any]:
    """What every kind of embed says of itself beside its words."""
    ask, terms = embedding.ask, embedding.terms
    item = shown["item"]
    source = page_of(embedding, item)
    title = shown["title"] or say("questions", locale)
    links: list[tuple[str, str, str]] = []
    if source and terms.indexing != "index":
        links.append((source, "canonical", ""))
    if terms.licence:
        links.append((terms.licence["url"], "license", ""))
    links.append((f"{current_app.config['PUBLIC_URL']}/oembed?url={_self()}", "alternate", "application/json+oembed"))
    return {
        "title": title,
        "clinic": clinics.profile(ask.reader)["name"],
        "source": source,
        "links": links,
        "robots": ROBOTS[terms.indexing],
        "terms": terms,
        "attribution": attribution(embedding, locale),
        "level": embedding.wanted.level,
        "theme": embedding.wanted.theme,
        "origin": embedding.wanted.origin,
        "ancestors": " ".join(embedding.ancestors or ()),
        "partner": embedding.wanted.partner,
        "clinic_slug": ask.house.slug,
        "locale": locale,
        "dir": language_name(locale)[1],
        "foreign": "" if spoken(locale) == locale.split("-")[0] else spoken(locale),
        "asset": assets.address,
        "script": Markup(SCRIPT),
        "say": lambda name, **more: say(name, locale, **more),
        "led": lambda html: outward(html, ask.house.profile["site_url"], say("new_window", locale)),
    }


def page_of(embedding: Embedding, item: dict[str, Any] | None) -> str | None:
    """Where the clinic itself shows it: the item's page, of a list the page of questions; else its home page."""
    reader = embedding.ask.reader
    listed = paths.absolute(reader.house, paths.place(reader.house, reader.locale, "faqs"))
    found: str | None = (item["url"] if item else listed) or clinics.profile(reader)["url"]
    return found


def attribution(embedding: Embedding, locale: str) -> dict[str, Any] | None:
    """{text, url} to be shown beside the words; None where the terms ask for none."""
    terms, own = embedding.terms, embedding.terms.attribution or {}
    if not terms.attribution_required:
        return None
    profile = clinics.profile(embedding.ask.reader)
    text = own.get("text") or {}
    words = text.get(locale) or text.get(locale.split("-")[0]) or say("from", locale, who=profile["name"])
    return {"text": words, "url": own.get("url")}


def _self() -> str:
    """This embed's own address, as a value in another one's query."""
    path = request.path.removesuffix(".html")
    query = request.query_string.decode("ascii", "replace")
    whole = current_app.config["PUBLIC_URL"] + path + (f"?{query}" if query else "")
    return quote(whole, safe="")


def _elsewhere() -> str:
    """Where pictures come from, if not from this address itself."""
    parts = urlsplit(current_app.extensions["config"].media_base)
    origin = f"{parts.scheme}://{parts.netloc}"
    return f" {origin}" if not current_app.config["PUBLIC_URL"].startswith(origin) else ""


def _policy(response: Response, ancestors: tuple[str, ...] | None, *, fragment: bool) -> None:
    framed = "'none'" if fragment else "*" if ancestors is None else " ".join(ancestors)
    loads = "" if fragment else f"{LOADS}{_elsewhere()}; "
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; {loads}base-uri 'none'; form-action 'none'; frame-ancestors {framed}"
    )
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = "ETag, Link, Content-Language, Retry-After"
