"""Rich text as HTML with its markers unresolved: what is stored at publication, for `resolve_html` to fill."""

from html import escape

import nh3

from schemas.rich_text.links import Link, is_external, target
from schemas.rich_text.parse import Node, heading_shift, tree, words


def to_html(markdown: str, heading_level: int = 3) -> str:
    """Safe HTML, the shallowest heading at `heading_level` (2 to 6).

    Links to entries are `<a href="entry:ID">`, glossary words `<span data-term="term:ID">`; placeholders stay.
    """
    root = tree(markdown)
    return _WALL.clean(_blocks(root.children, heading_shift(root, heading_level)))


# The writer below makes nothing else: this holds should it, or the parser, have a fault.
_WALL = nh3.Cleaner(
    tags={"p", "ul", "ol", "li", "strong", "em", "code", "pre", "blockquote", "h2", "h3", "h4", "h5", "h6"}
    | {"table", "thead", "tbody", "tr", "th", "td", "hr", "br", "a", "span"},
    attributes={"a": {"href", "title", "rel"}, "ol": {"start"}, "span": {"data-term"}},
    url_schemes={"http", "https", "mailto", "tel", "entry"},
    link_rel=None,
)

_SAME = {"thead", "tbody", "tr", "th", "td", "table", "blockquote", "bullet_list", "list_item", "strong", "em"}


def _blocks(nodes: list[Node], shift: int) -> str:
    return "".join(_block(node, shift) for node in nodes)


def _block(node: Node, shift: int) -> str:
    match node.type:
        case "inline":
            return _inline(node.children)
        case "heading":
            return _wrapped(f"h{min(6, int(node.tag[1]) + shift)}", _blocks(node.children, shift))
        case "paragraph":
            inner = _blocks(node.children, shift)
            return inner if node.hidden else _wrapped("p", inner)
        case "ordered_list":
            start = f' start="{node.attrs["start"]}"' if "start" in node.attrs else ""
            return f"<ol{start}>{_blocks(node.children, shift)}</ol>"
        case "fence" | "code_block":
            return f"<pre><code>{_escaped(node.content.removesuffix(chr(10)))}</code></pre>"
        case "hr":
            return "<hr>"
        case same if same in _SAME:
            return _wrapped(node.tag, _blocks(node.children, shift))
        case _:
            return _wrapped("p", _escaped(words(node).strip()))


def _inline(nodes: list[Node]) -> str:
    return "".join(_one(node) for node in nodes)


def _one(node: Node) -> str:
    match node.type:
        case "strong" | "em":
            return _wrapped(node.tag, _inline(node.children))
        case "link":
            return _link(node)
        case "code_inline":
            return _wrapped("code", _escaped(node.content))
        case "hardbreak":
            return "<br>"
        case _:
            return _escaped(words(node))


def _link(node: Node) -> str:
    inner = _inline(node.children)
    match target(node):
        case None:
            return inner
        case Link("term", id_):
            return f'<span data-term="term:{id_}">{inner}</span>'
        case Link(_, id_):
            return f'<a href="entry:{id_}"{_title(node)}>{inner}</a>'
        case str(href):
            rel = ' rel="noopener"' if is_external(href) else ""
            return f'<a href="{escape(href)}"{_title(node)}{rel}>{inner}</a>'


def _title(node: Node) -> str:
    title = str(node.attrs.get("title", ""))
    return f' title="{escape(title)}"' if title else ""


def _wrapped(tag: str, inner: str) -> str:
    return f"<{tag}>{inner}</{tag}>"


def _escaped(text: str) -> str:
    return escape(text, quote=False)
