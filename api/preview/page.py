"""The page of a share link: what its text is going to look like, for reviewers whose clinic has no frontend for it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Flask, Response, render_template

from api.embed import kinds
from api.embed.asking import Embedding
from api.embed.replying import HTML, frame, notice
from api.embed.wanted import Wanted
from api.errors import CmsError
from api.openapi.operation import read_query
from api.preview.asking import shared
from api.public.asking import again_if_changed
from api.public.content import live_item
from api.queries import answers
from api.queries.found import Depends
from api.queries.reader import Wish
from api.rules.partners import NO_PARTNER
from schemas.content import content_type
from schemas.previews import token_parameters
from schemas.wording import long_day

LEVEL = 1
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data: https:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
"""No script runs on the page, not even one of its own."""
HEADERS = {"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex, nofollow"}


class Unbound(Embedding):
    """A text shown by the right of its link alone: no terms of any partner bind it."""

    def admit(self, type_name: str, entry_id: str | None, locale: str) -> None:
        return None


def register(app: Flask) -> None:
    """Add the address. The token stands in its query, of which the access log writes down the names only."""
    app.add_url_rule("/preview", "preview page", page)


def page() -> Response:
    """The text of a link as a page; any fault as a notice."""
    try:
        return again_if_changed(_page, {})
    except CmsError as error:
        told = notice(error, fragment=False)
        told.headers.update(HEADERS)
        return told


def _page() -> Response:
    query = read_query(token_parameters())
    with shared(None, None, {"heading_level": LEVEL + 2, **query}) as ask:
        assert ask.preview is not None and ask.preview.shows is not None
        embedding = Unbound(ask, Wanted(level=LEVEL, locale=ask.reader.locale), NO_PARTNER, None, Depends())
        shown = _shown(embedding, *ask.preview.shows)
        item = shown.pop("told")
        about = {
            "item_revision": item["revision"],
            "overlay_revision": item.get("overlay_revision"),
            "state": ask.preview.state(item).replace("_", " "),
            "ends": ask.preview.ends,
            "ends_in_words": _in_words(ask.preview.ends or ""),
        }
        values = {**shown, **frame(embedding, shown, item["locale"]), **about}
        body = render_template("preview/page.html", **values)
    response = Response(body, content_type=HTML, headers={**HEADERS, "Content-Security-Policy": POLICY})
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _in_words(instant: str) -> str:
    ends = dt.datetime.fromisoformat(instant)
    return f"{ends:%H:%M} UTC on {long_day(ends.date(), 'en')}"


def _shown(embedding: Embedding, type_name: str, slug: str) -> dict[str, Any]:
    """What the templates of embeds show of an item; an FAQ as a list of one."""
    made = {"topic": kinds.topic, "guide": kinds.guide, "term": kinds.term}.get(type_name)
    if made is not None:
        shown = made(embedding, slug)
        return {**shown, "told": shown["item"]}
    kind = content_type(type_name)
    found = live_item(embedding.ask, kind, slug)
    given = answers.one(embedding.ask.connection, embedding.ask.reader, found, Wish("full", opened=True)).given
    return {"kind": "faqs", "item": None, "title": given.get(kind.title), "faqs": [given], "told": given}
