"""The JSON-LD document: its nodes cleaned and put into one @graph, and the bytes that may stand inside a page."""

from __future__ import annotations

import json
from typing import Any

from schemas.json_ld.identity import Node

EMPTY: tuple[Any, ...] = (None, "", [], {})
ESCAPES = str.maketrans({char: f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"})


def graph(nodes: list[Node]) -> dict[str, Any]:
    """{"@context", "@graph"}: without empty values, each @id described once (the first time) and then referred to."""
    seen: set[str] = set()
    cleaned = [_clean(node, seen) for node in nodes]
    return {"@context": "https://schema.org", "@graph": [node for node in cleaned if node and set(node) != {"@id"}]}


def script_safe(document: dict[str, Any]) -> bytes:
    """JSON in UTF-8 that can't end a <script>: markup and the two line separators come as \\uXXXX."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.translate(ESCAPES).encode()


def _clean(value: Any, seen: set[str]) -> Any:
    if isinstance(value, dict):
        return _clean_node(value, seen)
    if isinstance(value, list | tuple):
        return [each for each in (_clean(each, seen) for each in value) if each not in EMPTY]
    return value


def _clean_node(node: Node, seen: set[str]) -> Node:
    name = node.get("@id")
    if name and set(node) != {"@id"}:
        if name in seen:
            return {"@id": name}
        seen.add(name)
    kept = {key: each for key, each in ((key, _clean(value, seen)) for key, value in node.items()) if each not in EMPTY}
    return {} if set(kept) == {"@type"} else kept
