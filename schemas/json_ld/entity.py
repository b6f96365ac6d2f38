"""What a topic is about, as a medical entity of schema.org (health-lifesci)."""

from __future__ import annotations

from typing import Any

from schemas.json_ld.identity import Node, thing_id

# A combination too: schema.org has no word for the parts of a therapy. `possibleTreatment` takes no plain
# MedicalProcedure, and MedicalTherapy is a kind of it with all of its properties.
TYPES = {"condition": "MedicalCondition", "treatment": "MedicalTherapy", "combination": "MedicalTherapy"}

# Minimally invasive is no such word: it says nothing of a needle (https://schema.org/PercutaneousProcedure).
PROCEDURE_TYPES = {
    "percutaneous": "https://schema.org/PercutaneousProcedure",
    "non_invasive": "https://schema.org/NoninvasiveProcedure",
}
SECTIONS = {"howPerformed": "procedure", "preparation": "preparing", "followup": "aftercare"}


def entity(topic: dict[str, Any]) -> Node:
    """https://schema.org/MedicalCondition or /MedicalTherapy, as far as any view of the topic tells."""
    return {
        "@type": TYPES.get(topic.get("kind") or "", "MedicalEntity"),
        "@id": thing_id(topic),
        "name": topic.get("title"),
        "description": topic.get("summary"),
        "url": topic.get("url"),
    }


def full_entity(topic: dict[str, Any]) -> Node:
    """The entity with what its sections and facts say; risks stay out: they are text, `adverseOutcome` takes none."""
    node = entity(topic)
    if node["@type"] != "MedicalTherapy":
        return node
    texts = {section["aspect"]: section["body"]["value"] for section in topic.get("sections") or []}
    facts = {fact["key"]: fact["value"] for fact in topic.get("facts") or []}
    said = {name: texts.get(aspect) for name, aspect in SECTIONS.items()}
    return {**node, **said, "procedureType": _procedure_type(facts.get("procedure_type"))}


def _procedure_type(value: Any) -> str | None:
    return PROCEDURE_TYPES.get(value) if isinstance(value, str) else None
