"""Questions in a graph: one FAQPage, of a single question, of a list, or of what stands on another page."""

from __future__ import annotations

from typing import Any

from schemas.json_ld.citations import citations
from schemas.json_ld.clinic import publisher, website
from schemas.json_ld.identity import Node, clinic_id, page_id, part_id, reference, thing_id
from schemas.json_ld.page import Page
from schemas.json_ld.review import reviewed


def faq_graph(item: dict[str, Any], page: Page) -> list[Node]:
    """The page of one question."""
    return _page([item], page, page_id(item), item.get("url"), inLanguage=item.get("locale"), **reviewed(item))


def faq_page(items: list[dict[str, Any]], page: Page, url: str | None) -> list[Node]:
    """A list as one https://schema.org/FAQPage of exactly these questions, in their order."""
    name = part_id(url, "", "page") if url else clinic_id(page, "faqs")
    return _page(items, page, name, url, inLanguage=page.clinic.get("locale"))


def questions_on(item: dict[str, Any], page: Page) -> list[Node]:
    """The FAQPage of the questions that stand on an item's own page; none where none are included."""
    questions = [question(each) for each in page.related(item, "faqs", "faq")]
    if not questions:
        return []
    own = {"@type": "FAQPage", "@id": part_id(item.get("url"), item["id"], "faq"), "inLanguage": item.get("locale")}
    return [{**own, "isPartOf": {"@id": page_id(item)}, "mainEntity": questions}]


def question(item: dict[str, Any]) -> Node:
    """https://schema.org/Question with its acceptedAnswer; a myth's answer is as printed, its fact within."""
    answer = (item.get("answer") or {}).get("value")
    return {
        "@type": "Question",
        "@id": thing_id(item),
        "url": item.get("url"),
        "name": item.get("question"),
        "inLanguage": item.get("locale"),
        "datePublished": item.get("published_at"),
        "dateModified": item.get("updated_at"),
        "citation": citations(item.get("citations") or []),
        "acceptedAnswer": {"@type": "Answer", "text": answer, "inLanguage": item.get("locale")} if answer else None,
    }


def _page(items: list[dict[str, Any]], page: Page, name: str, url: str | None, **more: Any) -> list[Node]:
    site, clinic = website(page), publisher(page)
    node = {
        "@type": "FAQPage",
        "@id": name,
        "url": url,
        **more,
        "publisher": reference(clinic),
        "isPartOf": reference(site),
        "mainEntity": [question(item) for item in items],
    }
    return [each for each in (node, site, clinic) if each]
