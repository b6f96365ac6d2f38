"""Samples for the JSON-LD tests: delivered items of a demo clinic, every graph made of them, and a reader of graphs."""

from collections.abc import Iterator
from typing import Any

from schemas.json_ld import (
    Page,
    clinic_graph,
    faq_graph,
    faq_page,
    graph,
    guide_graph,
    list_page,
    term_graph,
    topic_graph,
)

Item = dict[str, Any]

SITE = "https://south.example"
DEMO = {"name": None, "role": "Medical reviewer", "credentials": [], "demo": True}
REAL = {"name": "A. Sample", "role": "Dermatologist", "credentials": ["Board certificate"], "demo": False}


def item(type_name: str, key: str, path: str, **more: Any) -> Item:
    return {
        "id": key, "type": type_name, "slug": path.rpartition("/")[2], "locale": "en", "revision": 1,
        "overlay_revision": None, "path": path, "url": f"{SITE}{path}",
        "published_at": "2026-10-15T08:00:00Z", "updated_at": "2026-11-03T09:30:00Z", **more,
    }  # fmt: skip


def review(who: Item) -> Item:
    return {
        "status": "current", "last_reviewed": "2026-10-14", "next_due": "2027-10-14", "reviewed_by": who,
        "line": "Sample", "banner": None,
    }  # fmt: skip


def text(words: str) -> Item:
    return {"format": "text", "value": words}


def section(aspect: str, schema_aspect: str | None, words: str, citations: list[Item] | None = None) -> Item:
    return {
        "aspect": aspect, "schema_aspect": schema_aspect, "anchor": aspect, "title": aspect.title(), "safety": False,
        "standalone": True, "body": text(words), "citations": citations or [],
    }  # fmt: skip


def fact(key: str, value: Any) -> Item:
    return {"key": key, "label": key, "value": value, "text": "As printed", "depends_on": []}


def related(*pairs: tuple[Item, str | None]) -> Item:
    """A relationship: (item, how it belongs)."""
    data = [
        {"type": each["type"], "id": each["id"], "slug": each["slug"], "title": each.get("title")}
        | ({"meta": {"relation": relation, "label": relation}} if relation else {})
        for each, relation in pairs
    ]
    return {"data": data, "meta": {"total": len(data), "shown": len(data)}, "links": {"related": "/v1"}}


CITATION = {
    "title": "A study", "publisher": "A press", "url": None, "doi": "10.1000/182", "accessed_on": "2026-10-01"
}  # fmt: skip

FAQ = item(
    "faq", "faq_h2q7", "/faq#does-it-hurt", kind="question", question="Does it hurt?", answer=text("A little."),
    myth=None, fact=None, category=None, position=20, review=review(DEMO), citations=[CITATION], breadcrumbs=[],
)  # fmt: skip
MYTH = item(
    "faq", "faq_m5d1", "/faq#for-ever", kind="myth", question="For ever?", answer=text("No."), myth="Ever.",
    fact="Not so.", category=None, position=10, review=None,
)  # fmt: skip
DERMIS = item(
    "term", "trm_dermis", "/glossary#dermis", title="Dermis", summary="The middle layer of the skin.",
    synonyms=["corium"], categories=[], position=1, body=None,
)  # fmt: skip
SCARS = item("topic", "top_scars", "/conditions/scars", kind="condition", title="Scars", summary="Marks.", image=None)
NEEDLING = item("topic", "top_needle", "/treatments/n", kind="treatment", title="Needling", summary=None, image=None)

BREADCRUMBS = [{"label": "Home", "path": "/"}, {"label": "Concerns", "path": None}, {"label": "This", "path": "/this"}]
SECTIONS = [
    section("overview", "OverviewHealthAspect", "What it is.", [CITATION]),
    section("preparing", None, "Talk first."),
    section("procedure", None, "Small injections."),
    section("aftercare", "SelfCareHealthAspect", "Keep out of the sun.", [CITATION]),
    section("risks", "RisksOrComplicationsHealthAspect", "Bruising."),
]
IMAGE = {
    "id": "med_1", "alt": "Layers of the skin", "caption": None, "credit": "The clinic", "width": 16, "height": 9,
    "focal_point": {"x": 0.5, "y": 0.4}, "color": "#fff", "src": "https://api.example/media/1.webp", "sources": [],
}  # fmt: skip

TREATMENT = item(
    "topic", "top_meso", "/treatments/meso", kind="treatment", title="Mesotherapy", summary="Small injections.",
    categories=[], breadcrumbs=BREADCRUMBS, image=IMAGE,
    facts=[fact("procedure_type", "minimally_invasive"), fact("price", {"min": "9.00", "currency": "EUR"})],
    sections=SECTIONS, position=1, cta=None, notice="Not advice.", review=review(DEMO), seo={}, alternates=[],
    relationships={
        "faqs": related((FAQ, None), (MYTH, None)), "terms": related((DERMIS, None)),
        "related": related((NEEDLING, "combined_with"), (SCARS, "treats")), "guides": related(),
    },
    links={},
)  # fmt: skip
CONDITION = SCARS | {
    "sections": SECTIONS[:1], "facts": [], "breadcrumbs": [], "review": review(REAL),
    "relationships": {"related": related((NEEDLING, "treated_by"), (TREATMENT, "treated_by"))},
}  # fmt: skip
COMBINATION = TREATMENT | {"id": "top_both", "kind": "combination", "url": f"{SITE}/treatments/both", "sections": []}


