"""Generated demo topics: as many as a load test needs, the same ones each time."""

from __future__ import annotations

import random
import tomllib
from bisect import bisect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from pathlib import Path
from string import Formatter
from typing import Any, NamedTuple

from slugify import slugify

from schemas.aspects import ASPECTS
from schemas.content.topic import KINDS

LOCALES = ("en", "es")
SAFETY = frozenset({"preparing", "aftercare", "suitability", "risks"})
CATEGORIES = (["acne-scars"], ["skin-basics"], ["acne-scars", "skin-basics"])

# How many words of each list one topic uses: far fewer than there are, so that rare ones stay rare.
PALETTE = {"concern": 5, "area": 5, "method": 4, "habit": 6, "question": 7, "thing": 6, "moment": 6, "angle": 1}
SECOND = {"other": "concern", "partner": "method"}
"""A slot that takes another word of the list that the sentence has named already."""


@dataclass(frozen=True)
class Generated:
    """One topic: `texts` as {locale: (slug, document)}, in the stored shape of a topic."""

    key: str
    texts: dict[str, tuple[str, dict[str, Any]]]


def generated(count: int, start: int = 1) -> Iterator[Generated]:
    """Topics number `start` to `start + count - 1`; a number gives the same topic whatever was asked for before."""
    for number in range(start, start + count):
        topic = _topic(_Writer(random.Random(number)))
        documents = {locale: _spoken(topic, index) for index, locale in enumerate(LOCALES)}
        texts = {locale: (_slug(document["title"], number), document) for locale, document in documents.items()}
        yield Generated(f"scale-{number:06}", texts)


class _Both(NamedTuple):
    """One text in both languages, in the order of LOCALES."""

    en: str
    es: str


class _Writer:
    """Says sentences with a few words of each list, the first of which are what the topic is about."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.palette = {name: self._several(name, count) for name, count in PALETTE.items()}

    def say(self, sentence: Sequence[str], *, plainly: bool = False) -> _Both:
        """The sentence with its words filled in; `plainly` with those that the topic is about."""
        words: dict[str, _Both] = {}
        for name in _slots(sentence[0]):
            words[name] = self._word(name, words, plainly)
        english, spanish = (
            text.format_map({name: word[index] for name, word in words.items()}) for index, text in enumerate(sentence)
        )
        return _Both(_capital(english), _capital(spanish.replace(" de el ", " del ").replace(" a el ", " al ")))

    def _word(self, name: str, words: Mapping[str, _Both], plainly: bool) -> _Both:
        if name in SECOND:
            first = SECOND[name]
            return self.rng.choice([word for word in self.palette[first] if word != words[first]])
        palette = self.palette[name]
        return palette[0] if plainly else self._drawn(palette, 1)

    def _several(self, name: str, count: int) -> list[_Both]:
        words, found = _words()[name], dict[_Both, None]()
        while len(found) < count:
            found[self._drawn(words, 1.5)] = None
        return list(found)

    def _drawn(self, words: Sequence[_Both], exponent: float) -> _Both:
        weights = _zipf(len(words), exponent)
        return words[bisect(weights, self.rng.random() * weights[-1], hi=len(words) - 1)]


def _topic(writer: _Writer) -> dict[str, Any]:
    """A topic's document with _Both where a text stands."""
    rng, told = writer.rng, _sentences()
    kind = rng.choice(KINDS)
    title = writer.say(told["titles"][kind], plainly=True)
    summary = writer.say(rng.choice(told["summaries"]), plainly=True)
    return {
        "kind": kind,
        "title": title,
        "summary": summary,
        "position": rng.randint(100, 999),
        "categories": list(rng.choice(CATEGORIES)),
        "facts": _facts(writer),
        "sections": _sections(writer),
        "related": [],
        "faqs": [],
        "image": None,
        "cta": None,
        "seo": {"title": title, "description": summary, "robots": "noindex, follow"},
    }


