"""Documents in which every text field of a type holds words, made from the type's declaration."""

from __future__ import annotations

from itertools import count
from typing import Any

from marshmallow import Schema, fields

from schemas.clinic import LocaleCode, Path, TimeZone
from schemas.content import content_type
from schemas.parts import Categories, Category, FactValue, Keyed, Picture, PriceSchema, References, SectionSchema
from schemas.strict import Choice, Day, Flag, Key, Slug, Text, Web

Place = tuple[Any, ...]
"""Where words stand: names of members and places in lists."""
PRICE = dict.fromkeys(PriceSchema().fields, "1")
CHOSEN = {("faq", "kind"): "myth", ("topic", "kind"): "treatment"}
"""Which of several kinds has the most fields."""


def whole_document(kind: str) -> tuple[dict[str, Any], list[Place]]:
    """(a document of a content type, the places of its words)."""
    places: list[Place] = []
    made = _of_schema(content_type(kind).loading, (), places)
    made |= {name: value for (of, name), value in CHOSEN.items() if of == kind}
    return made, places


def _of_schema(schema: Schema, at: Place, places: list[Place]) -> dict[str, Any]:
    made = {}
    for name, field in schema.fields.items():
        value = _of_field(field, (*at, name), places)
        if value is not None:
            made[name] = value
    return made


def _of_field(field: fields.Field[Any], at: Place, places: list[Place]) -> Any:
    """A value for a field, None for one that holds no words."""
    if isinstance(field, Keyed):
        names = ("overview", "risks") if issubclass(field.part, SectionSchema) else ("one",)
        return [_of_schema(field.part(), (*at, n), places) | {field.key: name} for n, name in enumerate(names)]
    if isinstance(field, Category):
        return "basics"
    if isinstance(field, FactValue):
        places += [(*at, name) for name in PRICE]
        return dict(PRICE)
    if isinstance(field, fields.Nested):
        return _of_schema(field.schema, at, places)
    if isinstance(field, fields.List) and not isinstance(field, Categories | References):
        return [_of_field(field.inner, (*at, 0), places)]
    if isinstance(field, Choice):
        return field.choices[0]
    if isinstance(field, Flag):
        return True
    if isinstance(field, Day):
        return "2026-01-02"
    if not isinstance(field, Text) or isinstance(field, Picture | Key | Slug | LocaleCode | Path | TimeZone):
        return None
    places.append(at)
    return "https://e.example/x" if isinstance(field, Web) else next(_WORDS)


_WORDS = (f"Some words {number}" for number in count())


def put(document: Any, at: Place, words: str) -> Any:
    """Write words at a place; returns what stood there."""
    for name in at[:-1]:
        document = document[name]
    before, document[at[-1]] = document[at[-1]], words
    return before


def words_of(value: Any, at: Place = (), closed: frozenset[str] = frozenset()) -> list[Place]:
    """Where any JSON value holds words, but below members of these names."""
    if isinstance(value, str):
        return [at]
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for name, each in inner if name not in closed for place in words_of(each, (*at, name), closed)]
