"""What the contract says of its fields: a frontend developer finds a sentence beside each."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.openapi import meanings
from api.openapi.components import components
from api.openapi.meanings import told, told_document
from schemas.content import CONTENT_TYPES
from schemas.json_schema import document_schema

FOLDER = Path(meanings.__file__).parent


@pytest.fixture(scope="module")
def schemas() -> dict[str, Any]:
    return told(components())


def fields(schemas: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    for name, schema in schemas.items():
        for field, shape in schema.get("properties", {}).items():
            yield name, field, shape


def test_every_field_of_what_a_site_reads_says_what_it_means(schemas: dict[str, Any]) -> None:
    left = {f"{name}.{field}" for name, field, shape in fields(schemas) if not shape.get("description")}
    assert {each for each in left if not each.startswith("OEmbed")} == set()


def test_every_field_of_a_document_says_what_it_means_to_whoever_writes_it() -> None:
    for kind in CONTENT_TYPES:
        schema = told_document(document_schema(kind))
        all_of_it = {kind.name: schema, **schema["$defs"]}
        assert [f"{name}.{field}" for name, field, shape in fields(all_of_it) if not shape.get("description")] == []


def test_no_sentence_is_left_of_a_field_that_is_gone(schemas: dict[str, Any]) -> None:
    known = {(name, field) for name, field, _ in fields(schemas)}
    names = {field for _, field in known}
    views = ("", "Full", "Summary", "Card", "Sparse", "Counted")
    for file in ("items.toml", "house.toml", "blocks.toml"):
        for table, words in tomllib.loads((FOLDER / file).read_text(encoding="utf-8")).items():
            anywhere = table in ("any", "page")
            there = names if anywhere else {field for view in views for name, field in known if name == table + view}
            assert words.keys() <= there, f"[{table}] of {file}"


def test_a_fields_own_words_go_before_those_of_the_tables() -> None:
    shapes = {"Topic": {"properties": {"facts": {"description": "Its own."}, "sections": {}}}}
    found = told(shapes)["Topic"]["properties"]
    assert found["facts"]["description"] == "Its own."
    assert found["sections"]["description"] != ""
    assert shapes["Topic"]["properties"]["sections"] == {}
