"""Node, one part of a parsed text; a tree of them is made once a text and walked often, so it holds what is asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from markdown_it.token import Token


class Node:
    """A part of a text, or all of it (type `root`); `type` as the parser names it, without its `_open`."""

    __slots__ = ("attrs", "children", "content", "hidden", "info", "is_root", "markup", "tag", "type")

    attrs: dict[str, Any]
    children: list[Node]

    def __init__(self, token: Token | None = None) -> None:
        self.is_root = token is None
        self.children = []
        if token is None:
            self.type = "root"
            return
        self.type = token.type.removesuffix("_open") if token.nesting else token.type
        self.tag, self.attrs, self.content = token.tag, token.attrs, token.content
        self.markup, self.info, self.hidden = token.markup, token.info, token.hidden

    def walk(self) -> Iterator[Node]:
        """This part and all below it, in the order of the text."""
        ahead = [self]
        while ahead:
            node = ahead.pop()
            yield node
            if node.children:
                ahead.extend(reversed(node.children))


def grown(tokens: Sequence[Token]) -> Node:
    """The tree of a parser's tokens."""
    root = Node()
    _grow(root, tokens)
    return root


def _grow(root: Node, tokens: Sequence[Token]) -> None:
    open_parts = [root]
    for token in tokens:
        if token.nesting < 0:
            open_parts.pop()
            continue
        node = Node(token)
        open_parts[-1].children.append(node)
        if token.nesting:
            open_parts.append(node)
        elif token.children:
            _grow(node, token.children)
