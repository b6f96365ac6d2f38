"""Glossary words in a graph: DefinedTerm nodes in the clinic's DefinedTermSet."""

from __future__ import annotations

from typing import Any

from schemas.json_ld.clinic import publisher
from schemas.json_ld.identity import Node, clinic_id, part_id, reference, references, thing_id
from schemas.json_ld.page import Page


def term_graph(item: dict[str, Any], page: Page) -> list[Node]:
    """One glossary word, the glossary it belongs to, and whose that is."""
    glossary = term_set(page, item["locale"])
    return [term(item, glossary), glossary, publisher(page)]


def terms_on(item: dict[str, Any], page: Page) -> list[Node]:
    """The included words of an item's text and their glossary; none where none are included."""
    words = page.related(item, "terms", "term")
    glossary = term_set(page, item["locale"])
    return [*(term(word, glossary) for word in words), glossary] if words else []


def term(item: dict[str, Any], glossary: Node) -> Node:
    """https://schema.org/DefinedTerm; it is no CreativeWork, so its language stands on the glossary."""
    return {
        "@type": "DefinedTerm",
        "@id": thing_id(item),
        "url": item.get("url"),
        "name": item.get("title"),
        "description": item.get("summary"),
        "alternateName": item.get("synonyms"),
        "inDefinedTermSet": reference(glossary),
    }


def term_set(page: Page, locale: str, **more: Any) -> Node:
    """https://schema.org/DefinedTermSet: the glossary of a clinic in one language."""
    url = page.place("terms", locale)
    return {
        "@type": "DefinedTermSet",
        "@id": part_id(url, "", "glossary") if url else clinic_id(page, f"glossary-{locale}"),
        "url": url,
        "inLanguage": locale,
        "publisher": reference(publisher(page)),
        **more,
    }


def glossary_of(items: list[dict[str, Any]], page: Page, name: str) -> list[Node]:
    """A list of words as a DefinedTermSet that has them all, itself first."""
    glossary = term_set(page, page.clinic["locale"], name=name)
    words = [term(item, glossary) for item in items]
    return [{**glossary, "hasDefinedTerm": references(words)}, *words]
