"""HTML of strangers: what is left out of it and why, and the tree of what stays."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

import nh3
from bs4 import BeautifulSoup, Tag

from api.services.transfers.columns import BadLine

LONGEST = 500_000
LONGEST_ADDRESS = 1_000
MOST_ELEMENTS = 10_000
DEEPEST = 60
"""Elements inside each other; deeper ones are no article, and dear to walk."""
KEPT = {
    "a", "abbr", "article", "b", "blockquote", "body", "br", "cite", "code", "dd", "details", "div", "dl", "dt", "em",
    "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "i", "kbd", "li", "main", "mark", "ol",
    "p", "pre", "q", "s", "section", "small", "span", "strong", "sub", "summary", "sup", "table", "tbody", "td",
    "tfoot", "th", "thead", "tr", "u", "ul",
}  # fmt: skip
GONE = {"script", "style", "noscript", "template", "iframe", "object", "embed", "form", "nav", "footer", "aside", "svg",
        "video", "audio", "canvas", "math", "select", "textarea", "button", "title", "head"}  # fmt: skip
"""Elements that go with all that is in them."""
NAMED = {"script": "scripts", "style": "styles", "iframe": "frames", "object": "objects", "embed": "objects",
         "form": "forms", "svg": "drawings (SVG)", "video": "videos", "audio": "sounds", "img": "pictures",
         "picture": "", "nav": "navigation", "footer": "footers", "aside": "asides"}  # fmt: skip
EMPTY_PAIRS = 5
TO_SEND = " Send what you may show to POST /v1/manage/media, and name one in the text's `image`."
"""A file of words brings no pictures, and nothing is fetched from where it says that they are."""
_SHORTCODE = re.compile(r"\[(/?)([a-z][a-z0-9_-]{1,40})((?:\s[^\[\]]{0,500})?)/?\]", re.IGNORECASE)
_KNOWN = {"gallery", "caption", "embed", "video", "audio", "playlist", "contact-form-7", "wpforms", "vc_row", "button"}
_BLOCK = re.compile(
    r"\s*</?(?:p|div|h[1-6]|ul|ol|li|table|blockquote|figure|pre|section|details|dl|hr)\b", re.IGNORECASE
)


@dataclass
class Cleaned:
    """The tree of what stays, what the head of the page said, and sentences of what was left out."""

    tree: Tag
    about: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def cleaned(html: str, base: str | None = None) -> Cleaned:
    """Take a page or part of one. Raises BadLine for one that is too long or too deep."""
    if len(html) > LONGEST:
        raise BadLine(f"The article has {len(html)} characters; {LONGEST} is the most.")
    text, shortcodes = without_shortcodes(html)
    seen = _Seen()
    seen.feed(text)
    if seen.deepest > DEEPEST * 4:
        raise BadLine(f"The article's elements are nested more than {DEEPEST} deep.")
    safe = nh3.clean(
        _paragraphs(text), tags=KEPT, clean_content_tags=GONE, strip_comments=True,
        attributes={"a": {"href", "title"}, "*": {"class"}}, link_rel=None,
        url_schemes={"http", "https", "mailto", "tel"},
    )  # fmt: skip
    tree = BeautifulSoup(safe, "html.parser")
    if len(tree.find_all(limit=MOST_ELEMENTS)) == MOST_ELEMENTS:
        raise BadLine(f"The article has more than {MOST_ELEMENTS} elements.")
    if _depth(tree) > DEEPEST:
        raise BadLine(f"The article's elements are nested more than {DEEPEST} deep.")
    for link in tree.find_all("a"):
        _settle(link, base)
    notes = [*seen.notes(), *(f"Left out: the shortcode [{name}], {count} times." if count > 1 else
             f"Left out: the shortcode [{name}]." for name, count in shortcodes.items())]  # fmt: skip
    return Cleaned(tree, seen.about, notes)


def words(node: Any) -> str:
    """The text of an element on one line."""
    return " ".join(node.get_text(" ").split())


def without_shortcodes(html: str) -> tuple[str, Counter[str]]:
    """Take WordPress's shortcodes out; a word in brackets that is none stays."""
    found = list(_SHORTCODE.finditer(html))
    closed = {each[2].lower() for each in found if each[1]}
    gone = Counter[str]()

    def replace(each: re.Match[str]) -> str:
        name = each[2].lower()
        if not (each[1] or name in closed or name in _KNOWN or "=" in each[3]):
            return each[0]
        gone[name] += not each[1]
        return " "

    return _SHORTCODE.sub(replace, html), gone


