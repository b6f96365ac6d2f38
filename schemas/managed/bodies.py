"""Bodies of writing; each is closed, so what is not known is refused by name."""

from __future__ import annotations

from typing import Any, ClassVar

from marshmallow import INCLUDE, RAISE, Schema, fields, validate

from schemas.clinic import LocaleCode
from schemas.moments import Moment
from schemas.strict import Choice, Slug, Text, Whole

SEVERITIES = ("low", "medium", "high", "critical")
WAIVED = ("typo", "claims")


class Body(Schema):
    """A closed JSON object."""

    class Meta:
        unknown = RAISE


class Patch(Body):
    """A merge patch (RFC 7396) of another body, which says what its members are; checked when it has been merged."""

    patches: ClassVar[type[Schema]]

    class Meta:
        unknown = INCLUDE


class JsonObject(fields.Dict):
    """Any JSON object; its own type checks it further."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(metadata={"type": "object"}, **kwargs)


class RefBody(Body):
    """Another entry."""

    type = Text(longest=40, required=True)
    id = Text(longest=40, required=True)


class EntryBody(Body):
    """A new entry with its first text."""

    clinic = Slug(allow_none=True, load_default=None)
    locale = LocaleCode(required=True)
    slug = Slug(required=True)
    external_key = Text(longest=200, allow_none=True, load_default=None)
    document = JsonObject(required=True)


class ReplaceBody(Body):
    """The whole next revision."""

    slug = Slug(required=True)
    document = JsonObject(required=True)
    source_revision = Whole(least=1)


class PatchBody(Body):
    """A merge patch (RFC 7396) of the newest revision; repeated parts are addressed by key."""

    slug = Slug()
    document = JsonObject(load_default=dict)
    source_revision = Whole(least=1)


class TranslationBody(Body):
    """A new language: its words, or a copy of another language's to start from."""

    locale = LocaleCode(required=True)
    copy_from = LocaleCode()
    slug = Slug()
    document = JsonObject()


class DuplicateBody(Body):
    """A new entry with the same words."""

    slug = Slug(required=True)
    locale = LocaleCode()
    clinic = Slug(allow_none=True)


class CommentBody(Body):
    """A remark on a field by key, or on the whole text."""

    pointer = Text(longest=300, load_default=None, allow_none=True)
    text = Text(longest=5_000, required=True)


class MoveBody(Body):
    """What a move may say; which of it a move takes is checked by its name."""

    locale = fields.String(validate=validate.Length(min=1, max=35))
    revision = Whole(least=1)
    at = Moment(metadata={"format": "date-time"})
    until = Moment(metadata={"format": "date-time"})
    note = Text(longest=2_000)
    reason = Text(longest=2_000, allow_none=True)
    replacement = fields.Nested(RefBody, allow_none=True)
    severity = Choice(SEVERITIES)
    confirm = fields.List(Slug(), validate=validate.Length(min=1, max=1_000))
    comments = fields.List(fields.Nested(CommentBody), validate=validate.Length(max=100))
    code = Choice(WAIVED)
    rule = Text(longest=64)
    pointer = Text(longest=300)


class BulkItem(Body):
    type = Text(longest=40, required=True)
    id = Text(longest=40, required=True)
    locale = LocaleCode()
    etag = Text(longest=100, required=True)


class BulkBody(MoveBody):
    """One move of many texts."""

    class Meta:
        exclude = ("locale", "revision", "comments")
        unknown = RAISE

    items = fields.List(fields.Nested(BulkItem), required=True, validate=validate.Length(min=1, max=100))


class EmptyBody(Body):
    """Nothing, or an empty object."""
