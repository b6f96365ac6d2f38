"""The kinds of embed: what each shows, as the template needs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from api.embed.asking import Embedding
from api.errors import CmsError
from api.public import replying
from api.public.content import live_item
from api.queries import answers
from api.queries.filters import Condition
from api.queries.items import Item
from api.queries.lists import Question
from api.queries.reader import Wish
from schemas.content import content_type

COMPANION = "risks"
"""Whoever shows what a treatment promises shows this section with it."""
LISTS = ("steps", "questions_to_ask", "credentials", "green_flags", "red_flags", "consultation_checklist")
QUESTIONS_AT_MOST = 100
WITH_TOPICS = Wish("summary", {"topic": ("title", "sections")}, ("topics",), opened=True)
"""Questions, with what stands in the topics they belong to."""
Shown = dict[str, Any]
"""{kind, item, title, ...}: `item` is what the embed is of, None for a list."""


def topic(embedding: Embedding, slug: str) -> Shown:
    """A whole topic."""
    item = _item(embedding, "topic", slug)
    return {"kind": "topic", "item": item, "title": item["title"], "sections": item["sections"]}


def module(embedding: Embedding, slug: str, aspect: str) -> Shown:
    """One section of a topic, with the risks beside it where it is not about safety itself."""
    item = _item(embedding, "topic", slug)
    section = next((each for each in item["sections"] if each["aspect"] == aspect and each["standalone"]), None)
    if section is None:
        known = ", ".join(each["aspect"] for each in item["sections"] if each["standalone"]) or "none"
        detail = f"This topic has no section {aspect} that stands alone; it has {known}."
        raise replying.gone(embedding.ask, CmsError("not_found", detail), embedding.depends)
    sections = [section]
    if not section["safety"] and aspect != COMPANION:
        sections += [each for each in item["sections"] if each["aspect"] == COMPANION]
    return {"kind": "module", "item": item, "title": item["title"], "sections": sections}


def guide(embedding: Embedding, slug: str) -> Shown:
    """A guide as a list to tick."""
    item = _item(embedding, "guide", slug)
    lists = [{"key": name, **item[name]} for name in LISTS if item.get(name) and item[name]["items"]]
    return {"kind": "guide", "item": item, "title": item["title"], "lists": lists}


def questions(embedding: Embedding, slug: str) -> Shown:
    """What to ask, as a card."""
    item = _item(embedding, "guide", slug)
    asked = item["questions_to_ask"]
    if not asked or not asked["items"]:
        error = CmsError("not_found", "This guide has no questions to ask.")
        raise replying.gone(embedding.ask, error, embedding.depends)
    return {"kind": "questions", "item": item, "title": asked["title"], "lists": [{"key": "questions_to_ask", **asked}]}


def term(embedding: Embedding, slug: str) -> Shown:
    """A word of the glossary."""
    item = _item(embedding, "term", slug)
    return {"kind": "term", "item": item, "title": item["title"]}


def question(embedding: Embedding, slug: str) -> Shown:
    """One question with its answer, and the risks of what it is asked about."""
    answer = _answer(embedding, "faq", slug, replace(WITH_TOPICS, view="full"))
    item, companions = answer.given, _companions(answer.included)
    return {"kind": "question", "item": item, "title": item["question"], "companions": companions}


def faqs(embedding: Embedding) -> Shown:
    """Questions and answers, of a topic, of a category, or all."""
    ask, wanted, kind = embedding.ask, embedding.wanted, content_type("faq")
    embedding.admit("faq", None, ask.reader.locale)
    named = [(name, value) for name, value in (("topic", wanted.topic), ("category", wanted.category)) if value]
    conditions = tuple(Condition(name, "eq", (value,)) for name, value in named)
    asks = Question(kind, conditions, (("position", False),), QUESTIONS_AT_MOST)
    answer = answers.many(ask.connection, ask.reader, asks, WITH_TOPICS, count=False)
    _depend(embedding, answer.depends)
    lines = {each["review"]["line"] for each in answer.given if each["review"]}
    told: Shown = {"faqs": answer.given, "companions": _companions(answer.included)}
    told["review_line"] = lines.pop() if len(lines) == 1 else None
    told["of_one_topic"] = bool(wanted.topic) and len(told["companions"]) == 1
    return {"kind": "faqs", "item": None, "title": None, **told}


def _companions(topics: list[Any]) -> list[Shown]:
    """The risks of every treatment that the questions belong to: {title, locale, section}."""
    return [
        {**topic, "section": section}
        for topic in topics
        for section in topic["sections"]
        if section["aspect"] == COMPANION
    ]


def _item(embedding: Embedding, type_name: str, slug: str) -> Shown:
    item: Shown = _answer(embedding, type_name, slug, Wish("full", opened=True)).given
    return item


def _answer(embedding: Embedding, type_name: str, slug: str, wish: Wish) -> answers.Answer:
    ask, kind = embedding.ask, content_type(type_name)
    with replying.by_way_of(embedding.depends):  # Its terms say what may be named in place of what is not there.
        found: Item = live_item(ask, kind, slug, embedding.may)
    answer = answers.one(ask.connection, ask.reader, found, wish)
    _depend(embedding, answer.depends)
    embedding.admit(type_name, found.row.entry_id, found.row.locale)
    return answer


def _depend(embedding: Embedding, depends: Any) -> None:
    own = embedding.depends
    own.tags |= depends.tags
    own.modified = max(own.modified, depends.modified)
    own.ends(depends.until)


Kind = Callable[..., Shown]
ADDRESSES: dict[str, Kind] = {
    "topics/<slug>": topic,
    "topics/<slug>/modules/<aspect>": module,
    "faqs": faqs,
    "faqs/<slug>": question,
    "guides/<slug>": guide,
    "guides/<slug>/questions": questions,
    "terms/<slug>": term,
}
"""What stands below /embed/{clinic}/: each as a page, and with `.html` as a fragment."""
