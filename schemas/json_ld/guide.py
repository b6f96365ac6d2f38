"""A provider-selection guide in a graph: its page, with each checklist as an ItemList (and never a HowTo)."""

from __future__ import annotations

from typing import Any

from schemas.json_ld.entity import entity
from schemas.json_ld.identity import Node, part_id, references
from schemas.json_ld.page import Page
from schemas.json_ld.web_page import web_page


def guide_graph(item: dict[str, Any], page: Page) -> list[Node]:
    """The guide's MedicalWebPage, whose mainEntity are its checklists, and the topics it mentions."""
    topics = [entity(each) for each in page.related(item, "topics", "topic")]
    lists = checklists(item)
    return [*web_page(item, page, topics, mainEntity=references(lists)), *lists]


def checklists(item: dict[str, Any]) -> list[Node]:
    """Every field of the shape {"title", "items"} as https://schema.org/ItemList, in the item's order."""
    return [_checklist(item, name, value) for name, value in item.items() if _is_checklist(value)]


def _is_checklist(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("items"), list) and "title" in value


def _checklist(item: dict[str, Any], name: str, checklist: dict[str, Any]) -> Node:
    lines = checklist["items"]
    return {
        "@type": "ItemList",
        "@id": part_id(item.get("url"), item["id"], name.replace("_", "-")),
        "name": checklist["title"],
        "numberOfItems": len(lines),
        "itemListElement": [_line(number, line) for number, line in enumerate(lines, 1)],
    }


def _line(position: int, line: dict[str, Any]) -> Node:
    description = " ".join(each for each in (line.get("detail"), line.get("why")) if each)
    return {"@type": "ListItem", "position": position, "name": line["title"], "description": description}
