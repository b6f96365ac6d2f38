"""Categories as items: labels, order, counts, children."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, func, select, union_all
from sqlalchemy.orm import aliased

from api.models import Published, PublishedValue
from api.queries import paths
from api.queries.filters import Condition, Restriction, where
from api.queries.house import CategoryRow
from api.queries.instants import written
from api.queries.reader import Reader
from api.queries.scope import branches, in_branch
from schemas.content import CONTENT_TYPES
from schemas.content_type import ContentType
from schemas.wording import in_language

Given = dict[str, Any]
Counts = dict[str, dict[str, int]]
"""Category key -> type -> how many live items carry it."""


def category(found: CategoryRow, reader: Reader, count: int | None = None) -> Given:
    """One category as an item; `count` is that of the list it stands beside."""
    locale = reader.locale if reader.locale in found.texts else next(
        (code for code in reader.chain if code in found.texts), next(iter(found.texts))
    )
    title, slug, description = in_language(found.texts, locale)
    path = paths.category(reader.house, locale, slug, found.group)
    parent = reader.house.by_id.get(found.parent_id or "")
    return {
        "id": found.id,
        "type": "category",
        "slug": slug,
        "locale": locale,
        "revision": found.revision,
        "url": paths.absolute(reader.house, path),
        "path": path,
        "published_at": written(found.created_at),
        "updated_at": written(found.updated_at),
        "key": found.key,
        "of": found.group,
        "title": title,
        "description": description,
        "parent": parent.key if parent else None,
        "position": found.position,
        "count": count,
    }


def counted(connection: Connection, reader: Reader) -> Counts:
    """How many live items of each type each category holds, for this reader."""
    parts = []
    for number in range(len(branches(reader))):
        rows = aliased(Published)
        parts.append(
            select(PublishedValue.value, rows.type, func.count().label("n"))
            .join(rows, rows.id == PublishedValue.published_id)
            .where(PublishedValue.name == "category", in_branch(rows, reader, number))
            .group_by(PublishedValue.value, rows.type)
        )
    counts: Counts = {}
    for key, type_name, number in connection.execute(union_all(*parts)):
        by_type = counts.setdefault(key, {})
        by_type[type_name] = by_type.get(type_name, 0) + number
    return counts


def counted_in(
    connection: Connection, reader: Reader, kind: ContentType, conditions: Sequence[Condition], left: Restriction
) -> dict[str, int]:
    """How many items of one list each category holds."""
    parts = []
    for number in range(len(branches(reader))):
        rows = aliased(Published)
        parts.append(
            select(PublishedValue.value, func.count().label("n"))
            .join(rows, rows.id == PublishedValue.published_id)
            .where(PublishedValue.name == "category", rows.type == kind.name, in_branch(rows, reader, number))
            .where(*where(rows, kind, conditions, left))
            .group_by(PublishedValue.value)
        )
    totals: dict[str, int] = {}
    for key, number in connection.execute(union_all(*parts)):
        totals[key] = totals.get(key, 0) + number
    return totals


def included_categories(items: Sequence[Any], reader: Reader, counts: dict[str, int] | None) -> list[Given]:
    """The categories that some rendered items stand in, in order of first reference."""
    keys: dict[str, None] = {}
    for each in items:
        labels = [each["category"]] if each.get("category") else each.get("categories") or []
        keys.update(dict.fromkeys(label["key"] for label in labels))
    found = [reader.house.by_key[key] for key in keys if key in reader.house.by_key]
    return [category(each, reader, counts.get(each.key, 0) if counts is not None else None) for each in found]


def types_of(group: str) -> list[str]:
    """The content types whose items carry categories of a group."""


    wanted = {"faq": "category", "subject": "categories"}[group]
    return [each.name for each in CONTENT_TYPES if each.category == wanted]


