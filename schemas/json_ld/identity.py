"""Identity: the @id of things, of the pages about them and of parts of pages."""

from __future__ import annotations

from typing import Any

from schemas.json_ld.page import Page

Node = dict[str, Any]
"""One schema.org object: {"@type", "@id"?, property: value}; None and empty values are dropped by `graph`."""


def thing_id(item: dict[str, Any]) -> str:
    """What an item speaks of: its own fragment of its page, such as https://south.example/treatments/x#topic."""
    url = item.get("url")
    return url if url and "#" in url else part_id(url, item["id"], item["type"] if url else None)


def page_id(item: dict[str, Any]) -> str:
    return part_id(item.get("url"), item["id"], "page")


def part_id(url: str | None, key: str, part: str | None = None) -> str:
    """A part of the page at `url`; where there is no address, of urn:clinic-cms:<key>."""
    base = url or f"urn:clinic-cms:{key}"
    if part is None:
        return base
    return f"{base}{'-' if '#' in base else '#'}{part}"


def clinic_id(page: Page, part: str | None = None) -> str:
    """The clinic, or one of its parts, the same in every locale."""
    site = page.absolute("/")
    whole = part_id(site, page.clinic["id"], "clinic" if site else None)
    return part_id(whole, whole, part)


def reference(node: Node | None) -> Node | None:
    return {"@id": node["@id"]} if node else None


def references(nodes: list[Node]) -> list[Node]:
    return [{"@id": node["@id"]} for node in nodes]
