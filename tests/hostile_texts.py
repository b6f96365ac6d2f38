"""Texts of every type with payloads in every field, published where they are taken, and read on every surface."""

from __future__ import annotations

import copy
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from defusedxml import ElementTree
from sqlalchemy import select

from api.models import Entry, Revision, Variant
from schemas.content import CONTENT_TYPES
from tests.conftest import House
from tests.managing import Desk
from tests.payloads import active, html_in, rendered

SAMPLES = {"topic": "mesotherapy", "faq": "does-mesotherapy-hurt", "guide": "choosing-a-provider", "term": "dermis"}
CLOSED = ("key", "kind", "aspect", "id", "type", "value", "unit", "robots", "group")
HERE = "/v1/clinics/demo-south"


@dataclass
class Tried:
    """What was tried: payloads taken and refused, replies looked at, and what could run in one of them."""

    taken: int = 0
    refused: int = 0
    looked_at: int = 0
    found: list[str] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)


def document_of(house: House, kind: str) -> dict[str, Any]:
    """A seeded text of a type as it is stored, in English."""
    asked = select(Revision.document).join(Variant).join(Entry, Entry.id == Variant.entry_id)
    asked = asked.where(Entry.type == kind, Variant.locale == "en", Revision.slug == SAMPLES[kind])
    with house.database.reading() as connection:
        found = connection.scalar(asked.order_by(Revision.number.desc()).limit(1))
    document: dict[str, Any] = copy.deepcopy(found)
    return {name: value for name, value in document.items() if name != "image"}


def leaves(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where a document holds words; names and choices are held to lists of their own."""
    if isinstance(value, str):
        return [] if at[-1] in CLOSED else [at]
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [leaf for name, each in inner for leaf in leaves(each, (*at, name))]


def put(document: Any, at: tuple[Any, ...], words: str) -> Any:
    """Write words at a place; returns what stood there."""
    for name in at[:-1]:
        document = document[name]
    before, document[at[-1]] = document[at[-1]], words
    return before


def try_one(desk: Desk, kind: str, number: int, words: list[str], tried: Tried) -> None:
    """One text whose every field holds another payload; what is refused is put back, the rest goes live."""
    document = document_of(desk.house, kind)
    places = leaves(document)
    before = {place: put(document, place, words[(number + 7 * at) % len(words)]) for at, place in enumerate(places)}
    slug = f"hostile-{kind}-{number}"
    body = {"locale": "en", "slug": slug, "document": document}
    for _ in range(12):
        reply = desk.ask("author", "POST", f"/entries/{kind}", body)
        tried.statuses[reply.status_code] += 1
        if reply.status_code == 201:
            break
        assert reply.status_code == 422, reply.text
        tried.refused += _put_back(document, before, reply.json["errors"])
    path = f"/entries/{kind}/{reply.json['data']['id']}"
    desk.etags[path] = reply.headers["ETag"]
    tried.taken += len(before)
    _publish(desk, path)
    _look(desk, kind, slug, path, tried)


def _put_back(document: Any, before: dict[tuple[Any, ...], str], errors: list[dict[str, Any]]) -> int:
    pointers = [_numbered(document, str(each.get("pointer", "")).removeprefix("/document")) for each in errors]
    found = [at for at in before if any(_under(at, pointer) for pointer in pointers)]
    assert found, errors
    for at in found:
        put(document, at, before.pop(at))
    return len(found)


def _numbered(document: Any, pointer: str) -> str:
    """A pointer with places of lists by number; parts that repeat are named by their keys."""
    found, here = [], document
    for part in filter(None, pointer.split("/")):
        name: Any = part.replace("~1", "/").replace("~0", "~")
        if isinstance(here, list) and not name.isdigit():
            parts = [(at, each) for at, each in enumerate(here) if isinstance(each, dict)]
            keyed = [at for at, each in parts if name in (each.get("key"), each.get("aspect"))]
            if not keyed:
                break
            name = keyed[0]
        found.append(str(name))
        here = here[int(name)] if isinstance(here, list) else here.get(name) if isinstance(here, dict) else None
    return "".join(f"/{each}" for each in found)


def _under(at: tuple[Any, ...], pointer: str) -> bool:
    here = "/" + "/".join(map(str, at))
    return here == pointer or here.startswith(f"{pointer}/") or pointer.startswith(f"{here}/")


def _publish(desk: Desk, path: str) -> None:
    told = desk.ask("author", "POST", f"{path}/moves/submit", {})
    assert told.status_code == 200, told.text
    reviewer = "medical_reviewer" if told.json["data"]["state"] == "medical_review" else "editor"
    desk.done(reviewer, "POST", f"{path}/moves/approve", {})
    desk.done("publisher", "POST", f"{path}/moves/publish", {})


def _look(desk: Desk, kind: str, slug: str, path: str, tried: Tried) -> None:
    plural = next(each.plural for each in CONTENT_TYPES if each.name == kind)
    item = f"{HERE}/{plural}/{slug}"
    # Questions are embedded as lists.
    embed = "/embed/demo-south/faqs" if kind == "faq" else f"/embed/demo-south/{plural}/{slug}"
    jsons = [item, f"{item}?format=blocks", f"{item}?format=text", f"{HERE}/{plural}?view=summary&page[size]=100",
             f"{HERE}/search?q=qzx", f"{HERE}/search?q=alert", f"/oembed?url=https://api.example{embed}"]  # fmt: skip
    for address in jsons:
        reply = desk.house.get(address)
        tried.statuses[reply.status_code] += 1
        page = address.startswith("/oembed")
        _judge(tried, address, [told for text in html_in(reply.json) for told in active(text, page=page)])
    for address in (embed, f"{embed}.html"):
        reply = desk.house.get(address)
        tried.statuses[reply.status_code] += 1
        _judge(tried, address, active(reply.text, page=True))
    page = desk.house.get(f"{item}.md")
    tried.statuses[page.status_code] += 1
    _judge(tried, f"{item}.md", active(rendered(page.text)))
    for address in (f"{item}.jsonld", f"{HERE}.jsonld"):
        reply = desk.house.get(address)
        tried.statuses[reply.status_code] += 1
        json.loads(reply.text)
        _judge(tried, address, [mark for mark in ("<", ">", "\u2028") if mark in reply.text])
    ElementTree.fromstring(desk.house.get(f"{HERE}/sitemap.xml").text)
    for rest in ("?locale=en", "/revisions?locale=en"):
        kept = desk.ask("editor", "GET", f"{path}{rest}")
        tried.statuses[kept.status_code] += 1
        assert kept.content_type == "application/json" and kept.headers["X-Content-Type-Options"] == "nosniff"
        tried.looked_at += 1


def _judge(tried: Tried, address: str, found: list[str]) -> None:
    tried.looked_at += 1
    tried.found += [f"{address}: {each}" for each in found]
