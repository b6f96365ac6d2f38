"""Examples for the document: replies of the seeded library, asked for anew and cut short."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

WHEN = 1_793_520_000
"""2026-11-01T08:00:00Z, in epoch seconds: when the library is seeded and asked, so that examples stay the same."""
PUBLIC_URL = "https://api.example"
LONGEST = 2
"""Items of a list that an example shows; words in a list all stand."""
HERE = "/v1/clinics/demo-south"
ASKED = {
    "List clinics": "/v1/clinics",
    "Read a clinic": f"{HERE}?locale=en",
    "List categories": f"{HERE}/categories?locale=en",
    "Read a category": f"{HERE}/categories/acne-scars?locale=en",
    "Read the navigation": f"{HERE}/navigation?locale=en",
    "Search": f"{HERE}/search?q=raised scars&locale=en&facets=type,category",
    "Resolve a path": f"{HERE}/resolve?path=/treatments/mesotherapy/&view=card",
    "List redirects": f"{HERE}/redirects",
    "Read the sitemap": f"{HERE}/sitemap.json",
    "List topics": f"{HERE}/topics?locale=en&view=card",
    "Read a topic": f"{HERE}/topics/mesotherapy?locale=en&include=faqs",
    "Read a section of a topic": f"{HERE}/topics/mesotherapy/modules/aftercare?locale=en",
    "List faqs": f"{HERE}/faqs?locale=en&filter[topic]=mesotherapy&include=categories&count=true",
    "Read a faq": f"{HERE}/faqs/does-mesotherapy-hurt?locale=en",
    "List guides": f"{HERE}/guides?locale=en&view=card",
    "Read a guide": f"{HERE}/guides/choosing-a-provider?locale=en",
    "List terms": f"{HERE}/terms?locale=en&filter[topic]=mesotherapy",
    "Read a term": f"{HERE}/terms/dermis?locale=en",
    "Problem 400": f"{HERE}/topics?filter[colour]=red&page[size]=500",
    "Problem 404": f"{HERE}/topics/no-such-topic",
}
"""Summary of an operation, or a problem's status -> the address whose reply is its example."""


def sampled(ask: Callable[[str], Any]) -> dict[str, Any]:
    """Every example by name; `ask` gives the JSON body of a reply of the seeded library."""
    return {name: _short(ask(address)) for name, address in ASKED.items()}


def _short(value: Any) -> Any:
    if isinstance(value, list):
        shown = value[:LONGEST] if value and isinstance(value[0], dict) else value
        return [_short(each) for each in shown]
    if isinstance(value, dict):
        return {name: _named(each) if name == "request_id" else _short(each) for name, each in value.items()}
    return value


def _named(request_id: str) -> str:
    """A request's id, the same in every example."""
    return request_id[:4] + "7f3a91c2d0e4"
