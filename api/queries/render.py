"""Rendering: a published row as the item a reader is given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from api.queries import paths, rich
from api.queries.computed import COMPUTED
from api.queries.found import Depends
from api.queries.instants import written
from api.queries.items import Item
from api.queries.reader import Reader, Wish
from api.queries.related import Web, parsed_links
from schemas.content import content_type
from schemas.content_type import ContentType
from schemas.wording import say

Given = dict[str, Any]


def render(
    item: Item, reader: Reader, wish: Wish, web: Web, depends: Depends, view: str, shown: tuple[str, ...] = ()
) -> Given:
    """One item: its identity, then the fields of the view (or those that `fields` names), in their order.

    `shown` names the relations whose references stand in the item.
    """
    row = item.row
    kind = content_type(row.type)
    depends.on_row(row, reader)
    given = identity(row, reader)
    names = names_of(kind, view, wish, shown)
    document, stored = _document(row, kind, names, reader, wish, web)
    for name in names:
        if name == "relationships":
            given[name] = relationships(row, kind, shown, reader, web)
        elif name in COMPUTED:
            given[name] = COMPUTED[name](row, document, item, reader, depends)
        else:
            given[name] = stored(name)
    return given


def _document(
    row: Any, kind: ContentType, names: list[str], reader: Reader, wish: Wish, web: Web
) -> tuple[Any, Callable[[str], Any]]:
    """(the document, how a field of it is given): as the JSON it is kept as where nobody looks into it."""
    resolve = rich.resolver(reader, web, row.locale)
    cuts = parsed_links(row.links).get("cuts") if reader.as_stored and not wish.opened else None
    if cuts:
        kept = rich.CutDocument(row.document, cuts, resolve)
        return kept, kept.filled
    document: Given = orjson.loads(row.document)
    if not kind.rich.isdisjoint(names):
        rich.fill(document, row, reader, resolve)
    return document, document.get


def identity(row: Any, reader: Reader) -> Given:
    """What every item has, whatever `fields` says."""
    path = paths.page(reader.house, row.locale, row.type, row.kind, row.slug)
    return {
        "id": row.entry_id,
        "type": row.type,
        "slug": row.slug,
        "locale": row.locale,
        "revision": row.revision,
        "overlay_revision": row.overlay_revision,
        "path": path,
        "url": paths.absolute(reader.house, path),
        "published_at": written(row.published_at),
        "updated_at": written(row.updated_at),
    }


def names_of(kind: ContentType, view: str, wish: Wish, shown: tuple[str, ...]) -> list[str]:
    names = list(kind.views[view])
    if kind.name in wish.fields:
        names = [name for name in kind.given if name in wish.fields[kind.name]]
    elif shown and "relationships" not in names:
        names.append("relationships")
    return names


def relationships(row: Any, kind: ContentType, shown: tuple[str, ...], reader: Reader, web: Web) -> Given:
    """Relations: the references that may be shown, how many, and where their list is."""
    found: Given = {}
    for name, to, of in _lists(kind, shown, reader):
        refs = web.references.get((row.entry_id, name), ())
        data = [ref for each in refs if (ref := reference(each, row.locale, web))]
        found[name] = {
            "data": data[:100],
            "meta": {"total": len(data), "shown": 0},
            "links": {"related": f"{to}{row.slug}{of}"},
        }
    return found


def _lists(kind: ContentType, shown: tuple[str, ...], reader: Reader) -> tuple[tuple[str, str, str], ...]:
    """Of each relation: its name, and what stands before and after an item's slug in the address of its list."""
    house, locale = reader.house, reader.locale
    asked = "lists", kind.name, shown, locale
    if asked not in house.worked_out:
        house.worked_out[asked] = tuple(
            (each.name, *paths.filtered(house, f"/{content_type(each.target).plural}", each.filter, locale))
            for each in kind.named_relations(shown)
        )
    found: tuple[tuple[str, str, str], ...] = house.worked_out[asked]
    return found


def reference(ref: Given, locale: str, web: Web) -> Given | None:
    """A reference as readers see it, or None where its target may not be shown."""
    item = web.entries.get(ref["id"])
    if item is None or item.outcome != "live":
        return None
    row = item.row
    given: Given = {"type": row.type, "id": row.entry_id, "slug": row.slug, "title": row.title}
    if relation := ref.get("relation"):
        given["meta"] = {"relation": relation, "label": say(relation, locale)}
    return given
