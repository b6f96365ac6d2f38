"""Texts of every type with payloads in every field, published where they are taken, and read on every surface."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from defusedxml import ElementTree

from schemas.content import CONTENT_TYPES
from tests.hostile_documents import Place, put, whole_document
from tests.managing import Desk
from tests.payloads import active, html_in, rendered

HERE = "/v1/clinics/demo-south"
SEVERAL = 25
"""After so many texts the lists that show them are read."""
PARTS = {"topic": "/modules/overview", "guide": "/questions"}
"""What of a text stands under an address of its own."""


@dataclass
class Tried:
    """What was tried: payloads taken and refused, replies looked at, and what could run in one of them."""

    taken: int = 0
    refused: int = 0
    looked_at: int = 0
    found: list[str] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    def judge(self, address: str, found: list[str]) -> None:
        self.looked_at += 1
        self.found += [f"{address}: {each}" for each in found]


@dataclass
class Hostile:
    """One type tried on one house."""

    desk: Desk
    kind: str
    words: list[str]
    tried: Tried = field(default_factory=Tried)

    def try_all(self, numbers: range) -> Tried:
        """Texts of these numbers; with all of them every payload has stood in every field."""
        for done, number in enumerate(numbers, start=1):
            self._try_one(number)
            if done % SEVERAL == 0 or done == len(numbers):
                self._look_around()
        return self.tried

    def _try_one(self, number: int) -> None:
        """A text whose every field holds another payload; what is refused is put back, the rest goes live."""
        document, places = whole_document(self.kind)
        before = {
            place: put(document, place, self.words[(number + 7 * at) % len(self.words)])
            for at, place in enumerate(places)
        }
        slug = f"hostile-{self.kind}-{number}"
        body = {"locale": "en", "slug": slug, "document": document}
        for _ in range(12):
            reply = self.desk.ask("author", "POST", f"/entries/{self.kind}", body)
            self.tried.statuses[reply.status_code] += 1
            if reply.status_code == 201:
                break
            assert reply.status_code == 422, reply.text
            self.tried.refused += put_back(document, before, reply.json["errors"])
        path = f"/entries/{self.kind}/{reply.json['data']['id']}"
        self.desk.etags[path] = reply.headers["ETag"]
        self.tried.taken += len(before)
        self.desk.publish(path)
        self._look_at(slug, path)

    def _look_at(self, slug: str, path: str) -> None:
        plural = next(each.plural for each in CONTENT_TYPES if each.name == self.kind)
        item = f"{HERE}/{plural}/{slug}"
        # Questions are embedded as lists.
        embed = "/embed/demo-south/faqs" if self.kind == "faq" else f"/embed/demo-south/{plural}/{slug}"
        for rest in ("", "?format=blocks", "?format=text"):
            self._json(item + rest)
        self._json(f"/oembed?url=https://api.example{embed}", page=True)
        part = PARTS.get(self.kind, "")
        if self.kind == "topic":
            self._json(item + part)
        for address in {embed, f"{embed}.html", f"{embed}{part}", f"{embed}{part}.html"}:
            self._page(address)
        self._markdown(f"{item}.md")
        self._graph(f"{item}.jsonld")
        for rest in ("?locale=en", "/revisions?locale=en"):
            kept = self.desk.ask("editor", "GET", f"{path}{rest}")
            self.tried.statuses[kept.status_code] += 1
            assert kept.content_type == "application/json" and kept.headers["X-Content-Type-Options"] == "nosniff"
            self.tried.looked_at += 1

    def _look_around(self) -> None:
        plural = next(each.plural for each in CONTENT_TYPES if each.name == self.kind)
        for rest in (f"/{plural}?view=summary&page[size]=100&sort=-updated_at", "/search?q=qzx&page[size]=100",
                     "/search?q=alert&page[size]=100", "/navigation"):  # fmt: skip
            self._json(HERE + rest)
        for rest in (f"/{plural}.jsonld", ".jsonld"):
            self._graph(HERE + rest)
        ElementTree.fromstring(self.desk.house.get(f"{HERE}/sitemap.xml").text)

    def _got(self, address: str) -> Any:
        reply = self.desk.house.get(address)
        self.tried.statuses[reply.status_code] += 1
        return reply

    def _json(self, address: str, *, page: bool = False) -> None:
        told = [told for text in html_in(self._got(address).json) for told in active(text, page=page)]
        self.tried.judge(address, told)

    def _page(self, address: str) -> None:
        self.tried.judge(address, active(self._got(address).text, page=True))

    def _markdown(self, address: str) -> None:
        self.tried.judge(address, active(rendered(self._got(address).text)))

    def _graph(self, address: str) -> None:
        reply = self._got(address)
        json.loads(reply.text)
        self.tried.judge(address, [mark for mark in ("<", ">", "\u2028") if mark in reply.text])


def put_back(document: Any, before: dict[Place, str], errors: list[dict[str, Any]], root: str = "/document") -> int:
    """Take out of a document what was refused; how many payloads that were."""
    pointers = [_numbered(document, str(each.get("pointer", "")).removeprefix(root)) for each in errors]
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


def _under(at: Place, pointer: str) -> bool:
    here = "/" + "/".join(map(str, at))
    return here == pointer or here.startswith(f"{pointer}/") or pointer.startswith(f"{here}/")
