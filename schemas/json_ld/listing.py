"""A list of topics, guides or glossary words in a graph: a CollectionPage."""

from __future__ import annotations

from typing import Any

from schemas.json_ld.clinic import publisher, website
from schemas.json_ld.identity import Node, clinic_id, part_id, reference
from schemas.json_ld.page import Page
from schemas.json_ld.term import glossary_of


def list_page(items: list[dict[str, Any]], page: Page, name: str, url: str | None) -> list[Node]:
    """https://schema.org/CollectionPage of these items in their order; glossary words come as their DefinedTermSet."""
    own = part_id(url, "", "page") if url else clinic_id(page, f"{_type(items)}-page")
    listed = glossary_of(items, page, name) if _type(items) == "term" else [_item_list(items, own, name)]
    site, clinic = website(page), publisher(page)
    node = {
        "@type": "CollectionPage",
        "@id": own,
        "url": url,
        "name": name,
        "inLanguage": page.clinic.get("locale"),
        "publisher": reference(clinic),
        "isPartOf": reference(site),
        "mainEntity": reference(listed[0]),
    }
    return [each for each in (node, *listed, site, clinic) if each]


def _type(items: list[dict[str, Any]]) -> str:
    return items[0]["type"] if items else "list"


def _item_list(items: list[dict[str, Any]], own: str, name: str) -> Node:
    return {
        "@type": "ItemList",
        "@id": part_id(own, "", "list"),
        "name": name,
        "numberOfItems": len(items),
        "itemListElement": [_entry(number, item) for number, item in enumerate(items, 1)],
    }


def _entry(position: int, item: dict[str, Any]) -> Node:
    return {"@type": "ListItem", "position": position, "url": item.get("url"), "name": item.get("title")}
