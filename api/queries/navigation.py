"""Navigation: the site's menu, made from its lists, categories and positions."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from api.queries import paths
from api.queries.categories import counted
from api.queries.found import Depends
from api.queries.reader import Reader
from schemas.content import CONTENT_TYPES
from schemas.wording import in_language, say

Given = dict[str, Any]


def navigation(connection: Connection, reader: Reader, depends: Depends) -> list[Given]:
    """Home, then every list with its categories that hold something: [{kind, label, path, type?, ..., children}]."""
    counts = counted(connection, reader)
    menu = [_entry("home", say("home", reader.locale), paths.place(reader.house, reader.locale, "home"), reader)]
    for kind in CONTENT_TYPES:
        depends.on_list(kind.name, reader)
        label = in_language(kind.labels, reader.locale)
        entry = _entry("list", label, paths.place(reader.house, reader.locale, kind.plural), reader, type=kind.name)
        for category in reader.house.listed:
            held = counts.get(category.key, {}).get(kind.name, 0)
            if category.group == kind.group and held:
                spoken, words = category.words(reader.chain)
                path = paths.category(reader.house, spoken, words.slug, category.group)
                more = {"type": kind.name, "key": category.key, "count": held}
                entry["children"].append(_entry("category", words.title, path, reader, **more))
        menu.append(entry)
    return menu


def _entry(kind: str, label: str, path: str | None, reader: Reader, **more: Any) -> Given:
    base = {"kind": kind, "label": label, "path": path, "url": paths.absolute(reader.house, path)}
    return base | {"type": None, "key": None, "count": None} | more | {"children": []}
