"""Rich text as this reader asked for it: links, glossary words and placeholders filled for the clinic."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from html import escape
from itertools import pairwise
from typing import Any

import orjson

from api.queries import paths
from api.queries.reader import Reader
from api.queries.related import Web, parsed_links
from schemas import rich_text
from schemas.cuts import Cuts, part_at
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


WORD, LINK = '<span data-term=\\"term:', '<a href=\\"entry:'
"""How a glossary word and a link to an entry begin in kept JSON."""


class CutDocument:
    """A delivered document as the JSON it is kept as: its fields are passed on as they are, but for their markers."""

    __slots__ = ("_cuts", "_resolve", "_text")

    def __init__(self, text: str, cuts: Cuts, resolve: Resolver) -> None:
        self._text, self._cuts, self._resolve = text, cuts, resolve

    def get(self, name: str, default: Any = None) -> Any:
        """The value of a field, its markers not filled."""
        return self[name] if name in self._cuts else default

    def __getitem__(self, name: str) -> Any:
        places = self._cuts[name]
        return orjson.loads(self._text[places[0] : places[-1]])

    def filled(self, name: str) -> orjson.Fragment | None:
        """The JSON of a field as this reader is given it; None for a field that the document does not have."""
        places = self._cuts.get(name)
        if places is None:
            return None
        if len(places) == 2:
            return orjson.Fragment(self._text[places[0] : places[1]])
        pieces = [self._text[here:there] for here, there in pairwise(places)]
        pieces[1::2] = [self._marker(piece) for piece in pieces[1::2]]
        return orjson.Fragment("".join(pieces))

    def _marker(self, piece: str) -> str:
        """A marker filled, from JSON to JSON. Most are a word or a link without placeholders: those need no parsing."""
        resolve = self._resolve
        if "{{" not in piece:
            if piece.startswith(WORD):
                entry_id, closed, rest = piece[len(WORD) :].partition('\\">')
                if closed:
                    slug = resolve.terms.get(entry_id)
                    return f'<span data-term=\\"{slug}\\">{rest}' if slug else rest.removesuffix("</span>")
            elif piece.startswith(LINK):
                entry_id, _, rest = piece[len(LINK) :].partition('\\"')
                target = resolve.entries.get(entry_id)
                if target and target.href:
                    return f'<a href=\\"{orjson.dumps(escape(target.href)).decode()[1:-1]}\\"{rest}'
        html = rich_text.resolve_marker(orjson.loads(f'"{piece}"'), resolve)
        return orjson.dumps(html).decode()[1:-1]


def fill(document: dict[str, Any], row: Any, reader: Reader, resolve: Resolver) -> None:
    """Put every rich text of a delivered document into the reader's format, in place."""
    if reader.as_stored:
        for at in parsed_links(row.links).get("marked", ()):
            part = part_at(document, at)
            part["value"] = rich_text.resolve_html(part["value"], resolve)
        return
    sources: dict[str, str] = orjson.loads(row.sources)
    given = _formats(reader, resolve)
    for at, markdown in sources.items():
        part = part_at(document, at)
        part["format"] = reader.format
        part["value"] = given(markdown)


def _formats(reader: Reader, resolve: Resolver) -> Callable[[str], Any]:
    level = reader.heading_level
    if reader.format == "blocks":
        return lambda markdown: rich_text.to_blocks(markdown, resolve, level)
    if reader.format == "markdown":
        return lambda markdown: rich_text.to_markdown(markdown, resolve, level)
    if reader.format == "text":
        return lambda markdown: rich_text.to_text(markdown, resolve)
    return lambda markdown: rich_text.resolve_html(rich_text.to_html(markdown, level), resolve)
