"""Rich text as this reader asked for it: links, glossary words and placeholders filled for the clinic."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from api.queries import paths
from api.queries.reader import Reader
from api.queries.related import Web
from schemas import rich_text
from schemas.rich_text import Resolver, Target
from schemas.wording import in_language


def resolver(reader: Reader, web: Web, locale: str) -> Resolver:
    """Where links lead on this clinic's site, as far as their targets may be shown."""
    entries: dict[str, Target] = {}
    terms: dict[str, str] = {}
    for entry_id, item in web.entries.items():
        if item.outcome != "live":
            continue
        row = item.row
        href = paths.page(reader.house, row.locale, row.type, row.kind, row.slug) or ""
        ref = {"type": row.type, "id": entry_id, "slug": row.slug, "title": row.title}
        entries[entry_id] = Target(href, ref)
        if row.type == "term":
            terms[entry_id] = row.slug
    return Resolver(entries, terms, placeholders(reader, locale))


def placeholders(reader: Reader, locale: str) -> dict[str, str]:
    """What `{{clinic.…}}` stands for here."""
    profile = reader.house.profile
    booking = profile["booking"] or {}
    return {
        "clinic.name": in_language(profile["name"], locale),
        "clinic.phone": profile["contact"]["phone"] or "",
        "clinic.email": profile["contact"]["email"] or "",
        "clinic.booking_url": booking.get("url") or "",
    }


def fill(document: dict[str, Any], row: Any, reader: Reader, resolve: Resolver) -> None:
    """Put every rich text of a delivered document into the reader's format, in place."""
    sources: dict[str, str] = orjson.loads(row.sources)
    given = _formats(reader, resolve)
    for at, markdown in sources.items():
        part: Any = document
        for step in at.split("/"):
            part = part[int(step)] if isinstance(part, list) else part.get(step)
            if part is None:
                break
        else:
            part["format"] = reader.format
            part["value"] = given(part["value"], markdown)


def _formats(reader: Reader, resolve: Resolver) -> Callable[[str, str], Any]:
    level = reader.heading_level
    if reader.format == "blocks":
        return lambda _, markdown: rich_text.to_blocks(markdown, resolve, level)
    if reader.format == "markdown":
        return lambda _, markdown: rich_text.to_markdown(markdown, resolve)
    if reader.format == "text":
        return lambda _, markdown: rich_text.to_text(markdown, resolve)
    if level != 3:
        return lambda _, markdown: rich_text.resolve_html(rich_text.to_html(markdown, level), resolve)
    return lambda html, _: rich_text.resolve_html(html, resolve)
