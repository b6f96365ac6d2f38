"""Payloads in what a house says beside its texts (profiles, labels, pictures, people, partners), and in requests."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from tests.builders import a_section, a_topic
from tests.hostile_documents import Place, put, words_of
from tests.hostile_texts import HERE, Tried, put_back
from tests.managing import Desk
from tests.payloads import active, html_in, rendered
from tests.pictures import uploaded

CLOSED = frozenset({
    "slug", "key", "time_zone", "default_locale", "locales", "paths", "jurisdiction", "embeds", "logo", "days", "opens",
    "closes", "from", "to", "country", "preview_urls", "origins", "kind",
})  # fmt: skip
"""Members of a profile that are held to lists and forms of their own."""
FILLED = "{{clinic.name}}, {{clinic.phone}}, {{clinic.email}}, [book]({{clinic.booking_url}})"
EMBEDS = ("/embed/demo-south/topics/framed", "/embed/demo-south/faqs", "/embed/demo-south/guides/choosing-a-provider")
SLOTS = ("name", "title", "credentials")


@dataclass
class Words:
    """What of the house holds words: the address it is written to, its body, and where they stand in it."""

    method: str
    path: str
    body: Any
    places: list[Place]
    who: str = "admin"


@dataclass
class HostileHouse:
    """A house whose every word beside its texts is a payload in turn."""

    desk: Desk
    words: list[str]
    tried: Tried = field(default_factory=Tried)
    written: list[Words] = field(default_factory=list)

    def prepare(self) -> None:
        """A topic with a picture and placeholders, and whatever else pages show."""
        desk = self.desk
        picture = uploaded(desk, "editor", caption={"en": "A caption"}, credit={"en": "A credit"})
        desk.publish(desk.create("framed", a_topic(image=picture["id"], sections=[a_section("overview", FILLED)])))
        profile = desk.done("admin", "GET", "/clinics/demo-south")["profile"]
        profile["locations"][0] |= {"accessibility": {"en": "A ramp"}, "map_url": "https://e.example/map"}
        profile |= {"price_note": {"en": "From"}, "social": [{"kind": "a", "url": "https://e.example/a"}]}
        label = desk.done("admin", "GET", "/categories?page[size]=1")[0]["id"]
        label_body = desk.done("admin", "GET", f"/categories/{label}")
        partner = desk.done("admin", "POST", "/partners", {"name": "Shows", "clinics": ["demo-south"]})
        self.partner = partner["id"]
        words = {name: {"en": "Words"} for name in ("alt", "caption", "credit")}
        texts = {"en": {name: label_body["texts"]["en"][name] or "Words" for name in ("title", "slug", "description")}}
        self.written = [
            Words("PUT", "/clinics/demo-south", profile, words_of(profile, closed=CLOSED)),
            Words("PATCH", f"/media/{picture['id']}", words | {"name": "a"}, words_of(words | {"name": "a"}), "editor"),
            Words("PATCH", f"/categories/{label}", {"texts": texts}, words_of({"texts": texts}, closed=CLOSED)),
            Words("PATCH", f"/partners/{self.partner}", {"name": "Shows"}, [("name",)]),
        ]

    def try_all(self, numbers: range) -> Tried:
        self.prepare()
        for number in numbers:
            for each in self.written:
                self._write(each, number)
            self._look()
            self._echo(self.words[number])
        return self.tried

    def _write(self, each: Words, number: int) -> None:
        body = copy.deepcopy(each.body)
        before = {
            place: put(body, place, self.words[(number + 7 * at) % len(self.words)])
            for at, place in enumerate(each.places)
        }
        for _ in range(12):
            reply = self.desk.ask(each.who, each.method, each.path, body, If_Match="*")
            self.tried.statuses[reply.status_code] += 1
            if reply.status_code == 200:
                break
            assert reply.status_code == 422, reply.text
            self.tried.refused += put_back(body, before, reply.json["errors"], "")
        self.tried.taken += len(before)

    def _look(self) -> None:
        for rest in ("", "/navigation", "/categories", "/topics/framed", "/topics?view=card"):
            self._json(HERE + rest)
        for address in (*EMBEDS, *(f"{each}.html" for each in EMBEDS), f"{EMBEDS[0]}?partner={self.partner}"):
            self._page(address)
        self._json(f"/oembed?url=https://api.example{EMBEDS[0]}", page=True)
        self.tried.judge("framed.md", active(rendered(self._got(f"{HERE}/topics/framed.md").text)))
        for rest in (".jsonld", "/topics/framed.jsonld"):
            told = self._got(HERE + rest).text
            self.tried.judge(rest, [mark for mark in ("<", ">", "\u2028") if mark in told])

    def _echo(self, payload: str) -> None:
        """What somebody asks for comes back in what is said of it."""
        sent = quote(payload, safe="")
        for address in (f"/embed/demo-south/topics/{sent}", f"{EMBEDS[0]}?theme={sent}", f"{EMBEDS[0]}?locale={sent}",
                        f"/embed/{sent}/faqs", f"/docs/problems/{sent}", f"/{sent}"):  # fmt: skip
            self._page(address)
        for address in (f"{HERE}/search?q={sent}", f"{HERE}/topics?filter[{sent}]={sent}", f"{HERE}/topics/{sent}",
                        f"/oembed?url={sent}", f"{HERE}/resolve?path=/{sent}", f"/v1/schemas/{sent}"):  # fmt: skip
            self._json(address)

    def _got(self, address: str) -> Any:
        reply = self.desk.house.get(address)
        self.tried.statuses[reply.status_code] += 1
        return reply

    def _json(self, address: str, *, page: bool = False) -> None:
        reply = self._got(address)
        assert "json" in reply.content_type, f"{address}: {reply.content_type}"
        self.tried.judge(address, [told for text in html_in(reply.json) for told in active(text, page=page)])

    def _page(self, address: str) -> None:
        reply = self._got(address)
        shown = active(reply.text, page=True) if reply.mimetype == "text/html" else []
        self.tried.judge(address, shown)
