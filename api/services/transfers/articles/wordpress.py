"""A WordPress export file (WXR), item by item: nothing of it is in memory but the item that is being read.

Entities, document types and external parts are refused by the parser (OWASP ASVS 1.5.1).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, ParseError

from api.services.transfers.articles.markup import LONGEST, cleaned, page_address
from api.services.transfers.articles.proposal import Article, proposed
from api.services.transfers.columns import BadLine
from api.services.transfers.incoming import Incoming, Reading, fault

CHUNK = 65_536
DEEPEST = 50
TAKEN = ("post", "page")
NOT_TAKEN = ("trash", "auto-draft", "inherit")
META = ("_yoast_wpseo_title", "_yoast_wpseo_metadesc", "rank_math_title", "rank_math_description")
FIELDS = {"title", "link", "content:encoded", "excerpt:encoded", "wp:post_id", "wp:post_name", "wp:post_type",
          "wp:status", "wp:post_password"}  # fmt: skip
SPACES = {
    "http://purl.org/rss/1.0/modules/content/": "content", "http://purl.org/dc/elements/1.1/": "dc",
}  # fmt: skip


def read(path: Path, asked: dict[str, Any]) -> Reading:
    """The articles of an export file as proposals. Raises BadLine for what is no such file."""
    left_out = Counter[str]()
    return Reading(_rows(path, asked, left_out), left_out)


def _rows(path: Path, asked: dict[str, Any], left_out: Counter[str]) -> Iterator[Incoming]:
    target = _Items()
    parser = DefusedXMLParser(target=target, forbid_dtd=True)
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                parser.feed(chunk)
                for item in target.taken():
                    yield from _of_item(item, target, asked, left_out)
        parser.close()
    except DefusedXmlException:
        raise BadLine("The file declares a document type or entities: none are read from strangers.") from None
    except ParseError as error:
        raise BadLine(f"The file is no XML that can be read: {error}.") from None
    if not target.rss:
        raise BadLine("The file is no WordPress export: it holds no rss channel.")


def _of_item(item: dict[str, Any], target: _Items, asked: dict[str, Any], left_out: Counter[str]) -> Iterator[Incoming]:
    kind, status = item.get("wp:post_type", "post"), item.get("wp:status", "publish")
    left_out["comment"] += item["comments"]
    if kind not in TAKEN:
        left_out[kind[:40]] += 1
        return
    if status in NOT_TAKEN or item.get("wp:post_password"):
        left_out["protected" if item.get("wp:post_password") else status[:40]] += 1
        return
    row = Incoming(item["line"], "topic", asked.get("clinic") or "", _locale(item, target, asked))
    if item["overlong"]:
        row.faults.append(fault("/document", "too_large", f"The article has more than {LONGEST} characters."))
        yield row
        return
    try:
        yield from proposed(_article(item, row.locale, asked), cleaned(item.get("content:encoded", ""), _address(item)))
    except BadLine as error:
        row.faults.append(fault("/document", "malformed", str(error)))
        yield row


def _article(item: dict[str, Any], locale: str, asked: dict[str, Any]) -> Article:
    meta = item["meta"]
    told = {name: _told(meta.get(f"_yoast_wpseo_{short}") or meta.get(f"rank_math_{long}") or "")
            for name, short, long in (("seo_title", "title", "title"),
                                      ("seo_description", "metadesc", "description"))}  # fmt: skip
    excerpt = " ".join(cleaned(item.get("excerpt:encoded", "")).tree.get_text(" ").split())
    return Article(
        item["line"], f"wp:{item.get('wp:post_id', '')[:40]}", " ".join(item.get("title", "").split())[:500],
        slug_of(item.get("wp:post_name", "")), locale, asked.get("clinic") or "",
        summary=excerpt or told["seo_description"], address=_address(item), kind=asked.get("kind") or "treatment",
        category=asked.get("faq_category") or "", **told,
    )  # fmt: skip


def _told(text: str) -> str:
    """What an SEO plugin keeps, unless it is a template of it."""
    return "" if "%" in text else " ".join(text.split())


def _address(item: dict[str, Any]) -> str | None:
    return page_address(item.get("link", "").strip())


def slug_of(name: str) -> str:
    """A page's name as a slug, "" where it gives none."""
    from slugify import slugify

    return slugify(name, max_length=96)


def _locale(item: dict[str, Any], target: _Items, asked: dict[str, Any]) -> str:
    """The language that was asked for, else the item's own (Polylang), else the site's."""
    own = item.get("language", "")
    return str(asked.get("locale") or own or target.language.partition("-")[0] or "")


class _Items:
    """What the parser tells, kept as one dictionary an item; bounded, whatever the file holds."""

    def __init__(self) -> None:
        self.rss, self.language, self.count = False, "", 0
        self._done: list[dict[str, Any]] = []
        self._item: dict[str, Any] | None = None
        self._path: list[str] = []
        self._text: list[str] = []
        self._length = 0
        self._key = ""

    def taken(self) -> list[dict[str, Any]]:
        """The items that ended since the last call."""
        done, self._done = self._done, []
        return done

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = _name(tag)
        self._path.append(name)
        if len(self._path) > DEEPEST:
            raise BadLine(f"The file's elements are nested more than {DEEPEST} deep.")
        self.rss = self.rss or name == "channel"
        if name == "item" and self._item is None:
            self.count += 1
            self._item = {"line": self.count, "meta": {}, "comments": 0, "overlong": False}
        if self._item is not None and name == "category" and attributes.get("domain") == "language":
            self._item["language"] = attributes.get("nicename", "")[:35]
        self._text, self._length = [], 0

    def data(self, text: str) -> None:
        self._length += len(text)
        if self._length <= LONGEST:
            self._text.append(text)
        elif self._item is not None:
            self._item["overlong"] = True

    def end(self, tag: str) -> None:
        name, text = self._path.pop(), "".join(self._text)
        self._text, self._length = [], 0
        item = self._item
        if item is None:
            if name == "language" and self._path[-1:] == ["channel"]:
                self.language = text.strip()[:35]
            return
        if name == "item":
            self._done.append(item)
            self._item = None
        elif name == "wp:comment":
            item["comments"] += 1
        elif name == "wp:meta_key":
            self._key = text
        elif name == "wp:meta_value" and self._key in META:
            item["meta"][self._key] = text[:1_000]
        elif name in FIELDS and self._path[-1:] == ["item"]:
            item[name] = text

    def close(self) -> None:
        """Nothing is left to tell."""


def _name(tag: str) -> str:
    """`{http://wordpress.org/export/1.2/}post_id` as `wp:post_id`."""
    space, _, name = tag.rpartition("}")
    space = space.lstrip("{")
    if not space:
        return name
    if space.startswith("http://wordpress.org/export/"):
        return f"excerpt:{name}" if space.rstrip("/").endswith("excerpt") else f"wp:{name}"
    return f"{SPACES.get(space, '?')}:{name}"
