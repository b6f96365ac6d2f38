"""Included items: each once, in order of first reference, two levels deep."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from api.queries.found import Depends
from api.queries.items import Item
from api.queries.reader import Reader, Wish
from api.queries.related import Web, weave
from api.queries.render import names_of, relationships, render
from schemas.content import content_type
from schemas.content_type import ContentType

Given = dict[str, Any]
ALL = 100
"""How many references of one relation are shown at most."""


def woven(
    connection: Connection, reader: Reader, items: Sequence[Item], kind: ContentType, wish: Wish, view: str
) -> Web:
    """What the main items of a reply point to, with the documents of what is to be included."""
    shown = wish.relations(kind)
    named = {each.split(".")[0] for each in wish.includes}
    rich = not kind.rich.isdisjoint(names_of(kind, view, wish, shown))
    rows = [each.row for each in items]
    return weave(connection, reader, rows, {row.entry_id: shown for row in rows}, named, texts=rich)


def linked(connection: Connection, reader: Reader, rows: Sequence[Any], wish: Wish, view: str) -> Web:
    """What the texts link to that a view of rows of any types gives out."""
    kinds = {name: content_type(name) for name in {row.type for row in rows}}
    rich = {name for name, kind in kinds.items() if not kind.rich.isdisjoint(names_of(kind, view, wish, ()))}
    return weave(connection, reader, [row for row in rows if row.type in rich], {}, set())


def included(
    connection: Connection,
    reader: Reader,
    items: Sequence[Item],
    given: Sequence[Given],
    web: Web,
    wish: Wish,
    depends: Depends,
) -> list[Given]:
    """Render what `include` names, and count in each relationship how many of it are shown."""
    if not wish.includes:
        return []
    seen = {(each["type"], each["id"]) for each in given}
    first, again = _collect(items, given, web, wish, "", seen), _among_themselves(items, given, web, wish)
    if not first and not again:
        return []
    led_through = [*first, *((path, item) for path, item, _ in again)]
    second_web = _second_web(connection, reader, led_through, wish)
    depend_on([item for _, item in led_through], second_web, reader, depends)
    out, deeper = [], []
    for path, item, each in again:
        _tell(each, item, second_web, wish.relations(content_type(item.row.type), path), reader)
        deeper += [(path, found) for _, found in _collect([item], [each], second_web, wish, path, seen)]
    for path, item in first:
        kind = content_type(item.row.type)
        shown = wish.relations(kind, path)
        each = render(item, reader, wish, second_web, depends, kind.include_view, shown)
        out.append(each)
        deeper += [(path, found) for _, found in _collect([item], [each], second_web, wish, path, seen)]
    third_web = _third_web(connection, reader, deeper, wish)
    depend_on([item for _, item in deeper], third_web, reader, depends)
    for _, item in deeper:
        kind = content_type(item.row.type)
        out.append(render(item, reader, wish, third_web, depends, kind.include_view))
    return out


def _collect(
    items: Sequence[Item], given: Sequence[Given], web: Web, wish: Wish, path: str, seen: set[tuple[str, str]]
) -> list[tuple[str, Item]]:
    """(the relation's path, the item) for every reference that an include names and its limit allows."""
    found = []
    prefix = f"{path}." if path else ""
    for item, each in zip(items, given, strict=True):
        for relation in content_type(item.row.type).relations:
            name = prefix + relation.name
            if not any(wanted == name or wanted.startswith(f"{name}.") for wanted in wish.includes):
                continue
            visible = _visible(item, relation.name, name, web, wish)
            if "relationships" in each and relation.name in each["relationships"]:
                each["relationships"][relation.name]["meta"]["shown"] = len(visible)
            for target in visible:
                key = (target.row.type, target.row.entry_id)
                if key not in seen:
                    seen.add(key)
                    found.append((name, target))
    return found


def _visible(item: Item, relation: str, name: str, web: Web, wish: Wish) -> list[Item]:
    """What an item refers to and may show, as many as are included of that name."""
    refs = web.references.get((item.row.entry_id, relation), [])
    return [web.entries[ref["id"]] for ref in refs if _live(web, ref)][: wish.limits.get(name, ALL)]


def _among_themselves(
    items: Sequence[Item], given: Sequence[Given], web: Web, wish: Wish
) -> list[tuple[str, Item, Given]]:
    """(relation, item, as given) of main items that main items refer to, where `include` leads on from there."""
    mains = {item.row.entry_id: (item, each) for item, each in zip(items, given, strict=True)}
    followed = dict.fromkeys(each.split(".")[0] for each in wish.includes if "." in each)
    found = {
        (name, target.row.entry_id): (name, *mains[target.row.entry_id])
        for name in followed
        for item in items
        for target in _visible(item, name, name, web, wish)
        if target.row.entry_id in mains
    }
    return list(found.values())


def _tell(given: Given, item: Item, web: Web, names: tuple[str, ...], reader: Reader) -> None:
    """Let a main item say what it refers to by relations that stand in it only because `include` leads through it."""
    if "relationships" in given:
        missing = tuple(each for each in names if each not in given["relationships"])
        given["relationships"] |= relationships(item.row, content_type(item.row.type), missing, reader, web)


def _live(web: Web, ref: Given) -> bool:
    item = web.entries.get(ref["id"])
    return item is not None and item.outcome == "live"


def _second_web(connection: Connection, reader: Reader, first: list[tuple[str, Item]], wish: Wish) -> Web:
    rows = [item.row for _, item in first]
    wanted = {item.row.entry_id: wish.relations(content_type(item.row.type), path) for path, item in first}
    named = {each.split(".")[1] for each in wish.includes if "." in each}
    return _weave_if_needed(connection, reader, rows, wanted, named, wish)


def _third_web(connection: Connection, reader: Reader, deeper: list[tuple[str, Item]], wish: Wish) -> Web:
    return _weave_if_needed(connection, reader, [item.row for _, item in deeper], {}, set(), wish)


def _weave_if_needed(
    connection: Connection,
    reader: Reader,
    rows: list[Any],
    wanted: dict[str, tuple[str, ...]],
    named: set[str],
    wish: Wish,
) -> Web:
    kinds = [content_type(row.type) for row in rows]
    rich = any(not kind.rich.isdisjoint(names_of(kind, kind.include_view, wish, ())) for kind in kinds)
    if not rich and not any(wanted.values()):
        return Web()
    return weave(connection, reader, rows, wanted, named, texts=rich)


def unresolved(items: Sequence[Item], web: Web, reader: Reader, wish: Wish) -> list[Given]:
    """What the relations that stand in the main items hold but may not show. A draft is never named."""
    hidden: dict[str, int] = {}
    named: list[Given] = []
    for item in items:
        for name in wish.relations(content_type(item.row.type)):
            for ref in web.references.get((item.row.entry_id, name), []):
                target = web.entries.get(ref["id"])
                if target is None or target.outcome == "absent":
                    hidden[name] = hidden.get(name, 0) + 1
                elif target.outcome != "live":
                    reason = "withdrawn" if target.outcome == "gone" else "not_in_locale"
                    ref_only = {"type": ref["type"], "id": ref["id"]}
                    named.append({"relation": name, "reason": reason, "count": 1, "ref": ref_only})
    return [{"relation": name, "reason": "unavailable", "count": n} for name, n in sorted(hidden.items())] + named


def depend_on(items: Sequence[Item], web: Web, reader: Reader, depends: Depends) -> None:
    """Everything that the items point to is part of the reply, shown or not, there or not."""
    depends.on_entries(web.asked | web.entries.keys(), reader)
    changes = [each.row.updated_at for each in web.entries.values() if each.row is not None]
    depends.modified = max(depends.modified, *changes) if changes else depends.modified
    for item in items:
        for relation in content_type(item.row.type).relations:
            if relation.inverse and (item.row.entry_id, relation.name) in web.references:
                depends.on_list(relation.target, reader)
