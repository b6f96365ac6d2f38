"""Views: the shape of an item as each view gives it out, made from its declaration."""

from __future__ import annotations

from functools import cache
from typing import Any

from marshmallow import INCLUDE, Schema, fields

from schemas import replies
from schemas.content_type import ContentType
from schemas.parts import (
    Categories,
    Category,
    CtaSchema,
    FactValue,
    Keyed,
    References,
    RichText,
    SectionSchema,
    SeoSchema,
)

_COMPUTED: dict[str, Any] = {
    "image": lambda: replies.always(fields.Nested, replies.Image, null=True),
    "breadcrumbs": lambda: replies.each(replies.Breadcrumb),
    "notice": lambda: replies.always(),
    "review": lambda: replies.always(fields.Nested, replies.ReviewReply, null=True),
    "alternates": lambda: replies.each(replies.Alternate),
    "links": lambda: replies.always(fields.Nested, replies.ItemLinks),
}


@cache
def view_schema(content_type: ContentType, view: str) -> type[Schema]:
    """The marshmallow schema of one view, named like TopicFull; `sparse` holds the identity alone."""
    shape: dict[str, Any] = {"type": replies.word(content_type.name)}
    for name in content_type.views.get(view, ()):
        if name == "relationships":
            shape[name] = fields.Nested(_relationships(content_type), required=True)
        elif name in _COMPUTED:
            shape[name] = _COMPUTED[name]()
        else:
            shape[name] = delivered(content_type.stored[name])
    return _schema(f"{content_type.name.title()}{view.title()}", shape, replies.Identity)


@cache
def _relationships(content_type: ContentType) -> type[Schema]:
    shape = {relation.name: fields.Nested(replies.Relationship, required=True) for relation in content_type.relations}
    return _schema(f"{content_type.name.title()}Relationships", shape, replies.Reply)


def delivered(field: fields.Field[Any]) -> fields.Field[Any]:
    """The field as readers get it: always there, null or [] where it is not known."""
    null = bool(field.allow_none)
    if isinstance(field, RichText):
        return fields.Nested(replies.RichTextValue, required=True, allow_none=null)
    if isinstance(field, Category):
        return fields.Nested(replies.FaqCategory, required=True, allow_none=True)
    if isinstance(field, Categories):
        return replies.each(replies.CategoryLabel)
    if isinstance(field, References):
        return replies.each(replies.ReferenceReply)
    if isinstance(field, FactValue):
        return _fact_value()
    if isinstance(field, fields.List):
        inner = field.part if isinstance(field, Keyed) else None
        return replies.each(delivered_part(inner) if inner else delivered(field.inner))
    if isinstance(field, fields.Nested):
        part = type(field.schema)
        if part is SeoSchema:
            return replies.always(fields.Nested, replies.SeoReply)
        shape = replies.CtaReply if part is CtaSchema else delivered_part(part)
        return fields.Nested(shape, required=True, allow_none=null or part is CtaSchema)
    return _plain(field, null)


def _plain(field: fields.Field[Any], null: bool) -> fields.Field[Any]:
    kind = fields.Integer if isinstance(field, fields.Integer) else (
        fields.Boolean if isinstance(field, fields.Boolean) else fields.String
    )
    choices = getattr(field, "choices", None)
    metadata = {"enum": list(choices)} if choices and not null else {}
    return kind(required=True, allow_none=null, metadata=metadata)


def _fact_value() -> fields.Field[Any]:
    always, perhaps = {"type": "string"}, {"type": ["string", "null"]}
    shape = {
        "min": {**always, "description": "The lowest price, as a decimal."},
        "currency": {**always, "description": "ISO 4217, such as EUR."},
        "max": {**perhaps, "description": "The highest, as a decimal; null where it is the one price."},
        "per": {**perhaps, "description": "What it is for, such as `session`; null where nothing is said."},
    }
    money = {"type": "object", "properties": shape, "required": list(shape)}
    return fields.Raw(required=True, metadata={"anyOf": [{"type": "string"}, {"type": "null"}, money]})


@cache
def delivered_part(part: type[Schema]) -> type[Schema]:
    """A part of a document (a section, a fact) as readers get it."""
    shape = {name: delivered(field) for name, field in part().fields.items()}
    parent = replies.SectionReplyParts if part is SectionSchema else replies.Reply
    return _schema(part.__name__.removesuffix("Schema"), shape, parent)


def _schema(name: str, shape: dict[str, Any], parent: type[Schema]) -> type[Schema]:
    return type(name, (parent,), {**shape, "Meta": type("Meta", (), {"unknown": INCLUDE})})
