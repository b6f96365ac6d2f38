"""The MedicalWebPage of an item: what topics and guides share, with its breadcrumbs, review, questions and words."""

from __future__ import annotations

from typing import Any

from schemas.json_ld.clinic import publisher, website
from schemas.json_ld.faq import questions_on
from schemas.json_ld.identity import Node, page_id, part_id, reference
from schemas.json_ld.page import Page
from schemas.json_ld.review import reviewed
from schemas.json_ld.term import terms_on


def web_page(item: dict[str, Any], page: Page, mentions: list[Node], **more: Any) -> list[Node]:
    """The nodes of a page, itself first. `mentions` are the nodes it speaks of beside its own subject.

    https://schema.org/MedicalWebPage
    """
    crumbs, site, clinic, terms = breadcrumbs(item, page), website(page), publisher(page), terms_on(item, page)
    spoken_of = [*mentions, *(node for node in terms if node["@type"] == "DefinedTerm")]
    node = {
        "@type": "MedicalWebPage",
        "@id": page_id(item),
        "url": item.get("url"),
        "name": item.get("title"),
        "description": item.get("summary"),
        "inLanguage": item.get("locale"),
        "datePublished": item.get("published_at"),
        "dateModified": item.get("updated_at"),
        **reviewed(item),
        "primaryImageOfPage": _image(item.get("image") or {}),
        "publisher": reference(clinic),
        "isPartOf": reference(site),
        "breadcrumb": reference(crumbs),
        "mentions": [reference(each) for each in spoken_of],
        **more,
    }
    own = [each for each in (node, crumbs, site, clinic) if each]
    return [*own, *mentions, *questions_on(item, page), *terms]


def breadcrumbs(item: dict[str, Any], page: Page) -> Node | None:
    """https://schema.org/BreadcrumbList; None where the item has none."""
    steps = item.get("breadcrumbs") or []
    if not steps:
        return None
    return {
        "@type": "BreadcrumbList",
        "@id": part_id(item.get("url"), item["id"], "breadcrumb"),
        "itemListElement": [_crumb(number, step, page) for number, step in enumerate(steps, 1)],
    }


def _crumb(position: int, step: dict[str, Any], page: Page) -> Node:
    url = page.absolute(step.get("path"))
    target = {"@type": "WebPage", "@id": url, "url": url} if url else None
    return {"@type": "ListItem", "position": position, "name": step.get("label"), "item": target}


def _image(image: dict[str, Any]) -> Node | None:
    if not image.get("src"):
        return None
    return {
        "@type": "ImageObject",
        "contentUrl": image["src"],
        "description": image.get("alt"),
        "caption": image.get("caption"),
        "creditText": image.get("credit"),
    }
