"""An article becomes a proposal: a topic with its sections by aspect, and its questions, with word of every choice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from bs4 import Tag
from slugify import slugify

from api.rules.headings import asks, aspect_of, opens_questions
from api.services.transfers.articles.markup import Cleaned, words
from api.services.transfers.articles.prose import literal, markdown, plain, shortened
from api.services.transfers.incoming import Incoming
from schemas.aspects import ASPECTS

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
WRAPS = ("div", "section", "article", "main", "body", "header", "span", "[document]")
QUESTION = ("schema-faq-question", "rank-math-question", "faq-question", "accordion-title", "toggle-title")
ANSWER = ("schema-faq-answer", "rank-math-answer", "faq-answer", "accordion-content", "toggle-content")
SAFETY = ("preparing", "aftercare", "suitability", "risks")
LONGEST_TITLE, LONGEST_SUMMARY, LONGEST_QUESTION, LONGEST_ANSWER, LONGEST_BODY = 120, 300, 200, 5_000, 30_000
MOST_QUESTIONS = 100
TO_SETTLE = "The kind ({}) and the categories are yours to settle."


@dataclass
class Article:
    """What is known of an article beside its words."""

    line: int
    key: str
    title: str
    slug: str
    locale: str
    clinic: str | None
    summary: str = ""
    seo_title: str = ""
    seo_description: str = ""
    address: str | None = None
    kind: str = "treatment"
    category: str = ""
    """The FAQ category that its questions are put into."""


@dataclass
class _Section:
    title: str
    aspect: str
    nodes: list[Any] = field(default_factory=list)


@dataclass
class _Parts:
    """An article taken apart."""

    sections: dict[str, _Section] = field(default_factory=dict)
    questions: list[tuple[str, list[Any]]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def proposed(article: Article, content: Cleaned) -> Iterator[Incoming]:
    """The questions of an article, then its topic, which refers to them."""
    parts = _apart(article, content.tree)
    notes = [*content.notes, *parts.notes]
    refs = []
    for row in _questions(article, parts, notes):
        refs.append({"type": "faq", "external_key": row.external_key})
        yield row
    yield _topic(article, parts, refs, notes)


def _topic(article: Article, parts: _Parts, refs: list[Any], notes: list[str]) -> Incoming:
    sections = [made for aspect in ASPECTS if (each := parts.sections.get(aspect)) and (made := _section(each, notes))]
    first = plain(sections[0]["body"]) if sections else ""
    title = shortened(literal(article.title).strip() or article.slug or "Untitled", LONGEST_TITLE)
    summary = shortened(literal(article.summary).strip() or first or title, LONGEST_SUMMARY)
    seo = {
        "title": shortened(literal(article.seo_title), LONGEST_TITLE) or None,
        "description": shortened(literal(article.seo_description), LONGEST_SUMMARY) or None,
    }
    named = ", ".join(each["aspect"] for each in sections) or "none"
    asked = f"; {len(refs)} question{'s' if len(refs) > 1 else ''}" if refs else ""
    return Incoming(
        article.line, "topic", article.clinic, article.locale, article.slug or _slug(title),
        {"kind": article.kind, "title": title, "summary": summary, "sections": sections, "faqs": refs,
         "seo": seo if any(seo.values()) else None},
        external_key=article.key, address=article.address,
        notes=[f"Taken: sections {named}{asked}.", TO_SETTLE.format(article.kind), *notes],
    )  # fmt: skip


def _section(part: _Section, notes: list[str]) -> dict[str, Any] | None:
    body = markdown(part.nodes)
    if not body:
        return None
    if len(body) > LONGEST_BODY:
        notes.append(f"The section {part.aspect} is longer than {LONGEST_BODY} characters: part it before you import.")
    title = shortened(literal(part.title).strip() or part.aspect.capitalize(), LONGEST_TITLE)
    return {"aspect": part.aspect, "title": title, "safety": part.aspect in SAFETY, "standalone": True, "body": body}


def _questions(article: Article, parts: _Parts, notes: list[str]) -> Iterator[Incoming]:
    seen: set[str] = set()
    for question, nodes in parts.questions[:MOST_QUESTIONS]:
        asked, answer = shortened(literal(question).strip(), LONGEST_QUESTION), markdown(nodes)
        slug = _slug(asked)
        if not answer or not slug or slug in seen:
            notes.append(f"Left out: the question “{asked}”, which {'stands twice' if answer else 'has no answer'}.")
            continue
        seen.add(slug)
        said = []
        if len(answer) > LONGEST_ANSWER:
            answer, said = shortened(plain(answer), LONGEST_ANSWER), ["The answer was cut: it was too long for one."]
        yield Incoming(
            article.line, "faq", article.clinic, article.locale, slug,
            {"kind": "question", "question": asked, "answer": answer, "category": article.category or None},
            external_key=f"{article.key}#{slug}",
            notes=[f"A question of “{article.title[:120]}”; its category is yours to settle.", *said],
        )  # fmt: skip


def _slug(text: str) -> str:
    return slugify(text, max_length=80, word_boundary=True)


def _apart(article: Article, tree: Tag) -> _Parts:
    """Walk the blocks of an article once: headings open sections or questions, all else goes into what is open."""
    parts = _Parts()
    walk = _Walk(parts)
    for node in _blocks(tree):
        if isinstance(node, Tag) and node.name in HEADINGS:
            walk.heading(node, article.title)
        elif isinstance(node, Tag) and (pair := _pairs(node)):
            walk.close()
            parts.questions += pair
        else:
            walk.put(node)
    walk.close()
    return parts


@dataclass
class _Walk:
    """What is open while the blocks go by."""

    parts: _Parts
    section: _Section | None = None
    question: tuple[str, list[Any]] | None = None
    level: int = 0
    """Of the heading below which questions stand, 0 outside of such."""

    def heading(self, node: Tag, title: str) -> None:
        text, level = words(node), int(node.name[1])
        if not text or (level == 1 and not self.parts.sections and self.section is None):
            return
        inside = 0 < self.level < level
        if not inside:
            self.level = 0
        if opens_questions(text):
            self.close()
            self.level = level
        elif inside or (asks(text) and aspect_of(text) is None):
            self.close()
            self.question = (text, [])
        elif self.question is not None and level > 3:
            self.put(node)
        elif level <= 2 or aspect_of(text) is not None or self.section is None:
            self._open(node, text)
        else:
            self.put(node)

    def _open(self, node: Tag, text: str) -> None:
        aspect = aspect_of(text)
        under = self.section.aspect if self.section is not None else "overview"
        self.close()
        if aspect is None:
            self.parts.notes.append(f"The heading “{text[:120]}” fits no aspect: its words stand in {under}.")
            self.section = self._of(under, text)
            self.section.nodes.append(node)
            return
        known = aspect in self.parts.sections
        self.section = self._of(aspect, text)
        if known:
            self.section.nodes.append(node)

    def _of(self, aspect: str, title: str) -> _Section:
        own = title if aspect_of(title) == aspect else ""
        return self.parts.sections.setdefault(aspect, _Section(own, aspect))

    def put(self, node: Any) -> None:
        if self.question is not None:
            self.question[1].append(node)
            return
        if self.section is None:
            if not (node if isinstance(node, str) else words(node)).strip():
                return
            self.section = self._of("overview", "")
        self.section.nodes.append(node)

    def close(self) -> None:
        """End the question that is open."""
        if self.question is not None:
            self.parts.questions.append(self.question)
            self.question = None


def _blocks(tree: Tag) -> Iterator[Any]:
    """Elements in their order, those that only wrap others taken off."""
    for node in tree.children:
        if isinstance(node, Tag) and node.name in WRAPS and not _pairs(node) and node.find([*HEADINGS, "details", "p"]):
            yield from _blocks(node)
        else:
            yield node


def _pairs(node: Tag) -> list[tuple[str, list[Any]]]:
    """Questions of a block that is made of them: an accordion, a list of terms, a block of an SEO plugin."""
    if node.name == "details" and (head := node.find("summary")) is not None:
        return [(words(head), [each for each in node.children if each is not head])] if words(head) else []
    if node.name == "dl":
        return _of_terms(node)
    asked: Sequence[Any] = node.find_all(class_=list(QUESTION))
    answers: Sequence[Any] = node.find_all(class_=list(ANSWER))
    told = sum(len(words(each)) for each in (*asked, *answers))
    # A block that says more than its questions and answers is walked through instead.
    if not asked or not answers or told < 0.8 * len(words(node)):
        return []
    return [(words(each), [answer]) for each, answer in zip(asked, answers, strict=False)]


def _of_terms(node: Tag) -> list[tuple[str, list[Any]]]:
    found: list[tuple[str, list[Any]]] = []
    for each in node.find_all(["dt", "dd"]):
        if each.name == "dt":
            found.append((words(each), []))
        elif found:
            found[-1][1].extend(each.children)
    return [pair for pair in found if pair[1]] if all(asks(question) for question, _ in found) else []
