"""Sources in a graph: https://schema.org/citation as CreativeWork."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from schemas.json_ld.identity import Node


def citations(sources: Iterable[dict[str, Any]]) -> list[Node]:
    """[{name, publisher, url, identifier}], each source once, in the order they are first named."""
    nodes: list[Node] = []
    for source in sources:
        if (node := _work(source)) not in nodes:
            nodes.append(node)
    return nodes


def _work(source: dict[str, Any]) -> Node:
    doi, publisher = source.get("doi"), source.get("publisher")
    return {
        "@type": "CreativeWork",
        "name": source.get("title"),
        "url": source.get("url") or (f"https://doi.org/{doi}" if doi and doi.startswith("10.") else None),
        "identifier": doi,
        "publisher": {"@type": "Organization", "name": publisher} if publisher else None,
    }
