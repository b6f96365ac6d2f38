"""A category: a label for readers, with its words per locale."""

from marshmallow import Schema, fields

from schemas.clinic import LocaleCode
from schemas.strict import Choice, Key, Slug, Text, Whole

GROUPS = ("subject", "faq")


class CategoryTextSchema(Schema):
    title = Text(required=True, longest=120)
    slug = Slug(required=True)
    description = Text(load_default=None, allow_none=True, longest=600)


class CategorySchema(Schema):
    """What is stored of a category; its key is the same in every locale and is what filters take."""

    key = Key(required=True)
    group = Choice(GROUPS, required=True)
    position = Whole(load_default=100)
    parent = Key(load_default=None, allow_none=True)
    texts = fields.Dict(keys=LocaleCode(), values=fields.Nested(CategoryTextSchema), required=True)
