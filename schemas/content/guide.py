"""A provider-selection guide: six lists of one item shape that a frontend draws as checklists."""

from marshmallow import Schema, fields

from schemas.content_type import ContentType, Filter, Relation, ReviewPolicy
from schemas.json_ld.guide import guide_graph
from schemas.parts import Categories, ChecklistSchema, CtaSchema, References, RichText, SeoSchema
from schemas.strict import Text, Whole

LISTS = ("steps", "questions_to_ask", "credentials", "green_flags", "red_flags", "consultation_checklist")


class GuideSchema(Schema):
    """What is stored of a guide in one locale."""

    title = Text(required=True, longest=120)
    summary = Text(required=True)
    position = Whole(load_default=100)
    categories = Categories(group="subject", load_default=list)
    intro = RichText(load_default=None, allow_none=True, longest=10_000)
    steps = fields.Nested(ChecklistSchema, load_default=None, allow_none=True)
    questions_to_ask = fields.Nested(ChecklistSchema, load_default=None, allow_none=True)
    credentials = fields.Nested(ChecklistSchema, load_default=None, allow_none=True)
    green_flags = fields.Nested(ChecklistSchema, load_default=None, allow_none=True)
    red_flags = fields.Nested(ChecklistSchema, load_default=None, allow_none=True)
    consultation_checklist = fields.Nested(ChecklistSchema, load_default=None, allow_none=True)
    topics = References("topic", load_default=list)
    faqs = References("faq", load_default=list)
    cta = fields.Nested(CtaSchema, load_default=None, allow_none=True)
    seo = fields.Nested(SeoSchema, load_default=None, allow_none=True)


CARD = ("title", "summary", "categories", "image")

GUIDE = ContentType(
    name="guide",
    plural="guides",
    prefix="gde",
    schema=GuideSchema,
    labels={"en": "Guides", "es": "Guías"},
    views={
        "card": CARD,
        "summary": (*CARD, "position", "review"),
        "full": (
            "title", "summary", "categories", "breadcrumbs", "image", "intro", *LISTS, "position", "cta", "notice",
            "review", "seo", "alternates", "relationships", "links",
        ),
    },
    json_ld=guide_graph,
    searchable=("title", "summary", "intro", *LISTS),
    overridable=("title", "summary", "position", "cta", "seo"),
    clinical=("intro", *LISTS),
    quoted={"red_flags.items.title": None, "red_flags.items.detail": None},
    filters={
        "category": Filter("category"),
        "topic": Filter("relation", of=("topic", "guides")),
        "title": Filter("text"),
        "updated_at": Filter("instant"),
    },
    relations=(
        Relation("topics", "topic", "guide", field="topics"),
        Relation("faqs", "faq", "guide", field="faqs"),
        Relation("terms", "term", "guide"),
    ),
    review=ReviewPolicy(),
)
