"""A clinic's public profile in the reader's language; nothing of keys, origins or people."""

from __future__ import annotations

from typing import Any

from api.queries import paths, pictures
from api.queries.house import House
from api.queries.instants import written
from api.queries.reader import Reader
from schemas.wording import in_language, language_name

Given = dict[str, Any]


def profile(reader: Reader) -> Given:
    """The whole profile as an item."""
    house, locale = reader.house, reader.locale
    own = house.profile
    home = paths.place(house, locale, "home")
    asked = {"locale": locale}
    return {
        "id": house.id,
        "type": "clinic",
        "slug": house.slug,
        "locale": locale,
        "revision": house.revision,
        "overlay_revision": None,
        "url": paths.absolute(house, home),
        "path": home,
        "published_at": written(house.created_at),
        "updated_at": written(max(house.updated_at, house.logo.at if house.logo else 0)),
        "name": in_language(own["name"], locale),
        "tagline": _said(own["tagline"], locale),
        "demo": own["demo"],
        "logo": _logo(reader),
        "site_url": own["site_url"],
        "time_zone": own["time_zone"],
        "default_locale": own["default_locale"],
        "locales": [_locale(each) for each in own["locales"]],
        "paths": own["paths"],
        "contact": own["contact"],
        "booking": _booking(own["booking"], locale),
        "price_note": _said(own["price_note"], locale),
        "locations": [_location(each, locale) for each in own["locations"]],
        "legal": own["legal"] | {"notice": _said(own["legal"]["notice"], locale)},
        "social": own["social"],
        "embeds": {"allowed": own["embeds"]},
        "links": {
            "self": paths.api(house, "", asked),
            "jsonld": paths.api(house, ".jsonld", asked),
            "navigation": paths.api(house, "/navigation", asked),
            "sitemap": paths.api(house, "/sitemap.json"),
        },
    }


def card(house: House, now: int, media: str, wanted: str | None = None) -> Given:
    """A clinic in the list of clinics, in the language wanted if it is one of its own, else in its default one.

    `media` is what addresses of pictures begin with.
    """
    spoken = house.spoken(wanted) if wanted else None
    whole = profile(Reader(house, (spoken or house.profile["default_locale"],), now, media=media))
    names = (
        "id", "type", "slug", "locale", "revision", "overlay_revision", "url", "path", "published_at", "updated_at",
        "name", "tagline", "demo", "logo", "site_url", "default_locale", "locales", "links",
    )  # fmt: skip
    return {name: whole[name] for name in names}


def _logo(reader: Reader) -> Given | None:
    """The picture that the profile names, as `image` of a text; its words in the reader's language."""
    logo = reader.house.logo
    if logo is None or (logo.ends is not None and logo.ends <= reader.now):
        return None
    media, locale = logo.media, reader.locale
    caption, credit = _said(media.caption, locale), _said(media.credit, locale)
    return pictures.shown(pictures.kept(media, logo.files, in_language(media.alt, locale), caption, credit), reader)


def _locale(stored: Given) -> Given:
    name, direction = language_name(stored["code"])
    return {"code": stored["code"], "name": name, "dir": direction, "fallback": stored["fallback"]}


def _booking(stored: Given | None, locale: str) -> Given | None:
    if stored is None:
        return None
    words = {"label": in_language(stored["label"], locale), "note": _said(stored["note"], locale)}
    return {name: words.get(name, stored[name]) for name in ("kind", "label", "url", "phone", "note")}


def _location(stored: Given, locale: str) -> Given:
    return stored | {
        "name": in_language(stored["name"], locale),
        "accessibility": _said(stored["accessibility"], locale),
        "exceptions": [each | {"note": _said(each["note"], locale)} for each in stored["exceptions"]],
    }


def _said(words: dict[str, str] | None, locale: str) -> str | None:
    return in_language(words, locale) if words else None
