"""The content types, written out; a new type is one file and one line here."""

from schemas.content.faq import FAQ
from schemas.content.guide import GUIDE
from schemas.content.term import TERM
from schemas.content.topic import TOPIC
from schemas.content_type import ContentType

CONTENT_TYPES: list[ContentType] = [
    TOPIC,
    FAQ,
    GUIDE,
    TERM,
]


def content_type(name: str) -> ContentType:
    """The type of that name. Raises KeyError for a name that is none."""
    for each in CONTENT_TYPES:
        if each.name == name:
            return each
    raise KeyError(name)
