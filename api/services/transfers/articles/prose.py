"""Parts of an article as CommonMark in the house's own hand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from bs4 import BeautifulSoup
from markdownify import ATX, MarkdownConverter

from schemas import rich_text
from schemas.rich_text import links
from schemas.rich_text.markdown import tidy

_PLACEHOLDER = re.compile(r"\{(?=\{)")
LONGEST = 100_000
"""Characters of HTML that become one text; what is stored of it is less than a third."""
SENTENCE = re.compile(r"[.!?…](?=\s|$)")


class _Converter(MarkdownConverter):
    """Everything that could be markup in the words is escaped; `tidy` takes off what is not needed."""

    def escape(self, text: str, parent_tags: Any) -> str:
        escaped: str = re.sub(r"([\\`*_\[\]<>&#|~])", r"\\\1", text) if text else ""
        return escaped

    def convert_img(self, el: Any, text: str, parent_tags: Any) -> str:
        return ""

    def convert_a(self, el: Any, text: str, parent_tags: Any) -> str:
        href = str(el.get("href") or "")
        if not text.strip() or not isinstance(links.address(href), str) or re.search(r"[\s<>()\\]", href):
            return text
        return f"[{text.strip()}]({href})"


def markdown(nodes: Sequence[Any]) -> str:
    """CommonMark of some elements, "" where nothing is in them."""
    html = "".join(str(each) for each in nodes)
    if len(html) > LONGEST:
        return html[: LONGEST + 1]  # Far beyond what a text holds, it is refused; to convert it would take its time.
    made = _Converter(heading_style=ATX, bullets="-", autolinks=False, table_infer_header=True).convert_soup(
        BeautifulSoup(f"<div>{html}</div>", "html.parser")
    )
    text = re.sub(r"\n{3,}", "\n\n", literal(made).replace("\xa0", " ")).strip()
    return tidy(text).strip() if text else ""


def literal(text: str) -> str:
    """Two braces name a placeholder here; in the words of others they mean themselves."""
    return _PLACEHOLDER.sub("{ ", rich_text_clean(text))


def rich_text_clean(text: str) -> str:
    """Without characters that no text holds."""
    return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u200b\ufeff]", "", text)


def shortened(text: str, longest: int) -> str:
    """At most so many characters: whole sentences where one ends in time, else whole words."""
    if len(text) <= longest:
        return text
    ends = [found.end() for found in SENTENCE.finditer(text[:longest])]
    if ends and ends[-1] > longest // 3:
        return text[: ends[-1]]
    return text[: longest - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"


def plain(text: str) -> str:
    """CommonMark as words alone."""
    nothing = rich_text.Resolver({}, {}, {})
    return " ".join(rich_text.to_text(text, nothing).split())