def _paragraphs(html: str) -> str:
    """What WordPress's classic editor leaves to be done: an empty line parts paragraphs."""
    if re.search(r"<p[\s>]", html, re.IGNORECASE):
        return html
    parts = re.split(r"\n[ \t\r]*\n", html)
    return "\n".join(each if not each.strip() or _BLOCK.match(each) else f"<p>{each}</p>" for each in parts)


def page_address(said: str) -> str | None:
    """The address of a page on the web as a file says it; None for what is none."""
    try:
        parts = urlsplit(said)
        named = parts.scheme in ("http", "https") and parts.hostname
    except ValueError:
        return None
    return said if named and len(said) <= LONGEST_ADDRESS and not re.search(r"\s", said) else None


def _depth(tree: Tag) -> int:
    deepest, ahead = 0, [(tree, 0)]
    while ahead:
        node, depth = ahead.pop()
        deepest = max(deepest, depth)
        ahead += [(each, depth + 1) for each in node.children if isinstance(each, Tag)]
    return deepest


def _settle(link: Tag, base: str | None) -> None:
    """A link by its whole address; one that leads nowhere loses its link, not its words."""
    target = str(link.get("href") or "").strip()
    if base and target and not target.startswith("#"):
        try:
            target = urljoin(base, target)
        except ValueError:
            target = ""
    if not target or not target.startswith(("http://", "https://", "mailto:", "tel:", "/")):
        link.unwrap()
        return
    link["href"] = target.replace(" ", "%20")


class _Seen(HTMLParser):
    """Notes what is going to be left out, and what the head says of the page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.about: dict[str, str] = {}
        self.deepest = self._depth = 0
        self._left: dict[str, Counter[str]] = {}
        self._title = False
        self._lang = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag not in ("br", "img", "hr", "meta", "link", "input", "source", "wbr", "col", "area", "p", "li"):
            self._depth += 1
            self.deepest = max(self.deepest, self._depth)
        if NAMED.get(tag):
            self._left.setdefault(NAMED[tag], Counter())[_called(said)] += 1
        self._title = tag == "title"
        if tag == "html":
            self.about.setdefault("lang", said.get("lang", "")[:35])
        if tag == "meta" and said.get("content"):
            self.about.setdefault(said.get("name") or said.get("property") or "", said["content"][:1_000])
        if tag == "link" and "canonical" in said.get("rel", ""):
            self.about.setdefault("canonical", said.get("href", "")[:1_000])

    def handle_endtag(self, tag: str) -> None:
        self._title = False
        if tag not in ("p", "li"):
            self._depth = max(0, self._depth - 1)

    def handle_data(self, data: str) -> None:
        if self._title and data.strip():
            self.about.setdefault("title", " ".join(data.split())[:300])

    def notes(self) -> list[str]:
        """A sentence for each kind of thing that is left out, naming the first few."""
        found = []
        for what, named in self._left.items():
            names = [name for name in named if name]
            told = f": {', '.join(names[:EMPTY_PAIRS])}" + (" …" if len(names) > EMPTY_PAIRS else "") if names else ""
            found.append(f"Left out: {what} ({named.total()}){told}.{TO_SEND if what == 'pictures' else ''}")
        return found


def _called(said: dict[str, str]) -> str:
    """What something that is left out is known by: its file, and its words for those who don't see it."""
    address = said.get("src") or said.get("data") or said.get("action") or ""
    try:
        parts = urlsplit(address) if not address.startswith("data:") else urlsplit("")
    except ValueError:
        parts = urlsplit("")
    name = (parts.path.rsplit("/", 1)[-1] or parts.netloc)[:80]
    return f"{name} “{said['alt'][:80]}”" if said.get("alt") else name
