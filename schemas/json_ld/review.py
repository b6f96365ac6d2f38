"""The medical review of a page: said only where a real person did it."""

from __future__ import annotations

from typing import Any

from schemas.json_ld.identity import Node


def reviewed(item: dict[str, Any]) -> Node:
    """{lastReviewed, reviewedBy} of https://schema.org/WebPage, or {}: a demo review is never announced as one."""
    review = item.get("review") or {}
    who = review.get("reviewed_by") or {"demo": True}
    if who.get("demo", True):
        return {}
    return {"lastReviewed": review.get("last_reviewed"), "reviewedBy": _person(who)}


def _person(who: dict[str, Any]) -> Node:
    """https://schema.org/Person; one known by role alone has no name."""
    named = who.get("credentials") or []
    credentials = [{"@type": "EducationalOccupationalCredential", "name": each} for each in named]
    return {"@type": "Person", "name": who.get("name"), "jobTitle": who.get("role"), "hasCredential": credentials}
