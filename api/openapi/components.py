"""The named shapes of the document: one schema per view, unions discriminated by type, one envelope per address."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from schemas import blocks, house_replies, oembed, replies
from schemas.content import CONTENT_TYPES
from schemas.content_type import ContentType
from schemas.json_schema import Components, Shape, ref
from schemas.parts import SectionSchema
from schemas.problem import Problem
from schemas.views import delivered_part, view_schema

MATCH = "Where the words that were asked for stand, and how well they fit."
LED_THROUGH = "Only those of its relations that `include` leads through; left out where it leads no further."
VIEWS = ("Full", "Summary", "Card", "Sparse")
RICH: dict[tuple[str, ...], Shape] = {
    ("html", "markdown", "text"): {"value": {"type": "string"}},
    ("blocks",): {"value": {"type": "array", "items": ref("Block")}},
}
"""What `value` is, by `format`."""
NOT: Shape = {"type": "null"}
RESOLVED: dict[tuple[str, ...], Shape] = {
    ("item",): {"to": NOT, "item": ref("ReferenceReply"), "list": NOT},
    ("list",): {"to": NOT, "item": NOT, "list": ref("ListPlace")},
    ("home",): {"to": NOT, "item": NOT, "list": NOT},
    ("redirect",): {"to": {"type": "string"}, "item": NOT, "list": NOT},
}
"""What `/resolve` tells beside `kind`."""


def components() -> dict[str, Shape]:
    """Every component by name."""
    found = Components()
    for schema in (Problem, replies.Meta, replies.PageLinks, replies.ReferenceReply):
        found.add(schema)
    for kind in CONTENT_TYPES:
        _content(found, kind)
    for name, shape in blocks.COMPONENTS.items():
        found.add_shape(name, shape)
    _house(found)
    shapes = found.shapes
    shapes["RichTextValue"]["oneOf"] = _told_apart("format", RICH)
    shapes["Resolved"]["oneOf"] = _told_apart("kind", RESOLVED)
    return dict(sorted((shapes | _unions() | _envelopes()).items()))


def _content(found: Components, kind: ContentType) -> None:
    for view in VIEWS:
        found.add(view_schema(kind, view.lower()))
    if "sections" in kind.stored:
        found.add(delivered_part(SectionSchema))
        found.add(_module(kind))


def _module(kind: ContentType) -> type[replies.Identity]:
    full = view_schema(kind, "full")().fields
    more: dict[str, Any] = {
        "type": replies.word(kind.name),
        "title": replies.always(),
        "notice": full["notice"],
        "review": full["review"],
        "section": fields.Nested(delivered_part(SectionSchema), required=True),
    }
    return type(f"{kind.name.title()}Module", (replies.Identity,), more)


def _house(found: Components) -> None:
    for schema in (
        house_replies.ClinicCard, house_replies.Clinic, house_replies.Category, house_replies.CategoryCounted,
        house_replies.NavigationEntry, house_replies.Match, house_replies.SearchMeta, house_replies.Resolved,
        house_replies.Redirect, house_replies.SitemapRow, house_replies.Total, oembed.OEmbed,
    ):  # fmt: skip
        found.add(schema)
    graph = {"@context": {"const": "https://schema.org"}, "@graph": {"type": "array", "items": {"type": "object"}}}
    found.add_shape("Graph", {"type": "object", "properties": graph, "required": list(graph)})


def _unions() -> dict[str, Shape]:
    found: dict[str, Shape] = {}
    for kind in CONTENT_TYPES:
        title = kind.name.title()
        found[title] = {"anyOf": [ref(f"{title}{view}") for view in VIEWS]}
        found[f"{title}Hit"] = {"allOf": [
            {"anyOf": [ref(f"{title}Card"), ref(f"{title}Sparse")]},
            {"type": "object", "properties": {"match": {"description": MATCH, **ref("Match")}}, "required": ["match"]},
        ]}  # fmt: skip
    found["Included"] = _by_type({kind.name: kind.name.title() for kind in CONTENT_TYPES} | {"category": "Category"})
    found |= {f"{kind.name.title()}Included": _whole_included(kind) for kind in CONTENT_TYPES}
    for kind in CONTENT_TYPES:
        whole = {name: f"{name.title()}Included" for name in _includable(kind)}
        own = {"category": "Category"} if kind.category else {}
        found[f"IncludedWith{kind.name.title()}"] = _by_type(whole | own, sparse=True)
        found[f"IncludedWholeWith{kind.name.title()}"] = _by_type(whole | own)
    found["Hit"] = _by_type({kind.name: f"{kind.name.title()}Hit" for kind in CONTENT_TYPES})
    return found


def _whole_included(kind: ContentType) -> Shape:
    """An included item without `fields`: its view, and of its relations those that `include` leads through."""
    some = {relation.name: ref("Relationship") for relation in kind.relations}
    told = {"description": LED_THROUGH, "type": "object", "properties": {
        name: {"description": "What it refers to by this name.", **shape} for name, shape in some.items()
    }}  # fmt: skip
    return {"allOf": [
        ref(f"{kind.name.title()}{kind.include_view.title()}"),
        {"type": "object", "properties": {"relationships": told}},
    ]}  # fmt: skip


def _includable(kind: ContentType) -> list[str]:
    """The content types that `include` can bring with one, in a fixed order."""
    by_name = {each.name: each for each in CONTENT_TYPES}
    first = [each.target for each in kind.relations if each.target in by_name]
    deeper = [each.target for name in first for each in by_name[name].relations if each.target in by_name]
    return [name for name in by_name if name in {*first, *deeper}]


def _by_type(names: dict[str, str], *, sparse: bool = False) -> Shape:
    """One of several shapes; which one, its `type` says. `sparse`: a content type may hold its identity alone, too."""
    mapping = {value: ref(name)["$ref"] for value, name in names.items()}
    kinds = {kind.name for kind in CONTENT_TYPES}
    parts = []
    for value, name in names.items():
        shape = {"anyOf": [ref(name), ref(f"{value.title()}Sparse")]} if sparse and value in kinds else ref(name)
        only = {"type": "object", "properties": {"type": {"const": value}}, "required": ["type"]}
        parts.append({"allOf": [only, shape]})
    return {"oneOf": parts, "discriminator": {"propertyName": "type", "mapping": mapping}}


def _told_apart(member: str, by: dict[tuple[str, ...], Shape]) -> list[Shape]:
    """One shape for some values of a member, to stand beside the one that holds for all."""
    return [
        {"type": "object", "properties": {member: {"enum": list(values)}, **more}, "required": [member, *more]}
        for values, more in by.items()
    ]


def _envelopes() -> dict[str, Shape]:
    found = {
        "ClinicListReply": _envelope(_list("ClinicCard"), links="PageLinks", meta="Total"),
        "ClinicReply": _envelope(ref("Clinic")),
        "CategoryListReply": _envelope(_list("CategoryCounted"), links="PageLinks"),
        "CategoryReply": _envelope(ref("CategoryCounted")),
        "NavigationReply": _envelope(_list("NavigationEntry")),
        "SearchReply": _envelope(_list("Hit"), links="PageLinks", meta="SearchMeta"),
        "ResolveReply": _envelope(ref("Resolved"), included=_list("Included")),
        "RedirectsReply": _envelope(_list("Redirect"), links="PageLinks"),
        "SitemapReply": _envelope(_list("SitemapRow"), links="PageLinks"),
    }
    for kind in CONTENT_TYPES:
        title = kind.name.title()
        with_it = _list(f"IncludedWith{title}")
        found[f"{title}Reply"] = _envelope(ref(title), included=with_it)
        found[f"{title}ListReply"] = _envelope(_list(title), links="PageLinks", included=with_it)
        if "sections" in kind.stored:
            found[f"{title}ModuleReply"] = _envelope(ref(f"{title}Module"))
    return found


def _list(name: str) -> Shape:
    return {"type": "array", "items": ref(name)}


NOTHING: Shape = {"type": "array", "items": False, "maxItems": 0}


def _envelope(data: Shape, *, links: str | None = None, meta: str = "Meta", included: Shape = NOTHING) -> Shape:
    parts = {"data": data, "included": included, "meta": ref(meta)}
    if links:
        parts["links"] = ref(links)
    return {"type": "object", "properties": parts, "required": list(parts)}
