"""Links: which addresses rich text may hold, and which entries and terms it refers to."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from markdown_it.common.normalize_url import normalizeLink

from schemas.rich_text.parse import Node, tree
from schemas.rich_text.placeholders import PATTERN


@dataclass(frozen=True, slots=True)
class Link:
    """A reference to another entry, or to a word of the glossary, by id."""

    kind: Literal["entry", "term"]
    id: str


def references(markdown: str) -> list[Link]:
    """The entries and terms that the text links to: in order of first use, each once."""
    found = (target(node) for node in tree(markdown).walk() if node.type == "link")
    return list(dict.fromkeys(link for link in found if isinstance(link, Link)))


def target(node: Node) -> Link | str | None:
    """What a link node points at, as `address` tells it."""
    return address(href(node))


def href(node: Node) -> str:
    """A link node's address, with the placeholders in it as they were written."""
    return readable(str(node.attrs.get("href", "")))


def readable(url: str) -> str:
    """A percent-encoded address with the placeholders in it as they were written."""
    return _ENCODED.sub(r"{{\1}}", url)


def address(url: str) -> Link | str | None:
    """Judge an address: a Link, an address that may be given out (it may hold placeholders), or None if refused."""
    if own := _OWN.fullmatch(url):
        return Link("entry" if own[1] == "entry" else "term", own[2])
    return url if _ALLOWED.fullmatch(url) else None


def fill_href(url: str, values: Mapping[str, str]) -> str | None:
    """The address with its placeholders filled; None if a value is missing or the whole is no address to give out."""
    if "{{" not in url:
        return url
    if not all(values.get(name, "").strip() for name in PATTERN.findall(url)):
        return None
    filled = normalizeLink(PATTERN.sub(lambda found: "".join(values[found[1]].split()), url))
    return filled if _PLAIN.fullmatch(filled) else None


def is_external(url: str) -> bool:
    """Whether an address may lead to another site."""
    return url.lower().startswith(("http:", "https:", "{{"))


_ENCODED = re.compile(PATTERN.pattern.replace(r"\{\{", "%7B%7B").replace(r"\}\}", "%7D%7D"))

_OWN = re.compile(r"(entry|term):([a-z]{3}_[a-z0-9]+)")

_WEB = r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?(?:[/?#][^{}]*)?"
_OTHER = r"(?:mailto|tel):[^{}]+|/(?:[^/{}][^{}]*)?|#[^{}]*"

_PLAIN = re.compile(f"{_WEB}|{_OTHER}", re.IGNORECASE)
# A placeholder is a whole address or all that follows its scheme: elsewhere its value could change what is meant.
_ALLOWED = re.compile(f"{_WEB}|{_OTHER}|(?:(?:mailto|tel):)?{PATTERN.pattern}", re.IGNORECASE)
