"""oEmbed (oembed.com, 1.0): from the address of a page to the frame that shows its text elsewhere; JSON alone."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Flask, Response, current_app, request
from markupsafe import Markup
from marshmallow import ValidationError
from werkzeug.datastructures import MultiDict

from api.cache.keys import EMBED_PARAMETERS
from api.embed.addressed import Place, place
from api.embed.asking import Embedding, embedding
from api.embed.kinds import ADDRESSES, Shown
from api.embed.replying import ROBOTS, attribution, page_of
from api.embed.wanted import wanted
from api.errors import CmsError, invalid_parameters, not_found
from api.openapi.operation import Operation, described
from api.public import replying
from api.public.asking import again_if_changed
from api.queries import clinics
from api.queries.found import settle
from schemas.oembed import parameters
from schemas.strict import check_text
from schemas.wording import say

LONGEST = 2_000
"""Characters of an address at most."""
CACHE_AGE = 3_600
"""Seconds for which a consumer may keep the reply; what the frame shows is asked for anew at every view."""
WIDTH, WIDTHS = 640, (200, 1_200)
HEIGHT, HEIGHTS = 640, (160, 2_000)
HEIGHT_OF = {"terms/<slug>": 240, "faqs/<slug>": 480, "guides/<slug>/questions": 480}
"""Pixels: what is given where nothing is asked for, and the bounds of what may be; a frame that is heard grows."""
SANDBOX = "allow-scripts allow-popups allow-popups-to-escape-sandbox"
FRAME = Markup(
    '<iframe src="{src}" width="{width}" height="{height}" title="{title}" sandbox="{sandbox}" loading="lazy"'
    ' referrerpolicy="no-referrer"></iframe>'
)


def register(app: Flask) -> None:
    """Add the address."""
    app.add_url_rule("/oembed", "oembed", oembed)


@described(
    Operation(
        "Find the embed of a page (oEmbed)",
        "open",
        parameters(),
        {"application/json": "OEmbed"},
        "embeds",
        errors=(403, 404, 410, 501),
        note="oEmbed 1.0 with a rich type. Parameters that other systems add are passed over.",
    )
)
def oembed() -> Response:
    """The frame for `url`, as the consumer asked for it."""
    url, width, height = _asked()
    return again_if_changed(_reply, {"url": url, "width": width, "height": height})


def _reply(url: str, width: int | None, height: int | None) -> Response:
    found = place(url)
    own = {name: values for name, values in request.args.lists() if name in EMBED_PARAMETERS}
    query = MultiDict([pair for pair in found.query if pair[0] not in own])
    query.update(own)
    try:
        with replying.by_way_of(found.depends), embedding(found.clinic, wanted(query, level=1)) as opened:
            shown = ADDRESSES[found.line](opened, **found.values)
            src = current_app.config["PUBLIC_URL"] + found.path + (f"?{urlencode(list(query.items(multi=True)))}")
            tall = HEIGHT_OF.get(found.line, HEIGHT)
            size = {"width": _within(width or WIDTH, WIDTH, WIDTHS), "height": _within(height or tall, tall, HEIGHTS)}
            return _given(opened, found, _told(opened, shown, src.removesuffix("?"), size))
    except CmsError as error:
        if error.code == "unauthorized":
            raise not_found("There is no such embed.") from None
        raise


def _told(opened: Embedding, shown: Shown, src: str, size: dict[str, int]) -> dict[str, Any]:
    profile, terms = clinics.profile(opened.ask.reader), opened.terms
    locale = shown["item"]["locale"] if shown["item"] else opened.ask.reader.locale
    title = f"{shown['title'] or say('questions', locale)} · {profile['name']}"
    return {
        "version": "1.0",
        "type": "rich",
        "title": title,
        "provider_name": "Clinic CMS",
        "provider_url": current_app.config["PUBLIC_URL"],
        "author_name": profile["name"],
        "author_url": profile["url"],
        "cache_age": CACHE_AGE,
        **size,
        **_thumbnail(shown["item"]),
        "html": str(FRAME.format(src=src, title=title, sandbox=SANDBOX, **size)),
        "locale": locale,
        "canonical": page_of(opened, shown["item"]) if terms.indexing != "index" else None,
        "indexing": terms.indexing,
        "attribution": attribution(opened, locale),
        "licence": terms.licence,
    }


def _thumbnail(item: Shown | None) -> dict[str, Any]:
    """All three, or none of them, as oEmbed wants it."""
    picture = ((item or {}).get("seo") or {}).get("image")
    if not picture:
        return {}
    return {"thumbnail_url": picture["src"], "thumbnail_width": picture["width"], "thumbnail_height": picture["height"]}


def _given(opened: Embedding, found: Place, body: dict[str, Any]) -> Response:
    depends, ask = opened.depends, opened.ask
    depends.tags |= found.depends.tags
    depends.ends(found.depends.until)
    settle(ask.connection, ask.reader, depends)
    response = replying.reply(ask, body, depends, locale=body["locale"])
    response.headers["X-Robots-Tag"] = ROBOTS["noindex"]
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def _asked() -> tuple[str, int | None, int | None]:
    """(url, maxwidth, maxheight). Raises not_implemented for another format, invalid_parameter with every fault."""
    named = {name: values for name, values in request.args.lists() if name not in EMBED_PARAMETERS}
    if named.get("format", ["json"]) != ["json"]:
        raise CmsError("not_implemented", "oEmbed is answered as JSON alone; leave `format` out.")
    faults: list[dict[str, Any]] = []
    urls = named.get("url", [])
    if len(urls) != 1 or not _addresses(urls[0]):
        detail = f"Give one http or https address of at most {LONGEST} characters as url."
        faults.append({"parameter": "url", "code": "invalid", "detail": detail})
    numbers: list[int | None] = []
    for name in ("maxwidth", "maxheight"):
        values = named.get(name, [])
        numbers.append(int(values[0]) if len(values) == 1 and re.fullmatch("[0-9]{1,9}", values[0]) else None)
        if values and not numbers[-1]:
            detail = f"{name} is a whole number of pixels above 0."
            faults.append({"parameter": name, "code": "not_a_number", "detail": detail})
    if faults:
        raise invalid_parameters(faults)
    return urls[0], numbers[0], numbers[1]


def _addresses(url: str) -> bool:
    """Whether this can be the address of a page on the web."""
    try:
        check_text(url)
        parts = urlsplit(url)
    except (ValueError, ValidationError):
        return False
    named = bool(parts.hostname) and "@" not in parts.netloc
    return named and parts.scheme in ("http", "https") and len(url) <= LONGEST


def _within(most: int, usual: int, bounds: tuple[int, int]) -> int:
    """The usual size or what a consumer has room for, the smaller; never beyond the bounds."""
    return max(bounds[0], min(most, usual, bounds[1]))
