"""Rich text as blocks: a closed union of JSON nodes on `type`, with links, terms and placeholders filled."""

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from schemas.rich_text.links import target
from schemas.rich_text.parse import Node, heading_shift, tree, words
from schemas.rich_text.resolver import Resolver

Block = dict[str, Any]
Inline = dict[str, Any]

_MARKS = ("strong", "em", "code")


def to_blocks(markdown: str, resolver: Resolver, heading_level: int = 3) -> list[Block]:
    """The text as blocks, the shallowest heading at `heading_level` (2 to 6).

    paragraph {content}, heading {level, content}, list {ordered, items: blocks of each item}, quote {content: blocks},
    table {header: content of each cell, rows}, rule {}; content is of text {text, marks?}, link {href, ref|null,
    content}, term {slug, text}, break {}. A code block is a paragraph marked as code.
    """
    root = tree(markdown)
    return _Writer(resolver, heading_shift(root, heading_level)).blocks(root)


@dataclass(frozen=True, slots=True)
class _Writer:
    resolver: Resolver
    shift: int

    def blocks(self, parent: Node) -> list[Block]:
        return [self.block(node) for node in parent.children]

    def block(self, node: Node) -> Block:
        match node.type:
            case "heading":
                return {
                    "type": "heading",
                    "level": min(6, int(node.tag[1]) + self.shift),
                    "content": self.content(node),
                }
            case "bullet_list" | "ordered_list":
                items = [self.blocks(item) for item in node.children]
                return {"type": "list", "ordered": node.type == "ordered_list", "items": items}
            case "blockquote":
                return {"type": "quote", "content": self.blocks(node)}
            case "table":
                header, *rows = [self.cells(row) for part in node.children for row in part.children]
                return {"type": "table", "header": header, "rows": rows}
            case "hr":
                return {"type": "rule"}
            case "fence" | "code_block":
                return {"type": "paragraph", "content": self.merged(_code(node.content))}
            case "html_block":
                return {"type": "paragraph", "content": self.merged([_text(words(node).strip())])}
            case _:
                return {"type": "paragraph", "content": self.content(node)}

    def cells(self, row: Node) -> list[list[Inline]]:
        return [self.content(cell) for cell in row.children]

    def content(self, node: Node) -> list[Inline]:
        return self.merged([part for inline in node.children for part in self.parts(inline, ())])

    def parts(self, parent: Node, marks: tuple[str, ...]) -> list[Inline]:
        return [part for node in parent.children for part in self.part(node, marks)]

    def part(self, node: Node, marks: tuple[str, ...]) -> list[Inline]:
        match node.type:
            case "strong" | "em":
                return self.parts(node, (*marks, node.type))
            case "code_inline":
                return [_text(node.content, (*marks, "code"))]
            case "link":
                return self.link(node, marks)
            case "hardbreak":
                return [{"type": "break"}]
            case _:
                return [_text(words(node), marks)]

    def link(self, node: Node, marks: tuple[str, ...]) -> list[Inline]:
        link, inner = target(node), self.parts(node, marks)
        if slug := self.resolver.slug(link):
            return [{"type": "term", "slug": slug, "text": self.resolver.fill(words(node)).replace("\n", " ")}]
        if entry := self.resolver.target(link):
            return [{"type": "link", "href": entry.href, "ref": dict(entry.ref), "content": self.merged(inner)}]
        if href := self.resolver.href(link):
            return [{"type": "link", "href": href, "ref": None, "content": self.merged(inner)}]
        return inner

    def merged(self, parts: list[Inline]) -> list[Inline]:
        """Join texts with equal marks, then fill them: a placeholder may have been cut by an entity or an escape."""
        out: list[Inline] = []
        for marks, run in groupby(parts, lambda part: part.get("marks", []) if part["type"] == "text" else None):
            if marks is None:
                out.extend(run)
            elif text := self.resolver.fill("".join(part["text"] for part in run)):
                out.append(_text(text, marks))
        return out


def _text(text: str, marks: tuple[str, ...] | list[str] = ()) -> Inline:
    ordered = [mark for mark in _MARKS if mark in marks]
    return {"type": "text", "text": text, "marks": ordered} if ordered else {"type": "text", "text": text}


def _code(content: str) -> list[Inline]:
    lines = content.removesuffix("\n").split("\n")
    parts: list[Inline] = [part for line in lines for part in ({"type": "break"}, _text(line, ("code",)))]
    return parts[1:]
