"""The page that makes a snippet for a partner: choose, look at it live, copy; a plain form without scripts."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import Flask, Response, current_app, request
from marshmallow import ValidationError

from api.embed.oembed import HEIGHT, SANDBOX
from api.embed.wanted import THEMES
from api.pages.page import page
from api.public.asking import asked, database
from api.queries import lists, paths
from api.queries.filters import Restriction
from api.queries.house import House, house, houses
from api.queries.lists import Question
from api.queries.reader import Reader
from schemas.content import content_type
from schemas.managed.keys import Origin
from schemas.wording import in_language, language_name

TEXTS_AT_MOST = 200
MODES = {
    "component": "Script and element",
    "iframe": "Frame",
    "fragment": "Fragment for your server",
}


@dataclass(frozen=True)
class Kind:
    """One kind of embed: whose texts are offered, where it stands, and as which attributes."""

    label: str
    texts: str
    path: str
    attributes: str


KINDS = {
    "topic": Kind("A topic", "topic", "topics/{slug}", 'type="topic" slug="{slug}"'),
    "faqs": Kind("Questions on a topic", "topic", "faqs?topic={slug}", 'type="faq" topic="{slug}"'),
    "guide": Kind("A guide as a checklist", "guide", "guides/{slug}", 'type="guide" slug="{slug}"'),
    "questions": Kind(
        "Questions to ask", "guide", "guides/{slug}/questions", 'type="guide" slug="{slug}" module="questions"'
    ),
    "term": Kind("A glossary word", "term", "terms/{slug}", 'type="term" slug="{slug}"'),
}


@dataclass(frozen=True)
class Choice:
    """What was chosen, each of it among what there is."""

    clinic: str
    kind: str
    text: Any
    mode: str
    locale: str
    theme: str
    partner: str
    origin: str

    @property
    def slug(self) -> str:
        return self.text.slug if self.text else ""


def register(app: Flask) -> None:
    """Add the page."""
    app.add_url_rule("/docs/embeds", "embed_builder", builder)


def builder() -> Response:
    """The form, and what it makes of the choice so far."""
    with database().reading() as connection:
        db, slugs = database(), houses(connection, [])
        open_ = [found for each in slugs if (found := house(db, connection, each)) and _lets(found)]
    if not open_:
        return page("embeds.html", cache_control="no-store", chosen=None)
    named = _one("clinic", [each.slug for each in open_], "demo-south")
    locales = next(each.locales for each in open_ if each.slug == named)
    locale, kind = _one("locale", locales, locales[0]), _one("kind", KINDS, "topic")
    with asked(named, {}, locale) as ask:
        asks = Question(content_type(KINDS[kind].texts), (), (("title", False),), TEXTS_AT_MOST)
        texts = list(lists.page(ask.connection, ask.reader, asks, Restriction(None)).rows)
        text = next((each for each in texts if each.slug == request.args.get("text")), next(iter(texts), None))
        looks = {"mode": _one("mode", MODES, "component"), "theme": _one("theme", THEMES, "auto")}
        chosen = Choice(named, kind, text, **looks, locale=locale, partner=_partner(), origin=_origin())
        told = {"snippet": _snippet(ask.reader, chosen), "preview": _address("", chosen)} if text else {}
    names = [(each.slug, in_language(each.profile["name"], "en"), each.profile["embeds"]) for each in open_]
    languages = [(code, language_name(code)[0]) for code in locales]
    options = {"clinics": names, "kinds": KINDS, "texts": texts, "modes": MODES, "themes": THEMES, "locales": languages}
    return page("embeds.html", cache_control="no-cache", frames=True, chosen=chosen, **options, **told)


def _lets(found: House) -> bool:
    return bool(found.profile["embeds"] != "none")


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


def _address(base: str, chosen: Choice, *, suffix: str = "", origin: str = "") -> str:
    path, _, rest = KINDS[chosen.kind].path.format(slug=chosen.slug).partition("?")
    theme = "" if chosen.theme == "auto" else chosen.theme
    looks = {"locale": chosen.locale, "theme": theme, "partner": chosen.partner, "origin": origin}
    said = dict(parse_qsl(rest)) | {name: value for name, value in looks.items() if value}
    return f"{base}/embed/{chosen.clinic}/{path}{suffix}?{urlencode(said)}"


def _snippet(reader: Reader, chosen: Choice) -> str:
    """What a partner pastes."""
    base, row = current_app.config["PUBLIC_URL"], chosen.text
    if chosen.mode == "fragment":
        return _address(base, chosen, suffix=".html")
    if chosen.mode == "iframe":
        return _frame(_address(base, chosen, origin=chosen.origin), row.title, chosen.origin and base)
    said = KINDS[chosen.kind].attributes.format(slug=chosen.slug) + f' locale="{chosen.locale}"'
    said += f' theme="{chosen.theme}"' if chosen.theme != "auto" else ""
    said += f' partner="{chosen.partner}"' if chosen.partner else ""
    where = paths.absolute(reader.house, paths.page(reader.house, row.locale, row.type, row.kind, row.slug))
    inside = f'<a href="{escape(where)}">{escape(row.title)}</a>' if where else escape(row.title)
    script = f'<script async src="{base}/embed.js"></script>'
    return f'{script}\n<clinic-content clinic="{chosen.clinic}" {said}>\n  {inside}\n</clinic-content>'


def _frame(src: str, title: str, heard: str) -> str:
    made = (
        f'<iframe src="{escape(src)}" title="{escape(title)}" width="100%" height="{HEIGHT}"\n'
        f'  sandbox="{SANDBOX}" loading="lazy" referrerpolicy="no-referrer"></iframe>'
    )
    if not heard:
        return made
    return f"""{made}
<script>
addEventListener("message", (event) => {{
  if (event.data?.type !== "clinic-content:height") return;
  for (const frame of document.querySelectorAll('iframe[src^="{heard}/embed/"]'))
    if (frame.contentWindow === event.source) frame.height = Number(event.data.height) || {HEIGHT};
}});
</script>"""
