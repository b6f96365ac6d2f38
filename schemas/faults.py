"""Loading by a schema, with every fault named by a JSON pointer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from marshmallow import Schema, ValidationError

Faults = list[dict[str, Any]]
_CODES = {"Unknown field.": "unknown_field", "Missing data for required field.": "required"}


def load(schema: Schema, document: Any, pointer: str = "") -> tuple[dict[str, Any], Faults]:
    """(what the schema makes of a document, its faults {pointer, code, detail}); one of the two is empty.

    Pointers name repeated parts by key, not by index.
    """
    try:
        loaded: dict[str, Any] = schema.load(document)
    except ValidationError as error:
        return {}, list(_faults(error.messages, document, pointer))
    return loaded, []


def _faults(messages: Any, document: Any, pointer: str) -> Iterator[dict[str, Any]]:
    if isinstance(messages, dict):
        for name, inner in messages.items():
            part = _step(document, name)
            if isinstance(document, dict) and _of_a_mapping(inner, part[1]):
                inner = inner.get("key") or inner["value"]
            yield from _faults(inner, part[1], pointer if name == "_schema" else f"{pointer}/{part[0]}")
        return
    for message in messages if isinstance(messages, list) else [messages]:
        code = _CODES.get(message, "invalid")
        yield {"pointer": pointer, "code": code, "detail": str(message)}


def _of_a_mapping(inner: Any, part: Any) -> bool:
    """Whether faults are marshmallow's of a mapping from any name: they stand below `key` or `value`."""
    there = part.keys() if isinstance(part, dict) else set()
    return isinstance(inner, dict) and bool(inner) and inner.keys() <= {"key", "value"} - there


def _step(document: Any, name: Any) -> tuple[Any, Any]:
    """(what names the part in a pointer, the part itself)."""
    if isinstance(document, list) and isinstance(name, int) and name < len(document):
        part = document[name]
        key = part.get("key") or part.get("aspect") if isinstance(part, dict) else None
        return (key if isinstance(key, str) else name), part
    escaped = str(name).replace("~", "~0").replace("/", "~1")
    return escaped, document.get(name) if isinstance(document, dict) else None
