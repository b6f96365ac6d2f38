"""Fields of a query string: text in, values out, and in the document the schema of what is allowed."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from marshmallow import ValidationError, fields

from schemas.meant import asked_back
from schemas.strict import check_text

NAMED = 5
"""Of so many wrong words at most a refusal speaks."""
CHAINS = ("default", "none")
TAG = re.compile(r"^[A-Za-z]{2,3}(?:-[A-Za-z]{4})?(?:-(?:[A-Za-z]{2}|[0-9]{3}))?\Z")


def canonical(tag: str) -> str:
    """A language tag that matches TAG in the case that BCP 47 recommends: zh-Hant-TW."""
    language, *rest = tag.split("-")
    return "-".join([language.lower(), *(each.title() if len(each) == 4 else each.upper() for each in rest)])


def fault(code: str, detail: str, allowed: Any = None) -> ValidationError:
    """A refusal with its code and what is allowed instead."""
    told = {"code": code, "detail": detail}
    return ValidationError([told if allowed is None else {**told, "allowed": allowed}])


def not_among(wrong: list[str], allowed: tuple[str, ...]) -> ValidationError:
    """A refusal of words that are not in a closed list, with what may have been meant."""
    named = ", ".join(repr(each[:40]) for each in wrong[:NAMED]) + ", …" * (len(wrong) > NAMED)
    are = "are" if len(wrong) > 1 else "is"
    return fault("not_allowed", f"{named} {are} not among what is allowed.{_meant(wrong, allowed)}", [*allowed])


def _meant(wrong: list[str], allowed: tuple[str, ...]) -> str:
    near = (asked_back(each, allowed) for each in wrong[:NAMED])
    return "".join(dict.fromkeys(near))


class QueryField(fields.Field[Any]):
    """One query parameter. `schema` is its JSON Schema, `note` says what it does."""

    schema: dict[str, Any] = {"type": "string"}

    def __init__(self, note: str, example: Any = None, **kwargs: Any) -> None:
        self.note, self.example = note, example
        super().__init__(**kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        try:
            check_text(value)
        except ValidationError as error:
            raise fault("invalid", str(error.messages[0])) from None
        return self.read(value)

    def read(self, text: str) -> Any:
        return text


class Words(QueryField):
    """A comma list from closed words, each once."""

    def __init__(self, note: str, allowed: tuple[str, ...], most: int = 20, **kwargs: Any) -> None:
        self.allowed, self.most = allowed, most
        self.schema = {
            "type": "array", "items": {"type": "string", "enum": list(allowed)}, "minItems": 1, "maxItems": most
        }  # fmt: skip
        super().__init__(note, **kwargs)

    def read(self, text: str) -> tuple[str, ...]:
        found = text.split(",")
        if wrong := [each for each in found if each not in self.allowed]:
            raise not_among(wrong, self.allowed)
        if len(found) > self.most:
            raise fault("too_many", f"At most {self.most}.", {"max": self.most})
        return tuple(dict.fromkeys(found))


class Word(QueryField):
    """One of closed words."""

    def __init__(self, note: str, allowed: tuple[str, ...], **kwargs: Any) -> None:
        self.allowed = allowed
        self.schema = {"type": "string", "enum": list(allowed)}
        super().__init__(note, **kwargs)

    def read(self, text: str) -> str:
        if text not in self.allowed:
            raise not_among([text], self.allowed)
        return text


class Number(QueryField):
    """A whole number within bounds."""

    def __init__(self, note: str, least: int, most: int, **kwargs: Any) -> None:
        self.least, self.most = least, most
        self.schema = {"type": "integer", "minimum": least, "maximum": most}
        super().__init__(note, **kwargs)

    def read(self, text: str) -> int:
        bounds = {"min": self.least, "max": self.most}
        if not re.fullmatch(r"-?[0-9]{1,9}", text):
            raise fault("not_a_number", f"{text[:40]!r} is not a whole number.", bounds)
        if not self.least <= int(text) <= self.most:
            raise fault("out_of_range", f"{text} is not between {self.least} and {self.most}.", bounds)
        return int(text)


class Switch(Word):
    """true or false."""

    def __init__(self, note: str, **kwargs: Any) -> None:
        super().__init__(note, ("true", "false"), **kwargs)
        self.schema = {"type": "boolean"}

    def read(self, text: str) -> bool:  # type: ignore[override]
        return super().read(text) == "true"


class Tag(QueryField):
    """A BCP 47 language tag."""

    schema = {"type": "string", "pattern": "^[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?$"}

    def read(self, text: str) -> str:
        if not TAG.match(text):
            raise fault("invalid", f"{text[:40]!r} is no BCP 47 language tag, such as es or es-MX.{_hyphened(text)}")
        return canonical(text)


def _hyphened(text: str) -> str:
    """What a tag in the manner of POSIX may have been meant for: es_MX."""
    near = text.replace("_", "-")
    return f" Did you mean {near}?" if near != text and TAG.match(near) else ""


class Chain(QueryField):
    """default, none, or a comma list of language tags."""

    schema = {"type": "string", "pattern": r"^(default|none|[A-Za-z0-9-]+(,[A-Za-z0-9-]+){0,9})$"}

    def read(self, text: str) -> str | tuple[str, ...]:
        if text in CHAINS:
            return text
        if len(text) > 3 and (near := asked_back(text, CHAINS)):
            raise fault("invalid", f"{text[:40]!r} is neither default nor none nor a list of languages.{near}")
        parts = text.split(",")
        if len(parts) > 10:
            raise fault("too_many", "At most 10 languages.", {"max": 10})
        return tuple(dict.fromkeys(Tag("").read(each) for each in parts))


class Phrase(QueryField):
    """Free text within bounds."""

    def __init__(self, note: str, least: int, most: int, **kwargs: Any) -> None:
        self.least, self.most = least, most
        self.schema = {"type": "string", "minLength": least, "maxLength": most}
        super().__init__(note, **kwargs)

    def read(self, text: str) -> str:
        if not self.least <= len(text.strip()) or len(text) > self.most:
            bounds = {"min": self.least, "max": self.most}
            raise fault("out_of_range", f"Give {self.least} to {self.most} characters.", bounds)
        return text


class Values(QueryField):
    """The value of a filter: one, or a comma list where the operator takes several."""

    def __init__(
        self, note: str, several: bool = False, choices: tuple[str, ...] = (), listed: str = "", **kwargs: Any
    ) -> None:
        """`listed` is the parameter that takes a list, of a field whose values hold no comma."""
        self.several, self.choices, self.listed = several, choices, listed
        alone = {"pattern": "^[^,]*$"} if listed else {}
        one = {"type": "string", **({"enum": list(choices)} if choices else {"minLength": 1, **alone})}
        self.schema = {"type": "array", "items": one, "minItems": 1, "maxItems": 50} if several else one
        super().__init__(note, **kwargs)

    def read(self, text: str) -> tuple[str, ...]:
        if self.listed and "," in text:
            raise fault("invalid", f"Give one value; {self.listed} takes several, separated by commas.")
        values = tuple(dict.fromkeys(text.split(","))) if self.several else (text,)
        if not all(values) or any(len(each) > 200 for each in values) or len(values) > 50:
            raise fault("invalid", "Give 1 to 50 values of 1 to 200 characters each, separated by commas.")
        if self.choices and (wrong := [each for each in values if each not in self.choices]):
            raise not_among(wrong, self.choices)
        return values


class InstantValue(QueryField):
    """An RFC 3339 instant or a day."""

    schema = {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "string", "format": "date"}]}

    def read(self, text: str) -> tuple[str, ...]:
        try:
            parsed = dt.datetime.fromisoformat(text.upper().replace(" ", "+") if "T" in text.upper() else text)
            (parsed if parsed.tzinfo else parsed.replace(tzinfo=dt.UTC)).timestamp()
        except (ValueError, OverflowError):
            raise fault("invalid", "Give an instant such as 2026-10-15T08:00:00Z, or a day.") from None
        return (parsed.isoformat(),)


class Ids(QueryField):
    """A comma list of entry ids."""

    schema = {
        "type": "array", "items": {"type": "string", "pattern": "^[a-z]{3}_[a-z0-9]+$"}, "minItems": 1, "maxItems": 100
    }  # fmt: skip

    def read(self, text: str) -> tuple[str, ...]:
        ids = tuple(dict.fromkeys(text.split(",")))
        if len(ids) > 100:
            raise fault("too_many", f"{len(ids)} ids; at most 100.", {"max": 100})
        if wrong := [each for each in ids if not re.fullmatch(r"[a-z]{3}_[a-z0-9]{1,36}", each)]:
            raise fault("invalid", f"{wrong[0][:40]!r} is no id. Give ids such as top_k734cwd6, separated by commas.")
        return ids


class SitePath(QueryField):
    """A path on the clinic's site."""

    schema = {"type": "string", "minLength": 1, "maxLength": 2000}

    def read(self, text: str) -> str:
        if not text.startswith("/") or len(text) > 2000:
            raise fault("invalid", "Give a path of the clinic's site that starts with /.")
        return text
