"""Request bodies: JSON as RFC 8259 has it and every database stores alike, or a clear refusal."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

from marshmallow import Schema

from api.errors import CmsError, invalid_content
from schemas.faults import load

DEEPEST = 64
_FORBIDDEN = re.compile("[\x00\ud800-\udfff]")
_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?')
"""A string, or what begins as one and never ends: no match is tried twice, however many quotes there are."""


def read_json(sent: bytes) -> Any:
    """The value that bytes stand for. Raises malformed for what is no JSON, too deep, or names a member twice."""
    try:
        text = sent.decode("utf-8")
        if _depth(text) > DEEPEST:
            raise CmsError("malformed", f"The body is nested more than {DEEPEST} deep.")
        return json.loads(text, object_pairs_hook=_members, parse_constant=_no_constant, parse_int=_whole)
    except UnicodeDecodeError:
        raise CmsError("malformed", "The body is not UTF-8.") from None
    except (ValueError, RecursionError) as error:
        raise CmsError("malformed", f"The body is not valid JSON: {str(error)[:200]}") from None


def checked(schema: Schema, value: Any, document: Schema | None = None) -> dict[str, Any]:
    """What the schema makes of it. Raises invalid_content with a pointer per fault.

    `document` loads its `document`, whose faults are told with those of the body around it.
    """
    if pointer := _unstorable(value, ""):
        detail = "Remove control characters and lone surrogates; they are not text."
        raise invalid_content([{"pointer": pointer[:300], "code": "invalid", "detail": detail}])
    if not isinstance(value, dict):
        raise invalid_content([{"pointer": "", "code": "invalid", "detail": "Send a JSON object."}])
    loaded, faults = load(schema, value)
    if faults:
        within = value.get("document")
        more = load(document, within, "/document")[1] if document is not None and isinstance(within, dict) else []
        raise invalid_content([*faults, *more])
    return loaded


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        twice, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        raise ValueError(f"the member {twice[:60]!r} stands twice")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON number")


def _whole(digits: str) -> int:
    if len(digits) > 1_000:
        raise ValueError("a whole number of more than 1000 digits")
    return int(digits)


def _depth(text: str) -> int:
    """How deep brackets nest; those inside strings count too little to matter, so strings are taken out first."""
    deepest = depth = 0
    for bracket in re.findall(r"[\[\]{}]", _STRING.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _unstorable(value: Any, at: str) -> str | None:
    """Where a name or text stands that some database cannot keep."""
    if isinstance(value, str):
        return (at or "/") if _FORBIDDEN.search(value) else None
    if isinstance(value, dict):
        for name, each in value.items():
            inner = f"{at}/{name.encode('utf-8', 'replace').decode()}"
            if _FORBIDDEN.search(name) or _unstorable(each, inner):
                return inner.replace("\0", "?")
    if isinstance(value, list):
        inside = (_unstorable(each, f"{at}/{number}") for number, each in enumerate(value))
        return next((found for found in inside if found), None)
    return None
