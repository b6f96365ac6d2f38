"""A person of the desk: known by name, or by role alone."""

from marshmallow import Schema, fields, validate

from schemas.clinic import by_locale
from schemas.strict import Flag, Text

TITLES = {
    "medical_reviewer": {"en": "Medical reviewer", "es": "Revisión médica"},
    "editor": {"en": "Editor", "es": "Edición"},
    "publisher": {"en": "Publisher", "es": "Publicación"},
    "author": {"en": "Author", "es": "Redacción"},
    "admin": {"en": "Administrator", "es": "Administración"},
}
"""What somebody is called whose invitation gives no title: by the first of these roles that they have."""


class PersonSchema(Schema):
    """What is stored of a person; `title` is the role as readers see it beside a review."""

    email = fields.Email(required=True, validate=validate.Length(max=254))
    name = Text(load_default=None, allow_none=True, longest=120)
    title = by_locale(load_default=dict)
    credentials = fields.List(Text(longest=120), load_default=list)
    demo = Flag(load_default=False)
