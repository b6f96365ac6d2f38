"""One article as a page of HTML, or as Markdown with what stands at its head."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt

from api.services.transfers.articles.markup import LONGEST, Cleaned, cleaned, page_address, words
from api.services.transfers.articles.proposal import Article, proposed
from api.services.transfers.articles.wordpress import slug_of
from api.services.transfers.columns import BadLine
from api.services.transfers.incoming import Incoming, Reading

_HEAD = re.compile(r"\A---[ \t]*\r?\n(.{0,5000}?)\r?\n---[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_MEMBER = re.compile(r"^([A-Za-z_-]{1,40}):[ \t]*(.{0,1000})$", re.MULTILINE)


def read(path: Path, asked: dict[str, Any], *, markdown: bool) -> Reading:
    """The article of a file as proposals. Raises BadLine for one that is too long, too deep, or not UTF-8."""
    return Reading(_rows(path, asked, markdown))


def _rows(path: Path, asked: dict[str, Any], markdown: bool) -> Iterator[Incoming]:
    if path.stat().st_size > LONGEST * 4:
        raise BadLine(f"The article has more than {LONGEST} characters.")
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadLine("The article is not UTF-8.") from None
    about: dict[str, str] = {}
    if markdown:
        about, text = _of_markdown(text)
    content = cleaned(text, page_address(about.get("url", "")))
    content.about |= about
    yield from proposed(_article(content, asked), content)


def _of_markdown(text: str) -> tuple[dict[str, str], str]:
    """(what stands at the head between `---`, the rest as HTML)."""
    if len(text) > LONGEST:
        raise BadLine(f"The article has {len(text)} characters; {LONGEST} is the most.")
    about: dict[str, str] = {}
    if head := _HEAD.match(text):
        about = {name.lower(): value.strip().strip("\"'") for name, value in _MEMBER.findall(head[1])}
        text = text[head.end() :]
    parser = MarkdownIt("commonmark", {"html": True, "maxNesting": 40}).enable("table")
    return about, parser.render(text)


def _article(content: Cleaned, asked: dict[str, Any]) -> Article:
    about = content.about
    first = content.tree.find("h1")
    title = words(first) if first is not None else about.get("og:title") or about.get("title") or ""
    address = page_address(about.get("url") or about.get("canonical") or about.get("og:url") or "")
    summary = about.get("summary") or about.get("description") or about.get("og:description") or ""
    slug = slug_of(about.get("slug") or (address or "").rstrip("/").rpartition("/")[2] or title)
    locale = asked.get("locale") or about.get("locale") or about.get("lang", "").partition("-")[0]
    return Article(
        1, f"page:{address or slug}", title[:500], slug, locale,
        asked.get("clinic") or "", summary=summary, seo_title=about.get("title", "") if first is not None else "",
        seo_description=about.get("description", ""), address=address, kind=asked.get("kind") or "treatment",
        category=asked.get("faq_category") or "",
    )  # fmt: skip
