"""A treatment topic: a condition, a treatment, or treatments combined."""

from marshmallow import Schema, fields

from schemas.content_type import ContentType, Filter, Relation, ReviewPolicy
from schemas.json_ld.topic import topic_graph
from schemas.parts import Categories, CtaSchema, FactSchema, Keyed, Picture, References, SectionSchema, SeoSchema
from schemas.strict import Choice, Text, Whole

KINDS = ("condition", "treatment", "combination")


class TopicSchema(Schema):
    """What is stored of a topic in one locale."""

    kind = Choice(KINDS, required=True)
    title = Text(required=True, longest=120)
    summary = Text(required=True)
    position = Whole(load_default=100)
    categories = Categories(group="subject", load_default=list)
    facts = Keyed(FactSchema, load_default=list)
    sections = Keyed(SectionSchema, key="aspect", load_default=list)
    related = References("topic", related=True, load_default=list)
    faqs = References("faq", load_default=list)
    image = Picture(load_default=None, allow_none=True)
    cta = fields.Nested(CtaSchema, load_default=None, allow_none=True)
    seo = fields.Nested(SeoSchema, load_default=None, allow_none=True)


CARD = ("kind", "title", "summary", "categories", "image")

TOPIC = ContentType(
    name="topic",
    plural="topics",
    prefix="top",
    schema=TopicSchema,
    labels={"en": "Treatments and conditions", "es": "Tratamientos y afecciones"},
    views={
        "card": CARD,
        "summary": (*CARD, "facts", "position", "review"),
        "full": (
            "kind", "title", "summary", "categories", "breadcrumbs", "image", "facts", "sections", "position", "cta",
            "notice", "review", "seo", "alternates", "relationships", "links",
        ),
    },
    json_ld=topic_graph,
    searchable=("title", "summary", "facts", "sections"),
    overridable=("title", "summary", "position", "image", "cta", "seo", "facts.price"),
    clinical=("kind", "facts", "sections"),
    safety=("sections",),
    filters={
        "kind": Filter(choices=KINDS),
        "category": Filter("category"),
        "related_to": Filter("relation", of=("topic", "related")),
        "guide": Filter("relation", of=("guide", "topics")),
        "faq": Filter("relation", of=("faq", "topics")),
        "term": Filter("relation", of=("term", "topics")),
        "title": Filter("text"),
        "published_at": Filter("instant"),
        "updated_at": Filter("instant"),
    },
    relations=(
        Relation("faqs", "faq", "topic", field="faqs"),
        Relation("related", "topic", "related_to", field="related"),
        Relation("guides", "guide", "topic", inverse="topics"),
        Relation("terms", "term", "topic"),
    ),
    breadcrumb="category",
    review=ReviewPolicy(),
)
