"""Rich text as blocks: a closed union on `type`, as JSON Schema."""

from __future__ import annotations

from typing import Any

Shape = dict[str, Any]


def _ref(name: str) -> Shape:
    return {"$ref": f"#/components/schemas/{name}"}


def _list(of: Shape) -> Shape:
    return {"type": "array", "items": of}


def _one(kind: str, **properties: Shape) -> Shape:
    shape = {"type": {"type": "string", "const": kind}, **properties}
    return {"type": "object", "properties": shape, "required": [name for name in shape if name != "marks"]}


def _union(names: dict[str, str]) -> Shape:
    mapping = {kind: f"#/components/schemas/{name}" for kind, name in names.items()}
    return {
        "oneOf": [_ref(name) for name in names.values()],
        "discriminator": {"propertyName": "type", "mapping": mapping},
    }


INLINES = _list(_ref("Inline"))
BLOCKS = _list(_ref("Block"))
MARKS = _list({"type": "string", "enum": ["strong", "em", "code"]})

COMPONENTS: dict[str, Shape] = {
    "Block": _union(
        {
            "paragraph": "ParagraphBlock",
            "heading": "HeadingBlock",
            "list": "ListBlock",
            "quote": "QuoteBlock",
            "table": "TableBlock",
            "image": "ImageBlock",
            "rule": "RuleBlock",
        }
    ),
    "Inline": _union({"text": "TextInline", "link": "LinkInline", "term": "TermInline", "break": "BreakInline"}),
    "ParagraphBlock": _one("paragraph", content=INLINES),
    "HeadingBlock": _one("heading", level={"type": "integer", "minimum": 2, "maximum": 6}, content=INLINES),
    "ListBlock": _one("list", ordered={"type": "boolean"}, items=_list(BLOCKS)),
    "QuoteBlock": _one("quote", content=BLOCKS),
    "TableBlock": _one("table", header=_list(INLINES), rows=_list(_list(INLINES))),
    "ImageBlock": _one("image", src={"type": "string"}, alt={"type": "string"}),
    "RuleBlock": _one("rule"),
    "TextInline": _one("text", text={"type": "string"}, marks=MARKS),
    "LinkInline": _one(
        "link",
        href={"type": "string"},
        ref={"anyOf": [_ref("ReferenceReply"), {"type": "null"}]},
        content=INLINES,
    ),
    "TermInline": _one("term", slug={"type": "string"}, text={"type": "string"}),
    "BreakInline": _one("break"),
}
