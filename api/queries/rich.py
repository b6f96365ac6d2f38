"""Rich text as this reader asked for it: links, glossary words and placeholders filled for the clinic."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import orjson

from api.queries import paths
from api.queries.reader import Reader
from api.queries.related import Web, parsed_links
from schemas import rich_text
from schemas.rich_text import Resolver, Target
from schemas.wording import in_language


def resolver(reader: Reader, web: Web, locale: str) -> Resolver:
    """Where links lead on this clinic's site, as far as their targets may be shown."""
    return Resolver(_Targets(reader, web), _Terms(web), placeholders(reader, locale))


class _Targets(Mapping[str, Target]):
    """Entry id -> where a link to it leads, worked out only for links that are met."""

    def __init__(self, reader: Reader, web: Web) -> None:
        self._reader, self._web = reader, web

    def __getitem__(self, entry_id: str) -> Target:
        item = self._web.entries[entry_id]
        if item.outcome != "live":
            raise KeyError(entry_id)
        row = item.row
        href = paths.page(self._reader.house, row.locale, row.type, row.kind, row.slug) or ""
        return Target(href, {"type": row.type, "id": entry_id, "slug": row.slug, "title": row.title})

    def __iter__(self) -> Iterator[str]:
        return iter(self._web.entries)

    def __len__(self) -> int:
        return len(self._web.entries)


class _Terms(Mapping[str, str]):
    """Entry id -> the slug of a glossary word that may be shown."""

    def __init__(self, web: Web) -> None:
        self._web = web

    def __getitem__(self, entry_id: str) -> str:
        item = self._web.entries[entry_id]
        if item.outcome != "live" or item.row.type != "term":
            raise KeyError(entry_id)
        slug: str = item.row.slug
        return slug

    def __iter__(self) -> Iterator[str]:
        return iter(self._web.entries)

    def __len__(self) -> int:
        return len(self._web.entries)


def placeholders(reader: Reader, locale: str) -> dict[str, str]:
    """What `{{clinic.…}}` stands for here."""
    worked_out = reader.house.worked_out
    if ("placeholders", locale) in worked_out:
        known: dict[str, str] = worked_out["placeholders", locale]
        return known
    profile = reader.house.profile
    booking = profile["booking"] or {}
    found = worked_out["placeholders", locale] = {
        "clinic.name": in_language(profile["name"], locale),
        "clinic.phone": profile["contact"]["phone"] or "",
        "clinic.email": profile["contact"]["email"] or "",
        "clinic.booking_url": booking.get("url") or "",
    }
    return found


def fill(document: dict[str, Any], row: Any, reader: Reader, resolve: Resolver) -> None:
    """Put every rich text of a delivered document into the reader's format, in place."""
    if reader.as_stored:
        for at in parsed_links(row.links).get("marked", ()):
            part = _at(document, at)
            part["value"] = rich_text.resolve_html(part["value"], resolve)
        return
    sources: dict[str, str] = orjson.loads(row.sources)
    given = _formats(reader, resolve)
    for at, markdown in sources.items():
        part = _at(document, at)
        part["format"] = reader.format
        part["value"] = given(markdown)


def _at(document: dict[str, Any], at: str) -> dict[str, Any]:
    part: Any = document
    for step in at.split("/"):
        part = part[int(step)] if isinstance(part, list) else part[step]
    found: dict[str, Any] = part
    return found


def _formats(reader: Reader, resolve: Resolver) -> Callable[[str], Any]:
    level = reader.heading_level
    if reader.format == "blocks":
        return lambda markdown: rich_text.to_blocks(markdown, resolve, level)
    if reader.format == "markdown":
        return lambda markdown: rich_text.to_markdown(markdown, resolve)
    if reader.format == "text":
        return lambda markdown: rich_text.to_text(markdown, resolve)
    return lambda markdown: rich_text.resolve_html(rich_text.to_html(markdown, level), resolve)
