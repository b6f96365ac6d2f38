"""Calls to try, made of what a clinic has, so that each of them answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlencode

from api.db import Reading
from api.queries import paths
from api.queries.filters import Restriction
from api.queries.lists import Question, page
from api.queries.reader import Reader
from schemas.content import content_type


@dataclass(frozen=True)
class Sample:
    """One call: what it brings, and its address relative to the host."""

    name: str
    title: str
    brings: str
    address: str

    @property
    def line(self) -> str:
        """The address as people write it."""
        return unquote(self.address)


def samples(connection: Reading, reader: Reader) -> tuple[Sample, ...]:
    """The calls that a site is built from, as far as the clinic has content for them."""
    topic = next((each for each in _first(connection, reader, "topic") if each.kind == "treatment"), None)
    topic = topic or next(iter(_first(connection, reader, "topic")), None)
    guide = next(iter(_first(connection, reader, "guide")), None)
    found = [] if topic is None else _about(reader, topic)
    if guide is not None:
        brings = "Checklists for choosing a provider: steps, questions to ask, green and red flags."
        found.insert(2, Sample("guide", "A provider guide", brings, _address(reader, f"/guides/{guide.slug}")))
    brings = "Every page with its languages and the time it last changed, for static builds."
    return (*found, Sample("sitemap", "The sitemap", brings, _address(reader, "/sitemap.json")))


def _about(reader: Reader, topic: Any) -> list[Sample]:
    """Calls around one topic."""
    slug = topic.slug
    word = max(topic.title.split(), key=len).strip(".,:;!?()").lower()
    whole = {"include": "faqs,related,guides,terms"}
    asked = {"filter[topic]": slug, "include": "categories"}
    found = [
        Sample(
            "topic",
            "A topic page",
            "A whole treatment page in one call: sections, facts, review, and what it refers to.",
            _address(reader, f"/topics/{slug}", whole),
        ),
        Sample(
            "faqs",
            "A list of questions",
            "Answers on one topic, with their categories and how many each holds.",
            _address(reader, "/faqs", asked),
        ),
        Sample(
            "search",
            "Search",
            "Hits over all types with snippets, best first; knows word forms and suggests spellings.",
            _address(reader, "/search", {"q": word}),
        ),
    ]
    path = paths.page(reader.house, topic.locale, "topic", topic.kind, slug)
    if path and "#" not in path:
        brings = "From a path of the clinic’s site to its content, in the right language, or to where it moved."
        found.append(Sample("resolve", "Resolve a path", brings, _address(reader, "/resolve", {"path": path})))
    return found


def _address(reader: Reader, rest: str, query: dict[str, str] | None = None) -> str:
    """An address below the clinic; brackets are encoded, as curl would take them for a pattern."""
    return paths.api(reader.house, rest) + (f"?{urlencode(query, safe=',/')}" if query else "")


def _first(connection: Reading, reader: Reader, name: str) -> list[Any]:
    """A type's first items in their natural order."""
    return list(page(connection, reader, Question(content_type(name), size=10), Restriction(None)).rows)
