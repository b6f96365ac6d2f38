"""What fields mean: sentences from TOML files beside the fields of schemas that say nothing themselves."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from schemas.content import CONTENT_TYPES
from schemas.json_schema import Shape

Tables = dict[str, dict[str, str]]
REPLIES = ("items.toml", "house.toml", "blocks.toml", "outside.toml")
MANAGED = (*REPLIES, "written.toml", "desk.toml")
"""Where files have words for the same, the later one goes first."""
STORED = ("stored.toml",)
_PAGE = frozenset({"id", "path", "published_at"})
"""What everything has that has a page of its own."""
_VIEW = re.compile(r"(?:Full|Summary|Card|Sparse|Counted)$")


def told(shapes: dict[str, Shape], files: tuple[str, ...] = REPLIES) -> dict[str, Shape]:
    """The same JSON Schemas by name, their fields described as far as the files have words."""
    found = _tables(files)
    return {name: _told(found, name, shape) for name, shape in shapes.items()}


def told_document(schema: Shape) -> Shape:
    """The JSON Schema of what is stored of a type, its fields and those of its parts described."""
    whole = told({schema["title"]: schema}, STORED)[schema["title"]]
    return {**whole, "$defs": told(schema.get("$defs", {}), STORED)}


@cache
def done() -> dict[str, str]:
    """What operations do, by their summary."""
    said: dict[str, str] = tomllib.loads(Path(__file__).with_name("operations.toml").read_text(encoding="utf-8"))
    return {
        summary.format(name=kind.name, plural=kind.plural): words
        for kind in CONTENT_TYPES
        for summary, words in said.items()
    }


@cache
def sent() -> dict[str, Any]:
    """An example of what is sent to an operation, by its summary."""
    return tomllib.loads(Path(__file__).with_name("bodies.toml").read_text(encoding="utf-8"))


@cache
def _tables(files: tuple[str, ...]) -> Tables:
    found: Tables = {}
    for file in files:
        tables = tomllib.loads(Path(__file__).with_name(file).read_text(encoding="utf-8"))
        for heads, words in tables.items():
            for name in heads.split(", "):
                found[name] = found.get(name, {}) | words
    return found


def _told(tables: Tables, component: str, shape: Shape) -> Shape:
    properties = shape.get("properties", {})
    places = [component, _VIEW.sub("", component), *(["page"] if properties.keys() >= _PAGE else []), "any"]
    words = {name: said for place in reversed(places) for name, said in tables.get(place, {}).items()}
    described = {
        # A field's own words say more than a table can; they stand first.
        name: {**each, "description": each.get("description", words[name])} if name in words else each
        for name, each in properties.items()
    }
    # What stands beside it for some values alone means the same there.
    cases = {"oneOf": [_told(tables, component, each) for each in shape["oneOf"]]} if "oneOf" in shape else {}
    return {**shape, "properties": described, **cases} if properties else shape
