"""Addresses on the clinic's own site, from its `paths` templates alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote_plus, unquote, urlencode

from api.queries.house import House


def page(house: House, locale: str, type_name: str, kind: str, slug: str) -> str | None:
    """The path of an item's page; the template of its type and kind wins over that of its type."""
    key = ("page", locale, type_name, kind)
    if key in house.worked_out:
        template: str | None = house.worked_out[key]
    else:
        templates = house.profile["paths"].get(locale, {})
        template = house.worked_out[key] = templates.get(f"{type_name}.{kind}") or templates.get(type_name)
    return template.replace("{slug}", slug) if template else None


def place(house: House, locale: str, name: str) -> str | None:
    """The path of a page that is no item: home, topics, faqs, guides, terms."""
    found: str | None = house.profile["paths"].get(locale, {}).get(name)
    return found


def category(house: House, locale: str, slug: str, group: str) -> str | None:
    """The path of a category's page; FAQ categories have none."""
    template = house.profile["paths"].get(locale, {}).get("category")
    return template.replace("{slug}", slug) if template and group == "subject" else None


def absolute(house: House, path: str | None) -> str | None:
    """A path with the clinic's site before it; None without a site."""
    site = house.profile["site_url"]
    return f"{site.rstrip('/')}{path}" if site and path else None


def normal(path: str) -> str:
    """A path without query, fragment, doubled or trailing slashes; percent-encoding undone once."""
    bare = unquote(re.split(r"[?#]", path, maxsplit=1)[0])
    joined = re.sub(r"/{2,}", "/", bare)
    return joined.rstrip("/") or "/"


def here(site_url: str | None, target: str) -> str:
    """A target as a `normal` path of the clinic's own site, or as the address elsewhere that it is."""
    site = (site_url or "").rstrip("/")
    if site and target.startswith(site) and target[len(site) :][:1] in ("", "/", "?", "#"):
        target = target[len(site) :] or "/"
    return normal(target) if target.startswith(("/", "?", "#")) else target


def with_default(house: House, known: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One page by `hreflang`, then x-default: that of the clinic's default language, else of the first there is."""
    default = house.profile["default_locale"]
    chosen = next((each for each in known if each["hreflang"] == default), known[0] if known else None)
    return [*known, {**chosen, "hreflang": "x-default"}] if chosen else known


def api(house: House, rest: str = "", query: Mapping[str, str] | None = None) -> str:
    """An address of this API, relative to its host."""
    asked = (_written(tuple(query.items())) if query else "") + house.asks
    return f"{house.root}/v1/clinics/{house.slug}{house.below}{rest}" + (f"?{asked.lstrip('&')}" if asked else "")


def filtered(house: House, rest: str, name: str, locale: str) -> tuple[str, str]:
    """The address of a list that one item's slug filters: before and after the slug, which needs no escaping."""
    here = f"{house.root}/v1/clinics/{house.slug}{house.below}{rest}"
    return f"{here}?filter%5B{name}%5D=", f"&locale={_quoted(locale)}{house.asks}"


def in_locale(house: House, rest: str, locale: str) -> str:
    """An address of this API in one language."""
    return f"{house.root}/v1/clinics/{house.slug}{house.below}{rest}?locale={_quoted(locale)}{house.asks}"


# Every item gives out half a dozen addresses with the same few parameters.
_written = lru_cache(maxsize=4096)(urlencode)
_quoted = lru_cache(maxsize=256)(quote_plus)
