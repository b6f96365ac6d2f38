"""The one CommonMark parser: which syntax there is, and the tree that every format is written from."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.image import image
from markdown_it.token import Token

from schemas.rich_text.node import Node, grown

MAX_DEPTH = 20
"""How deep lists and quotes may nest, and beyond which emphasis inside emphasis is dropped."""

REMEMBERED = 8_000
"""The longest text, in characters, whose tree is remembered for a while."""

CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
"""Characters that no text holds: controls other than tab and line ends, and lone surrogates."""

__all__ = ["CONTROL", "MAX_DEPTH", "Node", "heading_shift", "is_tight", "tree", "words"]


def tree(markdown: str, env: dict[str, Any] | None = None) -> Node:
    """The parsed text. Raw HTML and images are nodes of their own, for `faults` to name: no format gives them out.

    `env` receives the link definitions (`references`, `duplicate_refs`), also those that no link uses.
    """
    node, definitions = _kept(markdown) if len(markdown) <= REMEMBERED else _parsed(markdown)
    if env is not None:
        env.update(definitions)
    return node


def _parsed(markdown: str) -> tuple[Node, dict[str, Any]]:
    env: dict[str, Any] = {}
    return grown(_PARSER.parse(CONTROL.sub("\N{REPLACEMENT CHARACTER}", markdown), env)), env


# One text is checked, searched, linked and rendered in a row; its tree is only ever read.
_kept = lru_cache(maxsize=128)(_parsed)


def words(node: Node) -> str:
    """The text below a node, without markup; hard breaks are line ends."""
    if node.type == "hardbreak":
        return "\n"
    if node.type == "softbreak":
        return " "
    if node.children:
        return "".join(words(child) for child in node.children)
    return "" if node.is_root or node.type == "inline" else node.content


def heading_shift(root: Node, heading_level: int) -> int:
    """What to add to each heading's level so that the shallowest comes out at `heading_level`."""
    levels = [int(node.tag[1]) for node in root.walk() if node.type == "heading"]
    return heading_level - min(levels, default=heading_level)


def is_tight(items: Node) -> bool:
    """Whether a list's paragraphs stand without blank lines between them."""
    return any(block.type == "paragraph" and block.hidden for item in items.children for block in item.children)


class _Parser(MarkdownIt):
    def validateLink(self, url: str) -> bool:
        """Take every address: `links.address` is the one place that judges them."""
        return True


def _image(state: StateInline, silent: bool) -> bool:
    """Read an image without parsing its words: the library's own rule recurses without bound on nested ones."""
    start = state.pos
    if not image(state, True):
        return False
    if not silent:
        end = state.md.helpers.parseLinkLabel(state, start + 1, False)
        state.push("image", "img", 0).content = state.src[start + 2 : end]
    return True


def _flatten(state: StateCore) -> None:
    for token in state.tokens:
        if token.children:
            token.children = list(_flattened(token.children))


def _flattened(tokens: list[Token]) -> Iterator[Token]:
    """Drop links inside links and emphasis nested too deep, keeping their words.

    An autolink can stand inside a link, and the parser bounds the depth of everything but emphasis.
    """
    kept: list[bool] = []
    inside: list[str] = []
    for token in tokens:
        if token.nesting == 0:
            yield token
        elif token.nesting == 1:
            kept.append(len(inside) < MAX_DEPTH and not (token.tag == "a" and "a" in inside))
            if kept[-1]:
                inside.append(token.tag)
                yield token
        elif kept.pop():
            inside.pop()
            yield token


def _parser() -> _Parser:
    # A list takes two levels (itself and its item); one list past MAX_DEPTH must still be seen to be reported.
    options = {"html": True, "linkify": False, "typographer": False, "maxNesting": 2 * MAX_DEPTH + 4}
    parser = _Parser("commonmark", options).enable("table")
    assert isinstance(parser, _Parser)
    parser.inline.ruler.at("image", _image)
    parser.core.ruler.push("flatten", _flatten)
    # Parsing keeps its state per call, but the rule chains are compiled at the first one, which is not thread-safe.
    parser.parse("warm *up*")
    return parser


_PARSER = _parser()
