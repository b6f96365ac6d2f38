"""marshmallow to JSON Schema (2020-12), by apispec: for OpenAPI, /v1/schemas and the desk's forms."""

from __future__ import annotations

import copy
import inspect
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import Schema, fields, validate

from schemas.content_type import ContentType
from schemas.parts import Category, FactValue, PriceSchema, RichText
from schemas.strict import Choice, Day, Web, Whole

Shape = dict[str, Any]
REF = "#/components/schemas/"


class Components:
    """A collection of named JSON Schemas; nested marshmallow schemas join it by their class's name."""

    def __init__(self) -> None:
        plugin = MarshmallowPlugin(schema_name_resolver=component_name)
        self._spec = APISpec("components", "1", "3.1.0", plugins=[plugin])
        assert plugin.converter is not None
        plugin.converter.add_attribute_function(_stored_shape)
        self._refs = plugin.converter.refs

    def add(self, schema: type[Schema]) -> str:
        """Put a marshmallow schema in; returns its name."""
        found = component_name(schema)
        if found not in self._spec.components.schemas:
            self._spec.components.schema(found, schema=schema)
        return found

    def add_shape(self, name: str, shape: Shape) -> None:
        """Put a JSON Schema in as it is."""
        self._spec.components.schemas[name] = shape

    @property
    def shapes(self) -> dict[str, Shape]:
        """All of them by name, in order of name; each says what its schema says of itself."""
        found = {name: _tidy(shape) for name, shape in sorted(self._spec.components.schemas.items())}
        for (schema, *_), name in self._refs.items():
            if said := schema.__dict__.get("__doc__"):
                found[name] = {"description": inspect.cleandoc(said), **found[name]}
        return found


def ref(name: str) -> Shape:
    return {"$ref": REF + name}


def document_schema(content_type: ContentType) -> Shape:
    """What is stored of a type as one self-contained JSON Schema, with what the system knows of each field."""
    components = Components()
    name = components.add(content_type.schema)
    shapes = copy.deepcopy(components.shapes)
    root = shapes.pop(name)
    for field, shape in root["properties"].items():
        shape["x-clinical"] = field in content_type.clinical
        shape["x-safety"] = field in content_type.safety
        shape["x-overridable"] = field in content_type.overridable
        shape["x-searchable"] = field in content_type.searchable
    root["additionalProperties"] = False
    named = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"/v1/schemas/{content_type.name}",
        "title": content_type.name,
        **root,
        "$defs": shapes,
        "x-plural": content_type.plural,
        "x-filters": {key: list(each.operators) for key, each in content_type.filters.items()},
        "x-sorts": list(content_type.sorts),
        "x-relations": {each.name: each.target for each in content_type.relations},
    }
    return _relocated(named)  # type: ignore[no-any-return]


def _relocated(shape: Any) -> Any:
    """References point into $defs where there is no OpenAPI document around."""
    if isinstance(shape, dict):
        return {
            key: value.replace(REF, "#/$defs/") if key == "$ref" else _relocated(value) for key, value in shape.items()
        }
    return [_relocated(each) for each in shape] if isinstance(shape, list) else shape


def component_name(schema: Any) -> str:
    cls = schema if isinstance(schema, type) else type(schema)
    return str(cls.__name__).removesuffix("Schema")


def _stored_shape(_: Any, field: fields.Field[Any], **__: Any) -> Shape:
    """What marshmallow does not tell apispec of our own fields."""
    out: Shape = {}
    if isinstance(field, Choice):
        out["enum"] = [*field.choices, None] if field.allow_none else list(field.choices)
    if isinstance(field, Day):
        out["format"] = "date"
    if isinstance(field, Web):
        out["format"] = "uri"
    if isinstance(field, RichText):
        out |= {"contentMediaType": "text/markdown", "description": "CommonMark without raw HTML."}
    if isinstance(field, Category):
        out["x-category"] = field.group
    if isinstance(field, FactValue):
        price = PriceSchema().fields
        money = {"type": "object", "properties": {name: {"type": ["string", "null"]} for name in price}}
        out |= {"anyOf": [{"type": "string"}, money, {"type": "null"}]}
    if isinstance(field, Whole):
        out["type"] = "integer"
    for validator in field.validators:
        if isinstance(validator, validate.Regexp):
            out["pattern"] = str(validator.regex.pattern).replace("\\Z", "$")
    return out


def _tidy(shape: Any) -> Any:
    """No closed replies: clients that validate must not break when a field is added."""
    if isinstance(shape, dict):
        closed = shape.get("additionalProperties") in (True, False)
        kept = {key: _tidy(value) for key, value in shape.items() if key != "additionalProperties" or not closed}
        return {**kept, "type": "object"} if "properties" in kept and "type" not in kept else kept
    return [_tidy(each) for each in shape] if isinstance(shape, list) else shape
