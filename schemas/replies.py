"""Envelopes and the parts of a reply that are worked out when it is read."""

from __future__ import annotations

from typing import Any

from marshmallow import INCLUDE, Schema, fields

from schemas.aspects import ASPECTS

FORMATS = ("html", "blocks", "markdown", "text")
VIEWS = ("card", "summary", "full")


class Reply(Schema):
    """A shape given out: every field is always there, and readers let unknown ones pass."""

    class Meta:
        unknown = INCLUDE


def always(
    field: type[fields.Field[Any]] = fields.String, *args: Any, null: bool = False, **kwargs: Any
) -> fields.Field[Any]:
    """A field that its view always holds; `null` where it may be unknown."""
    return field(*args, required=True, allow_none=null, **kwargs)


def each(part: Any) -> fields.Field[Any]:
    """A list that is always there, perhaps empty."""
    return fields.List(part if isinstance(part, fields.Field) else fields.Nested(part), required=True)


def instant(null: bool = False) -> fields.Field[Any]:
    return always(fields.String, null=null, metadata={"format": "date-time"})


def day(null: bool = False) -> fields.Field[Any]:
    return always(fields.String, null=null, metadata={"format": "date"})


def word(*choices: str, null: bool = False) -> fields.Field[Any]:
    return always(fields.String, null=null, metadata={"enum": [*choices, None] if null else list(choices)})


def whole(null: bool = False) -> fields.Integer:
    return fields.Integer(required=True, allow_none=null)


class RichTextValue(Reply):
    """Rich text in the format asked for: a string, or blocks."""

    format = word(*FORMATS)
    value = always(
        fields.Raw,
        metadata={"anyOf": [{"type": "string"}, {"type": "array", "items": {"$ref": "#/components/schemas/Block"}}]},
    )


class CategoryLabel(Reply):
    id = always()
    key = always()
    title = always()
    path = always(null=True)


class FaqCategory(Reply):
    id = always()
    key = always()
    title = always()


class Breadcrumb(Reply):
    label = always()
    path = always(null=True)


class CtaReply(Reply):
    kind = always()
    label = always()
    url = always(null=True)
    phone = always(null=True)


class FocalPoint(Reply):
    """What of a picture must stay in sight, from the left and the top: 0 to 1."""

    x = always(fields.Float)
    y = always(fields.Float)


class ImageSource(Reply):
    type = word("image/avif", "image/webp")
    srcset = always()


class Image(Reply):
    """A picture, ready for `<picture>`: `sources` in order of preference, `src` for whoever reads none of them."""

    id = always()
    alt = always()
    caption = always(null=True)
    credit = always(null=True)
    kind = word("photo", "illustration", "before_after")
    width = whole()
    height = whole()
    focal_point = always(fields.Nested, FocalPoint)
    color = always(null=True)
    src = always()
    sources = each(ImageSource)


class SeoImage(Reply):
    """A picture for previews of links, as JPEG."""

    src = always()
    type = word("image/jpeg")
    width = whole()
    height = whole()
    alt = always()


class SeoReply(Reply):
    """What search engines are told; the item's own title and summary where it says nothing else."""

    title = always()
    description = always(null=True)
    robots = word("index, follow", "noindex, follow", "noindex, nofollow")
    image = always(fields.Nested, SeoImage, null=True)


class Reviewer(Reply):
    name = always(null=True)
    role = always()
    credentials = each(fields.String())
    demo = always(fields.Boolean)


class ReviewReply(Reply):
    """The medical review of the text that is shown."""

    status = word("current", "due", "overdue")
    last_reviewed = day()
    next_due = day()
    reviewed_by = always(fields.Nested, Reviewer)
    line = always()
    banner = always(null=True)


class Alternate(Reply):
    locale = always()
    hreflang = always()
    slug = always()
    path = always(null=True)
    url = always(null=True)


class ReferenceMeta(Reply):
    relation = always()
    label = always()


class ReferenceReply(Reply):
    type = always()
    id = always()
    slug = always()
    title = always()
    meta = fields.Nested(ReferenceMeta)


class Counted(Reply):
    total = whole()
    shown = whole()


class RelatedLink(Reply):
    related = always()


class Relationship(Reply):
    data = each(ReferenceReply)
    meta = always(fields.Nested, Counted)
    links = always(fields.Nested, RelatedLink)


class ItemLinks(Reply):
    """Addresses of this API, relative to its host."""

    self = always()
    jsonld = always()
    markdown = always()


class Identity(Reply):
    """What every item has, whatever `fields` says."""

    id = always()
    type = always()
    slug = always()
    locale = always()
    revision = whole()
    overlay_revision = whole(null=True)
    path = always(null=True)
    url = always(null=True)
    published_at = instant()
    updated_at = instant()


class ServedLocale(Reply):
    requested = always()
    served = always()
    fallback = always(fields.Boolean)


class UnresolvedRef(Reply):
    type = always()
    id = always()


class Unresolved(Reply):
    """What a relation holds that can't be shown; `ref` only where it may be named."""

    relation = always()
    reason = word("unavailable", "withdrawn", "not_in_locale")
    count = whole()
    ref = fields.Nested(UnresolvedRef)


class PreviewedItem(Reply):
    """An item of a preview that readers do not see like this."""

    type = always()
    id = always()
    locale = always()
    revision = whole()
    overlay_revision = whole(null=True)
    state = always()


class PreviewMeta(Reply):
    """What a preview shows; `revision`, `overlay_revision` and `state` are those of the item asked for."""

    perspective = always()
    at = instant()
    revision = whole(null=True)
    overlay_revision = whole(null=True)
    state = always(null=True)
    not_live = each(PreviewedItem)
    left_out = whole()


class Meta(Reply):
    locale = always(fields.Nested, ServedLocale)
    view = word(*VIEWS)
    format = word(*FORMATS)
    unresolved = each(Unresolved)
    total = fields.Integer()
    jsonld = fields.Dict()
    preview = fields.Nested(PreviewMeta)


class PageLinks(Reply):
    self = always()
    next = always(null=True)
    prev = always(null=True)
    first = fields.String()
    last = fields.String(allow_none=True)
    jsonld = fields.String()


class SectionReplyParts(Reply):
    """What a section is given beside what is stored."""

    schema_aspect = word(*[aspect for aspect in ASPECTS.values() if aspect], null=True)
    anchor = always()
