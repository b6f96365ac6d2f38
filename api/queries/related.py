"""Relations: what some items refer to, what refers to them, and the targets of links in their text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, literal, or_, select
from sqlalchemy.orm import aliased

from api.models import Published, PublishedValue
from api.queries.found import LIGHT
from api.queries.items import Item, grouped, served
from api.queries.reader import Reader
from api.queries.scope import seen
from schemas.content import content_type
from schemas.content_type import Relation

Wanted = dict[str, tuple[str, ...]]
"""Entry id -> the names of its relations that are asked for."""


@dataclass
class Web:
    """Every entry that a reply's items may point to, and each item's references in order."""

    entries: dict[str, Item] = field(default_factory=dict)
    references: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)
    """(entry id, relation) -> [{"type", "id", "relation"?}], visible or not."""

    def rows(self, refs: Iterable[dict[str, Any]]) -> list[Any]:
        """The rows of those references that may be shown."""
        found = (self.entries.get(ref["id"]) for ref in refs)
        return [each.row for each in found if each and each.outcome == "live"]


def weave(
    connection: Connection, reader: Reader, rows: Sequence[Any], wanted: Wanted, documents: set[str], texts: bool = True
) -> Web:
    """One query for all that `rows` point to. `documents` names the relations whose documents are needed too.

    `texts` says whether links in the rows' texts are to be resolved.
    """
    web = Web()
    ids: set[str] = set()
    inverse: list[ColumnElement[bool]] = []
    needed: set[str] = set()
    for row in rows:
        parsed = json.loads(row.links)
        for relation in _relations(row, wanted):
            if relation.inverse:
                inverse.append(_points_to(relation, row.entry_id))
                continue
            refs = _stored(parsed, relation)
            web.references[row.entry_id, relation.name] = refs
            ids.update(ref["id"] for ref in refs)
            needed.update(ref["id"] for ref in refs if relation.name in documents)
        if texts:
            ids.update(target for _, target in parsed.get("links", ()))
    if ids or inverse:
        found = _fetch(connection, reader, ids, inverse, needed, documents, rows, wanted)
        web.entries = {entry_id: served(mine, reader) for entry_id, mine in grouped(found).items()}
        _turn_round(web, rows, wanted)
    return web


def _relations(row: Any, wanted: Wanted) -> list[Relation]:
    names = wanted.get(row.entry_id, ())
    return [each for each in content_type(row.type).relations if each.name in names]


def _stored(parsed: dict[str, Any], relation: Relation) -> list[dict[str, Any]]:
    if relation.field:
        return list(parsed.get("references", {}).get(relation.field, ()))
    terms = [target for kind, target in parsed.get("links", ()) if kind == "term"]
    return [{"type": relation.target, "id": target} for target in dict.fromkeys(terms)]


def _points_to(relation: Relation, entry_id: str) -> ColumnElement[bool]:
    other = aliased(Published)
    pointing = (
        select(other.entry_id)
        .join(PublishedValue, PublishedValue.published_id == other.id)
        .where(
            PublishedValue.name == relation.inverse, PublishedValue.value == entry_id, other.type == relation.target
        )
    )
    return Published.entry_id.in_(pointing)


def _fetch(
    connection: Connection,
    reader: Reader,
    ids: set[str],
    inverse: list[ColumnElement[bool]],
    needed: set[str],
    documents: set[str],
    rows: Sequence[Any],
    wanted: Wanted,
) -> Sequence[Any]:
    whole = needed or any(
        relation.inverse and relation.name in documents for row in rows for relation in _relations(row, wanted)
    )
    chosen: list[ColumnElement[Any]] = [literal(None).label("document"), literal(None).label("sources")]
    if whole:
        in_chain = and_(Published.locale.in_(reader.chain), or_(Published.entry_id.in_(needed), *inverse))
        chosen = [
            case((in_chain, getattr(Published, name)), else_=None).label(name) for name in ("document", "sources")
        ]
    named = [Published.entry_id.in_(sorted(ids))] if ids else []
    return connection.execute(select(*LIGHT, *chosen).where(seen(Published, reader), or_(*named, *inverse))).all()


def _turn_round(web: Web, rows: Sequence[Any], wanted: Wanted) -> None:
    """Inverse references, from the served text of those that point here, in order position, id."""
    live = sorted(
        (each.row for each in web.entries.values() if each.outcome == "live"),
        key=lambda row: (row.group_position, row.position, row.entry_id),
    )
    for row in rows:
        for relation in _relations(row, wanted):
            if not relation.inverse:
                continue
            there = next(each for each in content_type(relation.target).relations if each.name == relation.inverse)
            web.references[row.entry_id, relation.name] = [
                {"type": each.type, "id": each.entry_id}
                for each in live
                if each.type == relation.target
                and any(ref["id"] == row.entry_id for ref in _stored(json.loads(each.links), there))
            ]
