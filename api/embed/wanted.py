"""What an embed's address asks for: the parameters that count, checked; any other is another system's own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError
from werkzeug.datastructures import MultiDict

from api.errors import invalid_parameters
from schemas.managed.keys import Origin
from schemas.query_fields import Number, QueryField, Tag, Word

THEMES = ("auto", "light", "dark")


@dataclass(frozen=True)
class Wanted:
    """One embed as asked for. `origin` is the page that frames it, exact; `level` that of its own heading."""

    partner: str | None = None
    origin: str | None = None
    locale: str | None = None
    level: int = 2
    theme: str = "auto"
    topic: str | None = None
    category: str | None = None


def wanted(query: MultiDict[str, str], *, level: int, theme: str = "auto") -> Wanted:
    """Read a query. Raises invalid_parameter with every fault; what is not known is passed over."""
    faults: list[dict[str, Any]] = []
    found: dict[str, Any] = {}
    for name, read in READ.items():
        values = query.getlist(name)
        if not values:
            continue
        if len(values) > 1:
            faults.append({"parameter": name, "code": "repeated", "detail": f"{name} may stand once."})
            continue
        try:
            found[name] = read(values[0])
        except ValidationError as error:
            told = error.messages[0] if isinstance(error.messages, list) else str(error.messages)
            told = told if isinstance(told, dict) else {"code": "invalid", "detail": str(told)}
            faults.append({"parameter": name, **told})
    if faults:
        raise invalid_parameters(faults)
    return Wanted(**{"level": found.pop("heading_level", level), "theme": theme, **found})


def _text(text: str) -> str:
    if not 1 <= len(text) <= 96 or not all(each.isascii() and (each.isalnum() or each in "-_") for each in text):
        raise ValidationError({"code": "invalid", "detail": "Give a slug, an id or a key."})
    return text


def _origin(text: str) -> str:
    return str(Origin().deserialize(text))


def _by(field: QueryField) -> Callable[[str], Any]:
    return field.read


READ: dict[str, Callable[[str], Any]] = {
    "partner": _text,
    "origin": _origin,
    "locale": _by(Tag("Language.", "en")),
    "heading_level": _by(Number("Level of the embed's own heading.", 1, 6)),
    "theme": lambda text: _by(Word("Colours.", THEMES))(text),
    "topic": _text,
    "category": _text,
}
