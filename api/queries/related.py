"""Relations: what some items refer to, what refers to them, and the targets of links in their text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Select, String, and_, bindparam, case, or_, select, union_all
from sqlalchemy.orm import aliased

from api.models import Published, PublishedValue
from api.queries.found import FULL, LIGHT, REFERRED
from api.queries.items import Item, grouped, served
from api.queries.prepared import Prepared, listed, listing, one_of
from api.queries.reader import Reader
from api.queries.scope import locale_at, params, seen
from schemas.content import content_type
from schemas.content_type import Relation

Wanted = dict[str, tuple[str, ...]]
"""Entry id -> the names of its relations that are asked for."""


@dataclass
class Web:
    """Every entry that a reply's items may point to, and each item's references in order."""

    entries: dict[str, Item] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    """Every entry that was looked for, found or not: what is not there today may come."""
    references: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)
    """(entry id, relation) -> [{"type", "id", "relation"?}], visible or not."""


def weave(
    connection: Connection, reader: Reader, rows: Sequence[Any], wanted: Wanted, documents: set[str], texts: bool = True
) -> Web:
    """One query for all that `rows` point to. `documents` names the relations whose documents are needed too.

    `texts` says whether links in the rows' texts are to be resolved.
    """
    web = Web()
    ids: set[str] = set()
    needed: set[str] = set()
    inverse: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        parsed = parsed_links(row.links)
        for relation in content_type(row.type).named_relations(wanted.get(row.entry_id, ())):
            if relation.inverse:
                inverse.setdefault((relation.inverse, relation.target), []).append(row.entry_id)
                continue
            refs = _stored(parsed, relation)
            web.references[row.entry_id, relation.name] = refs
            ids.update([ref["id"] for ref in refs])
            if relation.name in documents:
                needed.update([ref["id"] for ref in refs])
        if texts:
            ids.update([target for _, target in parsed.get("links", ())])
    web.asked = ids
    if ids or inverse:
        whole = {
            key for key in inverse if documents and any(_inverse_named(key, row, wanted, documents) for row in rows)
        }
        found = grouped(_fetch(connection, reader, ids, needed, inverse, whole))
        if not (needed or whole or ids <= found.keys()):
            found |= _in_others(connection, reader, ids - found.keys())
        web.entries = {entry_id: served(mine, reader) for entry_id, mine in found.items()}
        if inverse:
            _turn_round(web, rows, wanted)
    return web


def _inverse_named(key: tuple[str, str], row: Any, wanted: Wanted, documents: set[str]) -> bool:
    mine = content_type(row.type).named_relations(wanted.get(row.entry_id, ()))
    return any((each.inverse, each.target) == key for each in mine if each.name in documents)


# What a row refers to never changes, and nobody writes into it.
parsed_links: Callable[[str], dict[str, Any]] = lru_cache(maxsize=4096)(orjson.loads)


def _stored(parsed: dict[str, Any], relation: Relation) -> list[dict[str, Any]]:
    if relation.field:
        found: list[dict[str, Any]] = parsed.get("references", {}).get(relation.field, [])
        return found
    terms = [target for kind, target in parsed.get("links", ()) if kind == "term"]
    return [{"type": relation.target, "id": target} for target in dict.fromkeys(terms)]


def _fetch(
    connection: Connection,
    reader: Reader,
    ids: set[str],
    needed: set[str],
    inverse: dict[tuple[str, str], list[str]],
    whole: set[tuple[str, str]],
) -> Sequence[Any]:
    order = tuple(sorted(inverse))
    asked = params(reader, ids=listed(connection, ids), needed=listed(connection, needed))
    for number, key in enumerate(order):
        to = listed(connection, inverse[key])
        asked |= {f"inverse{number}": key[0], f"target{number}": key[1], f"to{number}": to}
    shape = len(reader.chain), len(order), tuple(key in whole for key in order), bool(ids), bool(needed or whole)
    return _statement(*shape).rows(connection, asked)


def _in_others(connection: Connection, reader: Reader, ids: set[str]) -> dict[str, list[Any]]:
    """Entries without a text in the reader's languages: that there is one in another is a reason to tell."""
    asked = params(reader, ids=listed(connection, ids))
    return grouped(_statement(len(reader.chain), 0, (), True, False, everywhere=True).rows(connection, asked))


@lru_cache(maxsize=256)
def _statement(
    chain: int, count: int, whole: tuple[bool, ...], named: bool, documents: bool, *, everywhere: bool = False
) -> Prepared:
    """One statement per shape: how many locales, which relations are looked up backwards, who brings documents.

    Without documents the texts of other languages stay where they are, unless they are wanted from `everywhere`.
    """
    chained = [locale_at(number) for number in range(chain)]

    def build(sqlite: bool) -> Select[Any]:
        pointing = [_pointing(number, sqlite) for number in range(count)]
        chosen: list[ColumnElement[Any]] = []
        if documents:
            backwards = [
                Published.entry_id.in_(each) for each, is_whole in zip(pointing, whole, strict=True) if is_whole
            ]
            asked = and_(Published.locale.in_(chained), or_(one_of(Published.entry_id, "needed", sqlite), *backwards))
            brought = [column for column in FULL if column.name in ("document", "sources")]
            chosen = [case((asked, column), else_=None).label(column.name) for column in brought]
        # One list of ids: an OR of two would have every row of the table looked at.
        asked_for = union_all(*([listing("ids", sqlite)] if named else []), *pointing)
        shown = (*LIGHT, *chosen) if documents else REFERRED
        found = select(*shown).where(Published.entry_id.in_(asked_for), seen(Published))
        return found if documents or everywhere else found.where(Published.locale.in_([*chained, "*"]))

    return Prepared(build)


def _pointing(number: int, sqlite: bool) -> Select[Any]:
    other = aliased(Published)
    return (
        select(other.entry_id)
        .join(PublishedValue, PublishedValue.published_id == other.id)
        .where(
            PublishedValue.name == bindparam(f"inverse{number}", type_=String),
            one_of(PublishedValue.value, f"to{number}", sqlite),
            other.type == bindparam(f"target{number}", type_=String),
        )
    )


def _turn_round(web: Web, rows: Sequence[Any], wanted: Wanted) -> None:
    """Inverse references, from the served text of those that point here, in order position, id."""
    live = [each.row for each in web.entries.values() if each.outcome == "live"]
    for row in rows:
        for relation in content_type(row.type).named_relations(wanted.get(row.entry_id, ())):
            if not relation.inverse:
                continue
            there = content_type(relation.target).relation(relation.inverse)
            assert there is not None
            here = [each for each in live if each.type == relation.target and _refers(each, there, row.entry_id)]
            here.sort(key=lambda each: (each.group_position, each.position, each.entry_id))
            web.references[row.entry_id, relation.name] = [{"type": each.type, "id": each.entry_id} for each in here]


def _refers(row: Any, relation: Relation, entry_id: str) -> bool:
    return any(ref["id"] == entry_id for ref in _stored(parsed_links(row.links), relation))
