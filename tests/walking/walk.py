"""A walk through a house: what has been made on the way, how it is asked, and what may be seen of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.builders import a_section
from tests.conftest import NOW, House
from tests.managing import Desk
from tests.walking.addresses import CLINICS, Known
from tests.walking.texts import Said, Text, canaries

SLUGS = ("amber", "basalt", "cedar", "dune")
"""All slugs of a walk: few, so that one is now this text's and now another's."""
REFUSALS = (404, 409, 412, 422)
"""A move that the house does not allow as things stand: the walk goes on with another."""
SITE_PATHS = {
    "demo-south": ("/treatments/{}", "/conditions/{}", "/guides/{}", "/es/tratamientos/{}", "/concerns/{}"),
    "demo-north": ("/en/treatment/{}", "/tratamiento/{}", "/en/advice/{}", "/consejos/{}", "/en/subjects/{}"),
}


@dataclass
class Walk:
    """One walk: `random` decides, `done` lists what was moved."""

    house: House
    random: Random
    texts: list[Text] = field(default_factory=list)
    known: Known = field(default_factory=Known)
    now: int = 0
    done: list[str] = field(default_factory=list)
    refused: int = 0
    allowed: int = 0
    """How much of what was asked the house did not allow, and how much it did."""
    private: set[str] = field(default_factory=set)
    releases: list[tuple[str, list[tuple[Text, str | None]]]] = field(default_factory=list)
    """Those that are live: their path, and what each text said before."""
    fallen: list[Text] = field(default_factory=list)
    """Texts that were taken down or never went live, in that order: what leads to them waits for them."""
    replacing: list[Text] = field(default_factory=list)
    """Texts that stand in for withdrawn ones."""
    made: dict[str, Any] = field(default_factory=dict)
    """Whatever else was made, by a name."""

    def __post_init__(self) -> None:
        self.desk, self._canaries = Desk(self.house), canaries()
        for clinic, templates in SITE_PATHS.items():
            self.known.paths[clinic] |= {each.format(slug) for each in templates for slug in SLUGS[:2]}
            self.known.paths[clinic].add("/old/way")
        self.known.categories |= {"acne-scars": "subject", "basics": "faq"}
        self.known.labels |= {"acne-scars", "cicatrices-de-acne"}

    def canary(self) -> str:
        return next(self._canaries)

    def ask(self, who: str, method: str, path: str, body: Any = None) -> Any:
        """The `data` of a reply, or None where the house does not allow it as things stand."""
        reply = self.desk.ask(who, method, path, body, **({} if method == "GET" else {"If_Match": "*"}))
        if reply.status_code < 300:
            self.allowed += method != "GET"
            return reply.json["data"]
        assert reply.status_code in REFUSALS, (method, path, reply.text)
        self.refused += 1
        return None

    def move(self, who: str, text: Text, move: str, **said: Any) -> Any:
        return self.ask(who, "POST", f"{text.path}/moves/{move}", {"locale": text.locale, **said})

    def who(self, text: Text, role: str) -> str:
        return role if text.clinic is None else f"{role}@{text.clinic}"

    def approve(self, text: Text) -> None:
        """Take the newest revision as far as it comes."""
        self.move(self.who(text, "author"), text, "submit")
        self.move(self.who(text, "medical_reviewer"), text, "approve")

    def publish(self, text: Text, at: int | None = None, until: int | None = None) -> bool:
        self.approve(text)
        when = {name: instant(each) for name, each in (("at", at), ("until", until)) if each is not None}
        moved = self.move(self.who(text, "publisher"), text, "publish", **when) is not None
        if moved:
            text.publish(at, until)
            self.fallen = [each for each in self.fallen if each is not text]
        return moved

    def fell(self, text: Text, *, for_good: bool = False) -> None:
        """It is taken down."""
        text.end(for_good=for_good)
        self.fallen.append(text)

    def create(self, kind: str, locale: str = "en", clinic: str | None = None, slug: str | None = None) -> Text | None:
        """A draft; nothing where its slug is taken."""
        made = Text(self.canary(), kind=kind, locale=locale, clinic=clinic, slug=slug or self.a_slug(kind))
        body = {"clinic": clinic, "locale": locale, "slug": made.slug, "document": self.document(made)}
        told = self.ask(self.who(made, "author"), "POST", f"/entries/{kind}", body)
        if told is None:
            return None
        made.path = f"/entries/{kind}/{told['id']}"
        self.keep(made)
        return made

    def a_slug(self, kind: str) -> str:
        """At best one that a text of the type has left, so that its old address gets another holder."""
        left = sorted(self.known.slugs[kind] - {each.slug for each in self.texts if each.kind == kind})
        return self.random.choice(left if left and self.random.random() < 0.6 else SLUGS)

    def keep(self, text: Text) -> None:
        self.texts.append(text)
        self.fallen.append(text)
        self.known.ids[text.kind].add(text.id)
        self.known.slugs[text.kind].add(text.slug)

    def write(self, text: Text, **changed: Any) -> bool:
        """A new revision with a canary of its own; `slug` and parts of the document as given."""
        canary, slug = self.canary(), changed.pop("slug", text.slug)
        document = {**self.worded(text, canary), **changed}
        where = f"{text.path}?locale={text.locale}"
        if self.ask(self.who(text, "author"), "PATCH", where, {"slug": slug, "document": document}) is None:
            return False
        text.written, text.slug = canary, slug
        self.known.slugs[text.kind].add(slug)
        return True

    def document(self, text: Text) -> dict[str, Any]:
        """A whole document that leads to other texts."""
        found = self.worded(text, text.written)
        if text.kind == "topic":
            parts = found.pop("sections").items()
            found["sections"] = [a_section(name, part["body"]) for name, part in parts]
            found |= {"kind": "treatment", "image": self.made.get("picture")}
        return found | ({"category": "basics"} if text.kind == "faq" else {})

    def worded(self, text: Text, canary: str) -> dict[str, Any]:
        """A merge patch of every part that says something or leads somewhere."""
        if text.kind == "faq":
            return {"question": f"What is {canary}?", "answer": self.leading(f"It is {canary}, as they say.", text)}
        said: dict[str, Any] = {"title": f"About {canary}", "summary": f"In short {canary}.", **self.references(text)}
        if text.kind == "topic":
            said["sections"] = {"overview": {"body": self.leading(f"Light is shone: {canary}.", text)}}
        if text.kind == "term":
            said["synonyms"] = [synonym(canary)]
        return said | ({"intro": self.leading(f"First of all {canary}.", text)} if text.kind == "guide" else {})

    def references(self, text: Text) -> dict[str, Any]:
        """Other texts in every relation that the type has."""
        fields = {"topic": {"related": "topic", "faqs": "faq"}, "guide": {"topics": "topic", "faqs": "faq"}}
        return {name: [{"type": kind, "id": each.id} for each in self.others(text, kind)[:2]]
                for name, kind in fields.get(text.kind, {}).items()}  # fmt: skip

    def others(self, text: Text, kind: str) -> list[Text]:
        """Other entries of a type that a text may refer to, in a random order."""
        found = {each.id: each for each in self.texts
                 if each.kind == kind and each.id != text.id and each.clinic in (None, text.clinic)}  # fmt: skip
        return self.random.sample(list(found.values()), len(found))

    def leading(self, body: str, text: Text) -> str:
        """A body with links to other texts, there or not, and to a word of the glossary."""
        for kind, words in (("topic", "[see there](entry:{})"), ("guide", "[this too](entry:{})"),
                            ("term", "[so called](term:{})")):  # fmt: skip
            body = " ".join([body, *(words.format(each.id) for each in self.others(text, kind)[:2])])
        return body

    def pick(self, **wanted: Any) -> Text | None:
        """One of the texts that are as wanted; `live` True or False."""
        live = wanted.pop("live", None)
        found = [each for each in self.texts if all(getattr(each, name) == value for name, value in wanted.items())
                 and (live is None or live == (each.live is not None))]  # fmt: skip
        return self.random.choice(found) if found else None

    def pass_by(self, seconds: int) -> None:
        """Let time go by."""
        self.now += seconds
        self.house.at(self.now)
        for text in self.texts:
            for said in (text, *text.overlays.values()):
                said.tick(self.now)

    def may_show(self) -> dict[str, set[str]]:
        """Clinic -> the canaries that anyone may read there now."""
        return {clinic: set().union(*(each.shown_at(clinic) for each in self.texts)) if clinic not in self.private
                else set() for clinic in CLINICS}  # fmt: skip

    def overlay(self, text: Text, clinic: str) -> Said:
        return text.overlays.setdefault(clinic, Said(""))


def synonym(canary: str) -> str:
    """Another word for what a term says, in which its canary does not stand."""
    return canary[1:]


def instant(seconds: int) -> str:
    return dt.datetime.fromtimestamp(NOW + seconds, dt.UTC).isoformat()
