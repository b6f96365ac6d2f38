"""Strict JSON fields: what JSON Schema says of a value is what they take, no more."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from marshmallow import ValidationError, fields, validate

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
INT_LIMIT = 2**31 - 1


def check_text(value: str) -> None:
    """Refuse characters that no database stores alike. Raises ValidationError."""
    if match := _FORBIDDEN.search(value):
        raise ValidationError(f"Remove the character U+{ord(match[0]):04X}; control characters are not text.")


class Text(fields.String):
    """A JSON string of 1 to `longest` characters; never empty, no control characters or lone surrogates.

    Its length is asked first: what else is looked for may take long in a text of a megabyte.
    """

    def __init__(self, *, longest: int = 300, **kwargs: Any) -> None:
        self.longest, self.bounds = longest, validate.Length(min=1, max=longest)
        super().__init__(validate=[check_text, self.bounds], **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if len(text) > self.longest:
            self.bounds(text)
        if not text.strip():
            raise ValidationError("Give some words, or leave the field out.")
        return text


class Whole(fields.Integer):
    """A JSON integer within 32 bits: 6 and 6.0 are integers, "6", 6.5 and true are not."""

    def __init__(self, *, least: int = 0, most: int = INT_LIMIT, **kwargs: Any) -> None:
        super().__init__(validate=validate.Range(min=least, max=most), **kwargs)

    def _validated(self, value: Any) -> int:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class Real(fields.Float):
    """A JSON number within bounds: "6" and true are none."""

    def __init__(self, least: float, most: float, **kwargs: Any) -> None:
        self.should_be = f"Give a number from {least:g} to {most:g}."
        super().__init__(validate=validate.Range(least, most, error=self.should_be), **kwargs)

    def _validated(self, value: Any) -> Any:
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise ValidationError(self.should_be)
        return super()._validated(value)


class Flag(fields.Boolean):
    """A JSON boolean: true or false, not "yes" and not 1."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class Choice(fields.String):
    """One of a closed list of words."""

    def __init__(self, choices: tuple[str, ...], **kwargs: Any) -> None:
        self.choices = choices
        super().__init__(validate=validate.OneOf(choices), **kwargs)


class Day(fields.String):
    """A calendar day as YYYY-MM-DD (RFC 3339 full-date), kept as text."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            return dt.date.fromisoformat(text).isoformat()
        except ValueError:
            raise ValidationError("Write a day as YYYY-MM-DD.") from None


class Web(Text):
    """An absolute https or http address."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(longest=2000, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not re.fullmatch(r"https?://[^\s/?#<>\"']+[^\s<>\"']*", text):
            raise ValidationError("Give an absolute address that starts with https:// or http://.")
        return text


class Key(Text):
    """A stable name of a part: lowercase words joined by - or _."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(longest=64, **kwargs)
        self.validators.append(
            validate.Regexp(r"^[a-z0-9]+(?:[-_][a-z0-9]+)*\Z", error="Use lowercase letters, digits, - and _.")
        )


class Slug(Text):
    """The last part of a page's address: lowercase words joined by -."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(longest=96, **kwargs)
        self.validators.append(
            validate.Regexp(r"^[a-z0-9]+(?:-[a-z0-9]+)*\Z", error="Use lowercase letters and digits joined by -.")
        )
