"""The page that makes a snippet for a partner: choose, look at it live, copy; a plain form without scripts."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, request
from marshmallow import ValidationError

from api.embed.pasting import KINDS, USUAL_LEVEL, Choice, Text, address, snippet
from api.embed.script import pinned
from api.embed.wanted import THEMES
from api.pages.page import page
from api.public.asking import Asked, again_if_changed, asked, database
from api.public.content import live_item
from api.queries import answers, lists, paths
from api.queries.filters import Restriction
from api.queries.house import House, house, houses
from api.queries.lists import Question
from api.queries.reader import Wish
from schemas.content import content_type
from schemas.managed.keys import Origin
from schemas.wording import in_language, language_name, say

TEXTS_AT_MOST = 200
LEVELS = ("1", "2", "3", "4", "5", "6")
MODES = {
    "component": "Script and element",
    "iframe": "Frame",
    "fragment": "Fragment for your server",
}


def register(app: Flask) -> None:
    """Add the page."""
    app.add_url_rule("/docs/embeds", "embed_builder", builder)


def builder() -> Response:
    """The form, and what it makes of the choice so far."""
    return again_if_changed(_page, {})


def _page() -> Response:
    with database().reading() as connection:
        db, slugs = database(), houses(connection, [])
        open_ = [found for each in slugs if (found := house(db, connection, each)) and _lets(found)]
    if not open_:
        return page("embeds.html", cache_control="no-store", chosen=None, **_policy())
    named = _one("clinic", [each.slug for each in open_], "demo-south")
    locales = next(each.locales for each in open_ if each.slug == named)
    locale, kind = _one("locale", locales, locales[0]), _one("kind", KINDS, "topic")
    with asked(named, {}, locale) as ask:
        texts = _texts(ask, KINDS[kind].texts)
        text = next((each for each in texts if each.slug == request.args.get("text")), next(iter(texts), None))
        parts = _parts(ask, text.slug) if text and kind == "section" else {}
    chosen = Choice(
        named, kind, text, _one("part", parts, "results") if parts else "",
        mode=_one("mode", MODES, "component"), locale=locale, theme=_one("theme", THEMES, "auto"),
        level=_one("level", LEVELS, USUAL_LEVEL), partner=_partner(), origin=_origin(),
    )  # fmt: skip
    told = {}
    if chosen.complete:
        told = {
            "snippet": snippet(current_app.config["PUBLIC_URL"], chosen),
            "preview": address(request.script_root, chosen),
        }
    options = {"clinics": [_named(each) for each in open_], "kinds": KINDS, "texts": texts, "parts": parts}
    options |= {"modes": MODES, "levels": LEVELS, "locales": [(code, language_name(code)[0]) for code in locales]}
    return page("embeds.html", cache_control="no-cache", frames=True, chosen=chosen, **options, **told, **_policy())


def _policy() -> dict[str, Any]:
    """What a page with a strict policy needs: the script under the address of its content, and what it may load."""
    base, script = current_app.config["PUBLIC_URL"], pinned()
    media = current_app.extensions["config"].media_base
    line = f'<script async src="{script["src"]}" integrity="{script["integrity"]}" crossorigin="anonymous"></script>'
    parts = urlsplit(base)
    allowed = {"script-src": f"{base}/embed/v/", "connect-src": f"{parts.scheme}://{parts.netloc}"}
    allowed |= {"img-src": f"{media}/media/", "trusted-types": "clinic-content"}
    return {"pinned": line, "policy": ";\n".join(f"{name} {value}" for name, value in allowed.items())}


def _lets(found: House) -> bool:
    return bool(found.profile["embeds"] != "none")


def _named(found: House) -> tuple[str, str]:
    name = in_language(found.profile["name"], "en")
    return found.slug, f"{name} (partners only)" if found.profile["embeds"] == "partners" else name


def _texts(ask: Asked, type_name: str) -> list[Text]:
    """What can be chosen of a type, by title; of `category`, the categories that hold questions."""
    at, locale = ask.house, ask.reader.locale
    if type_name == "category":
        where, questions = paths.absolute(at, paths.place(at, locale, "faqs")), say("questions", locale)
        groups = [(each.key, each.words((locale,))[1].title) for each in at.listed if each.group == "faq"]
        return [Text(key, f"{questions}: {title}", where, title) for key, title in groups]
    asks = Question(content_type(type_name), (), (("title", False),), TEXTS_AT_MOST)
    rows = lists.page(ask.connection, ask.reader, asks, Restriction(None)).rows
    pages = [paths.absolute(at, paths.page(at, row.locale, row.type, row.kind, row.slug)) for row in rows]
    return [Text(row.slug, row.title, where, row.title) for row, where in zip(rows, pages, strict=True)]


def _parts(ask: Asked, slug: str) -> dict[str, str]:
    """Titles of a topic's sections that stand alone, by aspect."""
    found = live_item(ask, content_type("topic"), slug)
    wish = Wish("full", {"topic": ("sections",)}, opened=True)
    sections: list[Any] = answers.one(ask.connection, ask.reader, found, wish).given["sections"]
    return {each["aspect"]: each["title"] for each in sections if each["standalone"]}


def _one(name: str, allowed: Any, usual: str) -> str:
    """A choice among what there is: the one asked for, the usual one, or the first."""
    said, known = request.args.get(name, usual), list(allowed)
    return said if said in known else usual if usual in known else known[0]


def _partner() -> str:
    said = request.args.get("partner", "").strip()
    return said if said.startswith("ptn_") and said.replace("_", "").isalnum() and len(said) <= 40 else ""


def _origin() -> str:
    try:
        return str(Origin().deserialize(request.args.get("origin", "").strip().rstrip("/")))
    except ValidationError:  # A half-typed origin is none yet.
        return ""
