"""What the contract says of its fields: a frontend developer finds a sentence beside each."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.app import create_app
from api.manage.routes import MODULES
from api.openapi import meanings
from api.openapi.bodies import checked
from api.openapi.document import document
from api.openapi.meanings import MANAGED, done, sent, told, told_document
from api.openapi.operation import Operation
from schemas.content import CONTENT_TYPES
from schemas.json_schema import document_schema
from tests.conftest import config

FOLDER = Path(meanings.__file__).parent
NOT_OF_EVERY_TYPE = {f"Read a section of a {kind.name}" for kind in CONTENT_TYPES}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The whole document, of public reads, management, partners and embeds."""
    folder = tmp_path_factory.mktemp("document")
    return document(create_app(config(f"sqlite:///{folder / 'none.sqlite'}", folder), front=False))


@pytest.fixture(scope="module")
def schemas(written: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = written["components"]["schemas"]
    return found


def fields(schemas: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    for name, schema in schemas.items():
        for field, shape in schema.get("properties", {}).items():
            yield name, field, shape


def undescribed(part: Any, at: str = "") -> Iterator[str]:
    """Where in a document a field stands that says nothing, at any depth; a `const` says itself what it is."""
    if isinstance(part, dict):
        named = part.get("properties", {})
        yield from (f"{at}.{name}" for name, shape in named.items() if not {"description", "const"} & shape.keys())
        for name, inner in part.items():
            yield from undescribed(inner, f"{at}/{name}") if name not in ("example", "examples") else ()
    elif isinstance(part, list):
        for number, inner in enumerate(part):
            yield from undescribed(inner, f"{at}/{number}")


def declarations() -> Iterator[Operation]:
    """What the routes of management declare."""
    for module in MODULES:
        yield from (declared for _, _, declared in module.routes())


def operations(written: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in written["paths"].items():
        for method, said in methods.items():
            yield f"{method.upper()} {path}", said


def test_every_field_of_every_reply_and_body_says_what_it_means(written: dict[str, Any]) -> None:
    assert [*undescribed(written["components"])] + [*undescribed(written["paths"])] == []


def test_every_operation_and_every_parameter_says_what_it_does(written: dict[str, Any]) -> None:
    for name, said in operations(written):
        assert said["summary"] and said["description"], name
        assert all(each["description"] for each in said["parameters"]), name


def test_every_example_of_a_body_is_one_that_is_taken(written: dict[str, Any]) -> None:
    bodies = {declared.summary: declared.body for declared in declarations() if declared.body is not None}
    assert len(sent()) > 10
    for summary, body in sent().items():
        assert checked(bodies[summary](), body), summary


def test_no_sentence_is_left_of_an_operation_that_is_gone(written: dict[str, Any]) -> None:
    assert done().keys() <= {said["summary"] for _, said in operations(written)} | NOT_OF_EVERY_TYPE


def test_operations_stand_in_the_order_in_which_somebody_new_meets_them(written: dict[str, Any]) -> None:
    order = [each["name"] for each in written["tags"]]
    assert order[:5] == ["clinics", "topics", "faqs", "guides", "terms"]
    assert order.index("partner") < order.index("entries") < order.index("moves") < order.index("worker")


def test_a_key_is_asked_for_where_nobody_gets_in_without_and_nowhere_else(written: dict[str, Any]) -> None:
    closed = re.compile(r"/v1/(manage|partners|clinics/\{clinic\}/preview)(/|$)")
    for name, said in operations(written):
        without_a_key = said["security"] == [] or {} in said["security"]
        assert without_a_key != bool(closed.match(name.split()[1])), name


def test_every_field_of_a_document_says_what_it_means_to_whoever_writes_it() -> None:
    for kind in CONTENT_TYPES:
        schema = told_document(document_schema(kind))
        all_of_it = {kind.name: schema, **schema["$defs"]}
        assert [f"{name}.{field}" for name, field, shape in fields(all_of_it) if not shape.get("description")] == []


def test_no_sentence_is_left_of_a_field_that_is_gone(schemas: dict[str, Any]) -> None:
    known = {(name, field) for name, field, _ in fields(schemas)}
    names = {field for _, field in known}
    views = ("", "Full", "Summary", "Card", "Sparse", "Counted")
    for file in MANAGED:
        for heads, words in tomllib.loads((FOLDER / file).read_text(encoding="utf-8")).items():
            tables = {head + view for head in heads.split(", ") for view in views}
            there = names if heads in ("any", "page") else {field for name, field in known if name in tables}
            assert words.keys() <= there, f"[{heads}] of {file}"
            assert heads in ("any", "page") or all(
                any((head + view) in schemas for view in views) for head in heads.split(", ")
            ), f"[{heads}] of {file}"


def test_a_fields_own_words_go_before_those_of_the_tables() -> None:
    shapes = {"Topic": {"properties": {"facts": {"description": "Its own."}, "sections": {}}}}
    found = told(shapes)["Topic"]["properties"]
    assert found["facts"]["description"] == "Its own."
    assert found["sections"]["description"] != ""
    assert shapes["Topic"]["properties"]["sections"] == {}
