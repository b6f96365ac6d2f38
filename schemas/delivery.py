"""Delivery: a stored document turned into what readers get, as far as it does not depend on who reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

from marshmallow import Schema, fields

from schemas import rich_text
from schemas.aspects import ASPECTS
from schemas.content_type import ContentType
from schemas.parts import Categories, Category, Keyed, Picture, References, RichText, SectionSchema

Sources = dict[str, str]
"""Where a rich text stands in the delivered document (`sections/2/body`) -> its CommonMark."""


@dataclass
class Delivered:
    """`document` as a reader gets it with rich text as HTML; what it refers to; the text to search, by field."""

    document: dict[str, Any] = field(default_factory=dict)
    sources: Sources = field(default_factory=dict)
    marked: list[str] = field(default_factory=list)
    """Of the rich texts, those whose HTML is filled at each read."""
    links: list[rich_text.Link] = field(default_factory=list)
    references: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    categories: list[str] = field(default_factory=list)
    image: str | None = None
    """The id of its picture."""


# Two hundred clinics that lay their words over one text share all its other words.
_html = lru_cache(maxsize=2048)(rich_text.to_html)
_references = lru_cache(maxsize=2048)(rich_text.references)
_searched = lru_cache(maxsize=2048)(rich_text.search_text)
_nested: Callable[[type[Schema]], fields.Nested] = cache(fields.Nested)


def deliver(content_type: ContentType, document: dict[str, Any]) -> Delivered:
    """Walk a loaded document by its declaration. Categories stay keys, references move out to `references`."""
    out = Delivered()
    for name, kind in content_type.stored.items():
        value = document.get(name)
        if isinstance(kind, References):
            out.references[name] = value or []
            continue
        if isinstance(kind, Picture):
            out.image = value
            continue
        if isinstance(kind, Category | Categories):
            out.categories = [value] if isinstance(value, str) else list(value or [])
        out.document[name] = _given(kind, value, name, out)
    return out


def _given(kind: fields.Field[Any], value: Any, at: str, out: Delivered) -> Any:
    if isinstance(kind, fields.List):
        part = kind.part if isinstance(kind, Keyed) else kind.inner
        inner = part if isinstance(part, fields.Field) else _nested(part)
        return [_given(inner, each, f"{at}/{number}", out) for number, each in enumerate(value or [])]
    if value is None:
        return None
    if isinstance(kind, RichText):
        return _rich(value, at, out)
    if isinstance(kind, fields.Nested):
        return _part(kind.schema, value, at, out)
    return value


def _rich(markdown: str, at: str, out: Delivered) -> dict[str, str]:
    out.sources[at] = markdown
    known = set(out.links)
    out.links += [link for link in _references(markdown) if link not in known]
    html = _html(markdown)
    if rich_text.marked(html):
        out.marked.append(at)
    return {"format": "html", "value": html}


def _part(schema: Schema, value: dict[str, Any], at: str, out: Delivered) -> dict[str, Any]:
    part = {name: _given(kind, value.get(name), f"{at}/{name}", out) for name, kind in schema.fields.items()}
    if isinstance(schema, SectionSchema):
        aspect = part["aspect"]
        return {"aspect": aspect, "schema_aspect": ASPECTS[aspect], "anchor": aspect, **part}
    return part


def texts(content_type: ContentType, delivered: Delivered) -> Iterator[tuple[str, str | None, str]]:
    """Each searchable text as (field, anchor of its section or None, plain words), each to be read by itself."""
    for name in content_type.searchable:
        value = delivered.document.get(name)
        parts = value if isinstance(value, list) else [value]
        for number, part in enumerate(parts):
            at = f"{name}/{number}" if isinstance(value, list) else name
            anchor = part.get("anchor") if isinstance(part, dict) else None
            for words in _words(part, at, delivered.sources):
                yield name, anchor, words


_LINES = (("label", "text"), ("title", "detail", "why"))
"""Of a fact and of an item of a checklist: what is read as one line."""


def _words(value: Any, at: str, sources: Sources) -> Iterator[str]:
    """The texts of a part, its longest first: words found in both a section's body and its title show the body."""
    if at in sources:
        yield _searched(sources[at])
    elif isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _words(each, f"{at}/{number}", sources)
    elif isinstance(value, dict):
        for name in ("body", "items"):
            yield from _words(value.get(name), f"{at}/{name}", sources)
        for names in _LINES:
            if said := [value[name] for name in names if value.get(name)]:
                yield _line(said)
        yield from _words(value.get("depends_on"), f"{at}/depends_on", sources)


def _line(said: list[str]) -> str:
    """"Price", "Depends on the plan" as "Price: Depends on the plan"."""
    line = said[0]
    for each in said[1:]:
        line += (" " if line[-1] in ".?!:;…" else ": ") + each
    return line
