"""Field kinds that content types share: what is stored, and what a reader is given."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from schemas import rich_text
from schemas.aspects import ASPECTS
from schemas.strict import Choice, Day, Flag, Key, Text, Web

RELATIONS = ("treats", "treated_by", "combined_with", "combines", "part_of", "alternative_to", "see_also")


class RichText(Text):
    """CommonMark without raw HTML; delivered as {"format", "value"}. Raises ValidationError naming each fault."""

    def __init__(self, *, longest: int = rich_text.MAX_LENGTH, **kwargs: Any) -> None:
        super().__init__(longest=longest, **kwargs)
        self.validators.append(_no_faults)


# An edit brings a document back whole, with most of its texts as they were.
_faults = lru_cache(maxsize=1024)(lambda markdown: tuple(rich_text.faults(markdown)))


def _no_faults(markdown: str) -> None:
    if found := _faults(markdown):
        raise ValidationError(list(found))


class Keyed(fields.List[Any]):
    """An ordered list of parts with a stable `key` each; overlays and comments address parts by it."""

    def __init__(self, part: type[Schema], *, key: str = "key", most: int = 50, **kwargs: Any) -> None:
        self.part, self.key, self.most = part, key, most
        super().__init__(fields.Nested(part), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        parts: list[Any] = super()._deserialize(value, attr, data, **kwargs)
        keys = [part[self.key] for part in parts]
        if len(parts) > self.most:
            raise ValidationError(f"At most {self.most} parts.")
        if twice := sorted({key for key in keys if keys.count(key) > 1}):
            raise ValidationError(f"Each {self.key} may stand once: {', '.join(twice)}.")
        return parts


class Category(Key):
    """The key of one category of `group` (subject or faq); delivered as {id, key, title}."""

    def __init__(self, *, group: str, **kwargs: Any) -> None:
        self.group = group
        super().__init__(**kwargs)


class Categories(fields.List[Any]):
    """Keys of categories of `group`, in the editor's order; delivered as [{id, key, title, path}]."""

    def __init__(self, *, group: str, **kwargs: Any) -> None:
        self.group = group
        super().__init__(Key(), **kwargs)


class References(fields.List[Any]):
    """Entries of one type by id, in the editor's order; delivered under `relationships`."""

    def __init__(self, target: str, *, related: bool = False, **kwargs: Any) -> None:
        self.target = target
        super().__init__(fields.Nested(RelatedSchema if related else ReferenceSchema), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        parts: list[Any] = super()._deserialize(value, attr, data, **kwargs)
        if len(parts) > 100:
            raise ValidationError("At most 100 references.")
        if wrong := sorted({part["type"] for part in parts} - {self.target}):
            raise ValidationError(f"Only entries of type {self.target} here, not {', '.join(wrong)}.")
        return list({part["id"]: part for part in parts}.values())


class Picture(Text):
    """A picture of the media library by id, `med_…`; delivered with its renditions, never as it is stored."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(longest=40, **kwargs)
        self.validators.append(validate.Regexp(r"^med_[a-z0-9]+\Z", error="Give the id of a picture, med_…."))


class ReferenceSchema(Schema):
    """A link to an entry by id."""

    type = Key(required=True)
    id = Text(required=True, longest=40)


class RelatedSchema(ReferenceSchema):
    """A link to an entry, with how the two belong together."""

    relation = Choice(RELATIONS, load_default="see_also")


class PriceSchema(Schema):
    """Money: decimal strings with an ISO 4217 code."""

    min = Text(required=True, longest=20)
    max = Text(load_default=None, allow_none=True, longest=20)
    currency = Text(required=True, longest=3)
    per = Text(load_default=None, allow_none=True, longest=40)


_WORD, _PRICE = Key(), fields.Nested(PriceSchema)


class FactValue(fields.Field[Any]):
    """What a program reads of a fact: a machine word, a price, or null where it is not known."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return (_WORD if isinstance(value, str) else _PRICE).deserialize(value)


class FactSchema(Schema):
    """One typed fact: `text` is always printable, `value` is for programs."""

    key = Key(required=True)
    label = Text(required=True, longest=80)
    value = FactValue(load_default=None, allow_none=True)
    text = Text(required=True)
    depends_on = fields.List(Text(longest=120), load_default=list)


class CitationSchema(Schema):
    """A source (schema.org citation): title and at least one way to find it."""

    title = Text(required=True, longest=300)
    publisher = Text(load_default=None, allow_none=True, longest=200)
    url = Web(load_default=None, allow_none=True)
    doi = Text(load_default=None, allow_none=True, longest=200)
    accessed_on = Day(load_default=None, allow_none=True)


class SectionSchema(Schema):
    """One section of a topic; its aspect is its key."""

    aspect = Choice(tuple(ASPECTS), required=True)
    title = Text(required=True, longest=120)
    safety = Flag(load_default=False)
    standalone = Flag(load_default=False)
    body = RichText(required=True)
    citations = fields.List(fields.Nested(CitationSchema), load_default=list)


class ItemSchema(Schema):
    """One line of a checklist."""

    key = Key(required=True)
    title = Text(required=True)
    detail = Text(load_default=None, allow_none=True, longest=600)
    why = Text(load_default=None, allow_none=True, longest=600)


class ChecklistSchema(Schema):
    """A titled list that one component can draw."""

    title = Text(required=True, longest=120)
    items = Keyed(ItemSchema, required=True)


class CtaSchema(Schema):
    """What this page asks the reader to do; empty parts come from the clinic's booking."""

    label = Text(load_default=None, allow_none=True, longest=80)
    url = Web(load_default=None, allow_none=True)


class SeoSchema(Schema):
    """What search engines are told."""

    title = Text(load_default=None, allow_none=True, longest=120)
    description = Text(load_default=None, allow_none=True)
    robots = Choice(("index, follow", "noindex, follow", "noindex, nofollow"), load_default="index, follow")