def checklist(*lines: Item) -> Item:
    return {"title": "A list", "items": list(lines)}


GUIDE = item(
    "guide", "gde_p1v8", "/guides/choosing", title="How to choose", summary="What to ask.", categories=[], image=None,
    breadcrumbs=BREADCRUMBS, intro=text("Take your time."), position=1, cta=None, notice="Not advice.", seo={},
    steps=checklist({"key": "a", "title": "Read", "detail": "About it.", "why": "You will ask better questions."}),
    red_flags=checklist({"key": "b", "title": "Promises", "detail": None, "why": None}), credentials=None,
    review=review(REAL | {"name": None}), alternates=[], links={},
    relationships={"topics": related((TREATMENT, None)), "faqs": related(), "terms": related()},
)  # fmt: skip

LOCATION = {
    "key": "main", "name": "Main house", "primary": True, "geo": {"lat": 0.0, "lng": -15.5}, "phone": None,
    "address": {
        "street": "1 Example Street", "locality": "Demo Town", "region": None, "postal_code": "00000", "country": "ES"
    },
    "map_url": "https://maps.example/1", "accessibility": None, "time_zone": "Europe/Madrid",
    "opening_hours": [
        {"days": ["mon", "tue"], "opens": "09:00", "closes": "13:00"},
        {"days": ["sat"], "opens": "00:00", "closes": "24:00"},
    ],
    "exceptions": [
        {"from": "2026-12-25", "to": "2026-12-26", "closed": True, "opens": None, "closes": None, "note": "Holiday"},
        {"from": "2026-12-31", "to": "2026-12-31", "closed": False, "opens": "09:00", "closes": "12:00", "note": None},
        {"from": "2027-01-05", "to": "2027-01-05", "closed": False, "opens": None, "closes": None, "note": "Ask"},
    ],
}  # fmt: skip
LOGO = {"src": "https://api.example/media/8c1f/480.webp", "alt": "Demo Clinic South", "caption": None, "credit": None}
CLINIC = {
    "id": "cln_south", "type": "clinic", "slug": "demo-south", "locale": "en", "url": f"{SITE}/", "path": "/",
    "name": "Demo Clinic South", "tagline": "A demo: not a real clinic", "demo": True, "logo": LOGO, "site_url": SITE,
    "paths": {"en": {"home": "/", "terms": "/glossary"}},
    "contact": {"phone": "+1-202-555-0100", "email": "hello@south.example", "whatsapp": None},
    "locations": [LOCATION], "legal": {}, "social": [{"kind": "video", "url": "https://video.example/south"}],
}  # fmt: skip
TWO_HOUSES = CLINIC | {"locations": [LOCATION, LOCATION | {"key": "east", "name": "East", "geo": None}]}
INCLUDED = (FAQ, MYTH, DERMIS, SCARS, NEEDLING, TREATMENT)
PAGE = Page(CLINIC, INCLUDED)


def siteless(value: Item) -> Item:
    """The same of a clinic without a site."""
    return value | {name: None for name in ("url", "path", "site_url", "paths") if name in value}


UNNAMED = {"tagline": None, "social": [], "logo": None}
NOWHERE = Page(siteless(CLINIC) | UNNAMED, tuple(siteless(each) for each in INCLUDED))


def graphs() -> dict[str, Item]:
    """Every kind of graph, with a site and without: {name: JSON-LD document}."""
    bare = {f"{name}_without_a_site": graph(nodes) for name, nodes in _of(NOWHERE, siteless, None).items()}
    placed = {name: graph(nodes) for name, nodes in _of(PAGE, lambda value: value, f"{SITE}/list").items()}
    return {**placed, **bare, "several_locations": graph(clinic_graph(Page(TWO_HOUSES)))}


def _of(page: Page, given: Any, url: str | None) -> dict[str, list[Item]]:
    topics = {"treatment": TREATMENT, "condition": CONDITION, "combination": COMBINATION}
    return {
        **{name: topic_graph(given(topic), page) for name, topic in topics.items()},
        "faq": faq_graph(given(FAQ), page),
        "faqs": faq_page([given(MYTH), given(FAQ)], page, url),
        "guide": guide_graph(given(GUIDE), page),
        "term": term_graph(given(DERMIS), page),
        "topics": list_page([given(NEEDLING), given(SCARS)], page, "Treatments", url),
        "terms": list_page([given(DERMIS)], page, "Glossary", url),
        "nothing": list_page([], page, "Guides", url),
        "clinic": clinic_graph(page),
    }


def walk(value: Any) -> Iterator[Item]:
    """Every object at any depth."""
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, dict):
            yield each
            for inner in each.values():
                yield from walk(inner)


def nodes(document: Item) -> list[Item]:
    return [node for node in walk(document["@graph"]) if set(node) != {"@id"}]


def by_id(document: Item) -> dict[str, Item]:
    return {node["@id"]: node for node in nodes(document) if "@id" in node}


def only(document: Item, kind: str) -> Item:
    (found,) = [node for node in nodes(document) if node["@type"] == kind]
    return found