def _facts(writer: _Writer) -> list[dict[str, Any]]:
    rng, told = writer.rng, _sentences()
    return [
        {
            "key": key,
            "label": _Both(*fact["label"]),
            "value": None,
            "text": writer.say(fact["text"], plainly=True),
            "depends_on": [_Both(*each) for each in rng.sample(told["depends_on"], rng.randint(1, 2))],
        }
        for key, fact in _some(rng, told["facts"], rng.randint(3, 6))
    ]


def _sections(writer: _Writer) -> list[dict[str, Any]]:
    rng, told = writer.rng, _sentences()
    rest = {aspect: told["aspects"][aspect] for aspect in ASPECTS if aspect != "overview"}
    chosen = [("overview", told["aspects"]["overview"]), *_some(rng, rest, rng.randint(5, 8))]
    general = rng.sample(told["general"], len(told["general"]))
    listed = set(rng.sample(range(len(chosen)), rng.randint(1, 4)))
    sections = []
    for place, ((aspect, words), length) in enumerate(zip(chosen, _lengths(rng, len(chosen)), strict=True)):
        own = list(words["sentences"]) + [general.pop()]
        said = [writer.say(sentence) for sentence in rng.sample(own, length - (aspect == "overview"))]
        said = [_Both(*told["demo"]), *said] if aspect == "overview" else said
        sections.append({
            "aspect": aspect,
            "title": _Both(*rng.choice(words["titles"])),
            "safety": aspect in SAFETY,
            "standalone": True,
            "body": _body(writer, said, place in listed),
            "citations": [],
        })
    return sections


def _lengths(rng: random.Random, sections: int) -> list[int]:
    """How many sentences each section has: 2 to 6, and at least 36 together, so that no document is a small one."""
    least = rng.randint(2, 5)
    lengths = [rng.randint(least, 6) for _ in range(sections)]
    while sum(lengths) < 36:
        lengths[lengths.index(min(lengths))] += 1
    return lengths


def _body(writer: _Writer, said: list[_Both], listed: bool) -> _Both:
    """CommonMark: one or two paragraphs, then perhaps a list."""
    cut = writer.rng.randint(2, len(said))
    parts = [_joined(" ", part) for part in (said[:cut], said[cut:]) if part]
    return _joined("\n\n", [*parts, *(_list(writer) if listed else ())])


def _list(writer: _Writer) -> tuple[_Both, _Both]:
    name, before = writer.rng.choice(list(_sentences()["lists"].items()))
    items = writer.rng.sample(writer.palette[name], writer.rng.randint(3, 5))
    return _Both(*before), _joined("\n", [_Both(f"- {item.en}", f"- {item.es}") for item in items])


def _joined(separator: str, texts: list[_Both]) -> _Both:
    return _Both(separator.join(text.en for text in texts), separator.join(text.es for text in texts))


def _some(rng: random.Random, table: Mapping[str, Any], count: int) -> list[tuple[str, Any]]:
    """`count` rows of a table, in its order."""
    chosen = set(rng.sample(list(table), count))
    return [(key, row) for key, row in table.items() if key in chosen]


def _spoken(value: Any, index: int) -> Any:
    """The value with one of its languages."""
    if isinstance(value, _Both):
        return value[index]
    if isinstance(value, dict):
        return {name: _spoken(each, index) for name, each in value.items()}
    return [_spoken(each, index) for each in value] if isinstance(value, list) else value


def _slug(title: str, number: int) -> str:
    return f"{slugify(title, max_length=80, word_boundary=True)}-{number}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


@cache
def _slots(sentence: str) -> tuple[str, ...]:
    return tuple(name for _, name, _, _ in Formatter().parse(sentence) if name)


@cache
def _zipf(count: int, exponent: float) -> list[float]:
    """Cumulative weights by Zipf's law: a few words are everywhere, most are rare."""
    return list(accumulate(rank**-exponent for rank in range(1, count + 1)))


@cache
def _words() -> dict[str, list[_Both]]:
    return {name: [_Both(*word) for word in words] for name, words in _read("words.toml").items()}


@cache
def _sentences() -> dict[str, Any]:
    return _read("sentences.toml")


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "content" / "scale" / name).read_text(encoding="utf-8"))
