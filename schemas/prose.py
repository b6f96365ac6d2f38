"""Prose: the words of a document that readers are shown, each with where it stands by key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema, fields

from schemas.content_type import ContentType
from schemas.parts import CitationSchema, FactValue, Keyed, References, RichText
from schemas.strict import Key, Slug, Text, Web

NAMES: tuple[type[fields.Field[Any]], ...] = (Key, Slug, Web, FactValue, References)
"""Fields that hold names and addresses for programs."""


@dataclass(frozen=True)
class Prose:
    """`pointer` as comments are anchored (`/document/sections/risks/body`), `path` without keys (`sections.body`).

    `quoted`: what stands there is not the text's own claim, such as a myth or a sign of warning.
    """

    pointer: str
    path: str
    text: str
    rich: bool
    quoted: bool = False


def prose(kind: ContentType, document: dict[str, Any]) -> Iterator[Prose]:
    """Every text that readers see, in the order of the declaration; titles of sources are others' words."""
    quoted = {path for path, when in kind.quoted.items() if when is None or document.get(when[0]) == when[1]}
    for each in _of(kind.loading, document, "/document", ""):
        yield Prose(each.pointer, each.path, each.text, each.rich, each.path in quoted)


def _of(schema: Schema, part: dict[str, Any], pointer: str, path: str) -> Iterator[Prose]:
    for name, field in schema.fields.items():
        yield from _in(field, part.get(name), f"{pointer}/{name}", f"{path}.{name}" if path else name)


def _in(field: fields.Field[Any], value: Any, pointer: str, path: str) -> Iterator[Prose]:
    if value is None or isinstance(field, NAMES):
        return
    if isinstance(field, Text):
        yield Prose(pointer, path, str(value), isinstance(field, RichText))
    elif isinstance(field, fields.Nested):
        if not isinstance(field.schema, CitationSchema):
            yield from _of(field.schema, value, pointer, path)
    elif isinstance(field, fields.List):
        for number, each in enumerate(value):
            name = each.get(field.key) if isinstance(field, Keyed) and isinstance(each, dict) else None
            yield from _in(field.inner, each, f"{pointer}/{number if name is None else name}", path)
