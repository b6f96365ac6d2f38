"""A question with an answer that stands alone; a myth keeps its myth and its fact apart."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validates_schema

from schemas.content_type import ContentType, Filter, Relation, ReviewPolicy
from schemas.json_ld.faq import faq_graph
from schemas.parts import Category, CitationSchema, RichText
from schemas.strict import Choice, Text, Whole

KINDS = ("question", "myth")


class FaqSchema(Schema):
    """What is stored of a question in one locale."""

    kind = Choice(KINDS, load_default="question")
    question = Text(required=True, longest=200)
    answer = RichText(required=True, longest=5000)
    myth = Text(load_default=None, allow_none=True)
    fact = Text(load_default=None, allow_none=True)
    category = Category(group="faq", required=True)
    position = Whole(load_default=100)
    citations = fields.List(fields.Nested(CitationSchema), load_default=list)

    @validates_schema
    def _myth_and_fact(self, document: dict[str, Any], **_: Any) -> None:
        if document["kind"] == "myth":
            missing = [name for name in ("myth", "fact") if not document.get(name)]
            if missing:
                raise ValidationError({name: ["A myth needs its myth and its fact."] for name in missing})


CARD = ("kind", "question", "category")
SUMMARY = ("kind", "question", "answer", "myth", "fact", "category", "position", "review")

FAQ = ContentType(
    name="faq",
    plural="faqs",
    prefix="faq",
    schema=FaqSchema,
    labels={"en": "Questions", "es": "Preguntas"},
    views={
        "card": CARD,
        "summary": SUMMARY,
        "full": (*SUMMARY, "citations", "breadcrumbs", "notice", "alternates", "relationships", "links"),
    },
    json_ld=faq_graph,
    title="question",
    searchable=("question", "answer", "myth", "fact"),
    overridable=("position",),
    clinical=("kind", "question", "answer", "myth", "fact", "citations"),
    quoted={"myth": ("kind", "myth")},
    filters={
        "kind": Filter(choices=KINDS),
        "category": Filter("category"),
        "topic": Filter("relation", of=("topic", "faqs")),
        "guide": Filter("relation", of=("guide", "faqs")),
        "question": Filter("text"),
        "updated_at": Filter("instant"),
    },
    sorts=("position", "question", "title", "published_at", "updated_at"),
    relations=(
        Relation("topics", "topic", "faq", inverse="faqs"),
        Relation("terms", "term", "faq"),
    ),
    category="category",
    include_view="summary",
    review=ReviewPolicy(),
)
