"""Loading by a schema, with every fault named by a JSON pointer."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from marshmallow import Schema, ValidationError, fields

Faults = list[dict[str, Any]]
ADVISED = 20
"""Of so many unknown fields at most it is said which fields there are."""
_UNKNOWN, _ADVICE = "Unknown field.", "There is no such field."
_CODES = {_UNKNOWN: "unknown_field", "Missing data for required field.": "required"}


def load(schema: Schema, document: Any, pointer: str = "") -> tuple[dict[str, Any], Faults]:
    """(what the schema makes of a document, its faults {pointer, code, detail}); one of the two is empty.

    Pointers name repeated parts by key, not by index. Where a field is unknown, `allowed` names those that there are.
    """
    try:
        loaded: dict[str, Any] = schema.load(document)
    except ValidationError as error:
        return {}, _advised(list(_faults(error.messages, document, pointer, schema)))
    return loaded, []


def _faults(messages: Any, document: Any, pointer: str, kind: Any) -> Iterator[dict[str, Any]]:
    if isinstance(messages, dict):
        for name, inner in messages.items():
            part = _step(document, name)
            if isinstance(document, dict) and _of_a_mapping(inner, part[1]):
                inner = inner.get("key") or inner["value"]
            at = pointer if name == "_schema" else f"{pointer}/{part[0]}"
            if inner == [_UNKNOWN] and isinstance(kind, Schema):
                yield {"pointer": at, "code": "unknown_field", "detail": _ADVICE, "allowed": list(_named(kind))}
            else:
                yield from _faults(inner, part[1], at, _inside(kind, name))
        return
    for message in messages if isinstance(messages, list) else [messages]:
        code = _CODES.get(message, "invalid")
        yield {"pointer": pointer, "code": code, "detail": str(message)}


def _advised(faults: Faults) -> Faults:
    """The same, with what may have been meant; of the first alone, as a body may hold thousands of wrong names."""
    for number, each in enumerate(each for each in faults if "allowed" in each):
        if number >= ADVISED:
            del each["allowed"]
        elif near := get_close_matches(each["pointer"].rpartition("/")[2][:60], each["allowed"], 1):
            each["detail"] += f" Did you mean {near[0]}?"
    return faults


def _named(schema: Schema) -> dict[str, Any]:
    """The fields that may be sent, by the names they are sent under."""
    return {each.data_key or name: each for name, each in schema.load_fields.items()}


def _inside(kind: Any, name: Any) -> Any:
    """What a part is loaded by, as far as that can be told: a schema or a field."""
    found = _named(kind).get(name) if isinstance(kind, Schema) else None
    if isinstance(kind, fields.List):
        found = kind.inner
    elif isinstance(kind, fields.Mapping):
        found = kind.value_field
    return found.schema if isinstance(found, fields.Nested) else found


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
