"""A topic in a graph: its page, what it is about, and the conditions and treatments that belong to it."""

from __future__ import annotations

from typing import Any

from schemas.json_ld.citations import citations
from schemas.json_ld.entity import entity, full_entity
from schemas.json_ld.identity import Node, page_id, reference
from schemas.json_ld.page import Page
from schemas.json_ld.web_page import web_page


def topic_graph(item: dict[str, Any], page: Page) -> list[Node]:
    """The page, the entity, then what they refer to; `treats` and `treated_by` are both said of the condition."""
    subject = {**full_entity(item), "mainEntityOfPage": {"@id": page_id(item)}}
    related = {each["id"]: entity(each) for each in page.related(item, "related", "topic")}
    _treatments(item, subject, related)
    sections = item.get("sections") or []
    first, *others = web_page(
        item,
        page,
        list(related.values()),
        about=reference(subject),
        aspect=[section["aspect"].replace("-", " ") for section in sections],
        hasPart=[_part(section, item) for section in sections if section.get("schema_aspect")],
        citation=citations(source for section in sections for source in section.get("citations") or []),
    )
    return [first, subject, *others]


def _treatments(item: dict[str, Any], subject: Node, related: dict[str, Node]) -> None:
    for ref in ((item.get("relationships") or {}).get("related") or {}).get("data", []):
        relation, other = (ref.get("meta") or {}).get("relation"), related.get(ref["id"])
        if other and relation == "treated_by":
            _treat(subject, other)
        elif other and relation == "treats":
            _treat(other, subject)


def _treat(condition: Node, therapy: Node) -> None:
    if (condition["@type"], therapy["@type"]) == ("MedicalCondition", "MedicalTherapy"):
        condition.setdefault("possibleTreatment", []).append(reference(therapy))


def _part(section: dict[str, Any], item: dict[str, Any]) -> Node:
    """https://schema.org/HealthTopicContent: what takes HealthAspectEnumeration; the text is not repeated."""
    url = item.get("url")
    return {
        "@type": "HealthTopicContent",
        "name": section["title"],
        "url": f"{url}#{section['anchor']}" if url and "#" not in url else None,
        "hasHealthAspect": f"https://schema.org/{section['schema_aspect']}",
    }
