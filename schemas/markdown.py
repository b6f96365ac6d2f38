"""An item as one Markdown page: its words, its review and its sources."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from marshmallow import fields

from schemas.content_type import ContentType
from schemas.parts import ChecklistSchema, FactSchema, Keyed, Picture, RichText, SectionSchema
from schemas.rich_text.markdown import shielded
from schemas.wording import say

_SPECIAL = str.maketrans({sign: f"\\{sign}" for sign in "\\`*_[]<>#|"})
_ENTITY = re.compile(r"&(?=\w+;)")


def markdown(content_type: ContentType, item: dict[str, Any]) -> str:
    """The page of a full item whose rich text was given out as Markdown."""
    parts = [f"# {_plain(item[content_type.title])}"]
    for name, kind in sorted(content_type.stored.items(), key=_place):
        if name != content_type.title and item.get(name):
            parts += _field(name, kind, item[name], item["locale"])
    parts += _closing(item)
    return "\n\n".join(part.strip("\n") for part in parts if part.strip()) + "\n"


def _place(stored: tuple[str, fields.Field[Any]]) -> int:
    """As a page is laid out: the summary, the picture, then everything in its own order."""
    name, kind = stored
    return 0 if name == "summary" else 1 if isinstance(kind, Picture) else 2


def _field(name: str, kind: fields.Field[Any], value: Any, locale: str) -> Iterator[str]:
    if isinstance(kind, RichText):
        yield value["value"]
    elif isinstance(kind, Keyed) and kind.part is SectionSchema:
        for section in value:
            yield f"## {_plain(section['title'])}"
            yield section["body"]["value"]
    elif isinstance(kind, Keyed) and kind.part is FactSchema:
        yield "\n".join(f"- **{_plain(fact['label'])}:** {_plain(fact['text'])}" for fact in value)
    elif isinstance(kind, fields.Nested) and isinstance(kind.schema, ChecklistSchema):
        yield f"## {_plain(value['title'])}"
        marks = (f"{number}." if name == "steps" else "-" for number in range(1, len(value["items"]) + 1))
        yield "\n".join(map(_line, marks, value["items"]))
    elif isinstance(kind, Picture):
        yield f"![{_plain(value['alt'])}]({value['src']})"
        yield shielded(" · ".join(_plain(value[name]) for name in ("caption", "credit") if value[name]))
    elif name in ("myth", "fact"):
        yield f"**{say(name, locale)}:** {_plain(value)}"
    elif name == "summary":
        yield shielded(_plain(value))


def _line(mark: str, item: dict[str, Any]) -> str:
    more = " ".join(_plain(item[name]) for name in ("detail", "why") if item[name])
    return f"{mark} **{_plain(item['title'])}**" + (f"  \n{' ' * len(mark)} {more}" if more else "")


def _closing(item: dict[str, Any]) -> Iterator[str]:
    sources = [each for section in item.get("sections") or [item] for each in section.get("citations") or []]
    if sources:
        yield f"## {say('sources', item['locale'])}"
        yield "\n".join(_source(each) for each in sources)
    if item.get("notice") or item.get("review"):
        yield "---"
    if item.get("notice"):
        yield f"*{_plain(item['notice'])}*"
    if item.get("review"):
        yield shielded(_plain(item["review"]["line"]))
        if item["review"]["banner"]:
            yield f"**{_plain(item['review']['banner'])}**"


def _source(source: dict[str, Any]) -> str:
    words = ", ".join(_plain(source[name]) for name in ("title", "publisher") if source[name])
    link = source["url"] or (f"https://doi.org/{source['doi']}" if source["doi"] else "")
    return f"- {words}" + (f" <{link}>" if link else "")


def _plain(text: str) -> str:
    """Words on one line, none of which is read as markup within it."""
    return " ".join(_ENTITY.sub(r"\\&", text.translate(_SPECIAL)).split())
