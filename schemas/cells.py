"""Documents as cells of a table and back: one column a field, parts by key (`sections.risks.body`).

Cells that a spreadsheet would take for a formula get an apostrophe before them (OWASP, CSV injection), which is taken
off again on the way back.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from marshmallow import Schema, fields

from schemas.content_type import ContentType
from schemas.parts import Categories, FactValue, Keyed, References
from schemas.strict import Flag, Whole

NOTHING = r"\N"
"""A cell that takes a field away; an empty one leaves it as it is."""
BETWEEN = " | "
_FORMULA = re.compile("^'*[=+\\-@\t\r\n＝＋－＠]")
_QUOTED = re.compile("^'+[=+\\-@\t\r\n＝＋－＠]")


def quoted(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def unquoted(text: str) -> str:
    """What `quoted` was given."""
    return text[1:] if _QUOTED.match(text) else text


def cells(kind: ContentType, document: dict[str, Any]) -> dict[str, str]:
    """{column: cell} of everything that a document says, in the order of its type; cells are not quoted yet."""
    return dict(_cells(kind.stored, document, ""))


def changes(kind: ContentType, row: dict[str, str]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """(merge patch, faults) of the cells of a row by column; empty cells say nothing."""
    made: dict[str, Any] = {}
    faults = []
    for column, text in row.items():
        if text == "":
            continue
        steps = column.split(".")
        try:
            value = None if text == NOTHING else _read(_field(kind.stored, steps), text)
            _put(made, steps, value)
        except (KeyError, ValueError) as error:
            detail = str(error) if isinstance(error, ValueError) else f"{kind.name} has no field {column[:60]}."
            faults.append({"pointer": f"/{column[:60].replace('.', '/')}", "code": "invalid", "detail": detail})
    return made, faults


def blank(kind: ContentType, patch: dict[str, Any]) -> dict[str, Any]:
    """What a patch of a text that is not there yet is laid over: an empty list wherever it names parts by key."""
    return _blank(kind.stored, patch)


def _blank(known: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, value in patch.items():
        field = known.get(name)
        if isinstance(field, Keyed) and isinstance(value, dict):
            made[name] = []
        elif isinstance(field, fields.Nested) and isinstance(value, dict):
            made[name] = _blank(field.schema.fields, value)
    return made


def _cells(known: dict[str, Any], document: dict[str, Any], before: str) -> Iterator[tuple[str, str]]:
    for name, field in known.items():
        value, column = document.get(name), f"{before}{name}"
        if value is None or value == []:
            continue
        if isinstance(field, Keyed):
            for part in value:
                inner = {each: kind for each, kind in _schema(field).fields.items() if each != field.key}
                yield from _cells(inner, part, f"{column}.{part[field.key]}.")
        elif isinstance(field, fields.Nested):
            yield from _cells(field.schema.fields, value, f"{column}.")
        else:
            yield column, _cell(field, value)


def _cell(field: Any, value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(field, References):
        return " ".join(each["id"] + (f"={each['relation']}" if "relation" in each else "") for each in value)
    if isinstance(field, Categories):
        return " ".join(value)
    if isinstance(value, list) and all(isinstance(each, str) and "|" not in each for each in value):
        return BETWEEN.join(value)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _field(known: dict[str, Any], steps: list[str]) -> Any:
    """The field that a column names. Raises KeyError."""
    field = known[steps[0]]
    if isinstance(field, Keyed) and len(steps) > 2:
        inner = {name: kind for name, kind in _schema(field).fields.items() if name != field.key}
        return _field(inner, steps[2:])
    if isinstance(field, fields.Nested) and len(steps) > 1:
        return _field(field.schema.fields, steps[1:])
    if len(steps) > 1 or isinstance(field, Keyed):
        raise KeyError(steps[0])
    return field


def _read(field: Any, text: str) -> Any:
    """What a cell says. Raises ValueError with what to write instead."""
    if isinstance(field, References):
        return [_reference(field, each) for each in text.split()]
    if isinstance(field, Categories):
        return text.split()
    if isinstance(field, Flag):
        if text.lower() not in ("true", "false"):
            raise ValueError("Write true or false.")
        return text.lower() == "true"
    if isinstance(field, Whole):
        if not re.fullmatch(r"-?[0-9]{1,10}", text):
            raise ValueError("Write a whole number.")
        return int(text)
    if isinstance(field, FactValue):
        return _json(text) if text.startswith("{") else text
    if isinstance(field, fields.List):
        return _json(text) if text.startswith("[") else [each.strip() for each in text.split("|") if each.strip()]
    return _json(text) if isinstance(field, fields.Nested) else text


def _reference(field: References, text: str) -> dict[str, str]:
    target, _, relation = text.partition("=")
    return {"type": field.target, "id": target, **({"relation": relation} if relation else {})}


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("Write this cell as JSON.") from None


def _put(made: dict[str, Any], steps: list[str], value: Any) -> None:
    """Raises ValueError where another column of the row says something that this one can't stand in."""
    for step in steps[:-1]:
        made = made.setdefault(step, {})
        if not isinstance(made, dict):
            raise ValueError(f"The column {step} says something else already.")
    made[steps[-1]] = value


def _schema(field: Keyed) -> Schema:
    inner: Any = field.inner
    found: Schema = inner.schema
    return found
