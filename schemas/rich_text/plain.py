"""Rich text as plain text: to be read, and for the search index."""

from schemas.rich_text.parse import Node, is_tight, tree, words
from schemas.rich_text.placeholders import PATTERN
from schemas.rich_text.resolver import Resolver


def to_text(markdown: str, resolver: Resolver) -> str:
    """The text without markup: a blank line between blocks, "- " or "1. " before list items, placeholders filled."""
    return "\n\n".join(_blocks(tree(markdown).children, resolver))


def search_text(markdown: str) -> str:
    """The words alone, one space between them, without placeholders."""
    found = (words(node) for node in tree(markdown).walk() if node.type in _TEXT)
    return " ".join(PATTERN.sub(" ", " ".join(found)).split())


_TEXT = {"inline", "fence", "code_block", "html_block"}


def _blocks(nodes: list[Node], resolver: Resolver) -> list[str]:
    return [text for node in nodes if (text := _block(node, resolver))]


def _block(node: Node, resolver: Resolver) -> str:
    match node.type:
        case "bullet_list" | "ordered_list":
            return _list(node, resolver)
        case "blockquote":
            return "\n\n".join(_blocks(node.children, resolver))
        case "table":
            rows = [row for part in node.children for row in part.children]
            return "\n".join(" | ".join(resolver.fill(words(cell)) for cell in row.children) for row in rows)
        case "hr":
            return ""
        case _:
            return resolver.fill(words(node)).strip()


def _list(node: Node, resolver: Resolver) -> str:
    gap = "\n" if is_tight(node) else "\n\n"
    first = int(node.attrs.get("start", 1))
    leads = (f"{first + n}. " if node.type == "ordered_list" else "- " for n in range(len(node.children)))
    items = (gap.join(_blocks(item.children, resolver)) for item in node.children)
    return gap.join(_hung(lead, item) for lead, item in zip(leads, items, strict=True))


def _hung(lead: str, item: str) -> str:
    lines = item.split("\n")
    indented = [f"{' ' * len(lead)}{line}" if line else "" for line in lines[1:]]
    return "\n".join([f"{lead}{lines[0]}".rstrip(), *indented])
