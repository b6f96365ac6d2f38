"""Loading by a schema, with every fault named by a JSON pointer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from schemas.meant import asked_back

Faults = list[dict[str, Any]]
ADVISED = 20
"""Of so many unknown fields at most it is said which fields there are."""
_UNKNOWN, _ADVICE, _NO_FIELDS = "Unknown field.", "There is no such field.", "No fields are taken here: send {}."
_OBJECT = "Give an object."
_CODES = {_UNKNOWN: "unknown_field", "Missing data for required field.": "required"}
_SAID = {
    "Missing data for required field.": "This is needed.",
    "Field may not be null.": "null can't stand here: give a value.",
    "Not a valid string.": "Give a text, as a JSON string.",
    "Not a valid integer.": "Give a whole number.",
    "Not a valid number.": "Give a number.",
    "Not a valid boolean.": "Give true or false.",
    "Not a valid list.": "Give a list.",
    "Not a valid mapping type.": _OBJECT,
    "Invalid input type.": _OBJECT,
    "Invalid type.": _OBJECT,
    "Not a valid datetime.": "Give an instant such as 2026-10-15T08:00:00Z.",
}
"""What marshmallow finds wrong -> what to do about it."""


def load(schema: Schema, document: Any, pointer: str = "") -> tuple[dict[str, Any], Faults]:
    """(what the schema makes of a document, its faults {pointer, code, detail}); one of the two is empty.

    Pointers name repeated parts by key, not by index. Where a field is unknown, or a word is none of a closed list,
    `allowed` names those that there are.
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
                yield _refused(at, "unknown_field", _ADVICE, str(name), [*_named(kind)])
            else:
                yield from _faults(inner, part[1], at, kind if name == "_schema" else _inside(kind, name))
        return
    for message in messages if isinstance(messages, list) else [messages]:
        code, detail = _CODES.get(message, "invalid"), _SAID.get(message, str(message))
        if choices := _choices(kind, message, document):
            yield _refused(pointer, code, f"{document[:60]!r} is not among what is allowed.", document, choices)
        else:
            yield {"pointer": pointer, "code": code, "detail": _such_as(kind) if detail == _OBJECT else detail}


def _such_as(kind: Any) -> str:
    """What object is wanted, by the members that it needs, or by a language."""
    members = [getattr(getattr(kind, "key_field", None), "example", "")]
    if isinstance(kind, Schema):
        members = [name for name, each in _named(kind).items() if each.required]
    shown = ", ".join(f'"{each}": …' for each in members if each)
    return f"Give an object, such as {{{shown}}}." if shown else _OBJECT


def _refused(pointer: str, code: str, detail: str, said: str, allowed: list[str]) -> dict[str, Any]:
    """One fault; `said` is taken out again by `_advised`."""
    return {"pointer": pointer, "code": code, "detail": detail, "allowed": allowed, "said": said}


def _choices(kind: Any, message: Any, value: Any) -> list[str]:
    """The closed list that a word is none of; [] where the fault is another one."""
    lists = [each for each in getattr(kind, "validators", ()) if isinstance(each, validate.OneOf)]
    found = [*lists[0].choices] if lists and isinstance(value, str) else []
    return found if lists and message == lists[0]._format_error(value) else []


def _advised(faults: Faults) -> Faults:
    """The same, with what may have been meant; of the first alone, as a body may hold thousands of wrong names."""
    for number, each in enumerate(each for each in faults if "allowed" in each):
        said = each.pop("said")
        if number >= ADVISED:
            del each["allowed"]
        elif each["allowed"]:
            each["detail"] += asked_back(said, each["allowed"])
        else:
            each["detail"] = _NO_FIELDS
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
