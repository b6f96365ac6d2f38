"""Resolve: what stands under a path of the clinic's site."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from api.models import LIBRARY
from api.queries import redirects
from api.queries.found import Depends
from api.queries.house import House
from api.queries.paths import here, normal
from api.queries.reader import Reader
from schemas.content import CONTENT_TYPES


@dataclass(frozen=True)
class Place:
    """What a path names, in the locale that it says: home, a list, or by its slug a category or an item."""

    kind: str
    path: str
    locale: str
    type: str | None = None
    slug: str | None = None


def candidates(house: House, path: str) -> list[Place]:
    """Every reading of a path, fixed pages first, then categories, then items by type."""
    found = [each for locale in house.locales for each in _places(house, locale, path)]
    return sorted(found, key=lambda each: ("home", "list", "category", "item").index(each.kind))


def _places(house: House, locale: str, path: str) -> list[Place]:
    templates: dict[str, str] = house.profile["paths"].get(locale, {})
    found = []
    for name, template in templates.items():
        if "#" in template:
            continue
        slug = _slug(normal(template), path)
        if slug is None:
            continue
        if "{slug}" not in template:
            found.append(_fixed(name, path, locale))
        elif name == "category":
            found.append(Place("category", path, locale, slug=slug))
        else:
            found.append(Place("item", path, locale, name.partition(".")[0], slug))
    return list(dict.fromkeys(found))


def anchored(house: House, path: str, anchor: str) -> list[Place]:
    """Every item that stands under an anchor on the page of that path, as `/faq#{slug}` says."""
    found = []
    for locale in house.locales:
        for name, template in house.profile["paths"].get(locale, {}).items():
            page, _, mark = template.partition("#")
            if mark and normal(page) == path and (slug := _slug(mark, anchor)):
                found.append(Place("item", path, locale, name.partition(".")[0], slug))
    return found


def _fixed(name: str, path: str, locale: str) -> Place:
    if name == "home":
        return Place("home", path, locale)
    kind = next((each.name for each in CONTENT_TYPES if each.plural == name), None)
    return Place("list", path, locale, kind)


def _slug(template: str, path: str) -> str | None:
    """The slug a path holds by a template, both `normal`; "" for a template without one; None where it does not fit."""
    before, mark, after = template.partition("{slug}")
    if not mark:
        return "" if template == path else None
    if path.startswith(before) and path.endswith(after) and len(path) > len(before) + len(after):
        slug = path[len(before) : len(path) - len(after)]
        return slug if "/" not in slug and "\0" not in slug else None  # No database takes a NUL.
    return None


def redirect(connection: Connection, reader: Reader, path: str, depends: Depends) -> tuple[str, int] | None:
    """(where an old path leads in the end, its status), written or left behind; nowhere on from what is live."""
    fixed, slugs = _of_no_text(connection, reader), _slugs_at(reader.house, path)
    while True:
        known = _by_path(redirects.left_behind(connection, reader, depends, slugs) | fixed)
        if path not in known:
            return None
        passed = redirects.way(reader.house, known, path)
        further = {slug for each in passed for slug in _slugs_at(reader.house, _here(reader.house, each))}
        if further <= slugs:
            end = redirects.follow(reader.house, _leading(connection, reader, known, passed[1:]), path)
            return None if end is None else (end, known[path][1])
        slugs |= further


def every_redirect(connection: Connection, reader: Reader, depends: Depends) -> list[dict[str, Any]]:
    """All redirects of the clinic, chains answered with their end, in order of path; none from what is live."""
    depends.on_redirects(reader)
    fixed = _of_no_text(connection, reader)
    every = redirects.left_behind(connection, reader, depends) | fixed
    known = _leading(connection, reader, _by_path(every), fixed)
    return [
        {"from": path, "to": end, "status": status}
        for path, (_, status) in sorted(every.items())
        if normal(path) in known and (end := redirects.follow(reader.house, known, path)) is not None
    ]


def _of_no_text(connection: Connection, reader: Reader) -> redirects.Known:
    """Redirects that no text left behind: of categories, and before those what editors wrote."""
    return redirects.of_categories(connection, reader) | redirects.written_redirects(connection, reader)


def _by_path(known: redirects.Known) -> redirects.Known:
    return {normal(path): leads for path, leads in known.items()}


def _here(house: House, target: str) -> str:
    return here(house.profile["site_url"], target)


def _leading(connection: Connection, reader: Reader, known: redirects.Known, among: Iterable[str]) -> redirects.Known:
    """Redirects without those `among` them under whose path something stands: what is live comes before a redirect."""
    paths = known.keys() & {_here(reader.house, each) for each in among}
    slugs = {slug for path in paths for slug in _slugs_at(reader.house, path)}
    live = {normal(path) for path in redirects.living(connection, reader, slugs)}
    stands = {path for path in paths if path in live or _page_at(reader, path)}
    return {path: leads for path, leads in known.items() if path not in stands}


def _page_at(reader: Reader, path: str) -> bool:
    """Whether a page that is no item has this path."""
    found = candidates(reader.house, path)
    return any(each.kind in ("home", "list") or each.kind == "category" and
               category_of(reader, each.locale, each.slug or "") is not None for each in found)  # fmt: skip


def _slugs_at(house: House, path: str) -> set[str]:
    """Every slug that a text under that path would have."""
    return {each.slug or "" for each in candidates(house, path) if each.kind == "item"}


def category_of(reader: Reader, locale: str, slug: str) -> Any:
    """The subject category of that slug in a locale, the clinic's own before the library's."""
    for each in sorted(reader.house.categories, key=lambda each: each.scope == LIBRARY):
        if each.group == "subject" and locale in each.texts and each.texts[locale].slug == slug:
            return each
    return None
