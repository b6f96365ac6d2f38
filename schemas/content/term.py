"""A glossary word: a short meaning, and the words visitors may search for instead."""

from marshmallow import Schema, fields

from schemas.content_type import ContentType, Filter, Relation
from schemas.json_ld.term import term_graph
from schemas.parts import Categories, RichText
from schemas.strict import Text, Whole


class TermSchema(Schema):
    """What is stored of a glossary word in one locale."""

    title = Text(required=True, longest=80)
    summary = Text(required=True)
    position = Whole(load_default=100)
    categories = Categories(group="subject", load_default=list)
    synonyms = fields.List(Text(longest=80), load_default=list)
    body = RichText(load_default=None, allow_none=True, longest=5000)


TERM = ContentType(
    name="term",
    plural="terms",
    prefix="trm",
    schema=TermSchema,
    labels={"en": "Glossary", "es": "Glosario"},
    views={
        "card": ("title", "summary"),
        "summary": ("title", "summary", "synonyms", "categories", "position"),
        "full": (
            "title", "summary", "synonyms", "categories", "position", "body", "breadcrumbs", "alternates",
            "relationships", "links",
        ),
    },
    json_ld=term_graph,
    searchable=("title", "synonyms", "summary", "body"),
    overridable=("position",),
    filters={
        "category": Filter("category"),
        "topic": Filter("relation", of=("topic", "terms")),
        "faq": Filter("relation", of=("faq", "terms")),
        "guide": Filter("relation", of=("guide", "terms")),
        "title": Filter("text"),
        "updated_at": Filter("instant"),
    },
    relations=(Relation("topics", "topic", "term", inverse="terms"),),
    include_view="summary",
)
