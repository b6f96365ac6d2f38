"""Categories as items: labels, order, counts, children."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Select, func, select, union_all
from sqlalchemy.orm import aliased

from api.models import LIBRARY, Category, CategorySlug, Published, PublishedValue
from api.queries import paths
from api.queries.filters import Condition, Restriction, Shape, shape, values, where
from api.queries.house import CategoryRow
from api.queries.instants import written
from api.queries.lists import Question, page
from api.queries.prepared import Prepared
from api.queries.reader import Reader
from api.queries.scope import in_locale, params
from schemas.content import CONTENT_TYPES, content_type
from schemas.content_type import ContentType

Given = dict[str, Any]
Counts = dict[str, dict[str, int]]
"""Category key -> type -> how many live items carry it."""


def category(found: CategoryRow, reader: Reader, count: int | None = None) -> Given:
    """One category as an item; `count` is that of the list it stands beside."""
    locale, (title, slug, description) = found.words(reader.chain)
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


def alternates(found: CategoryRow, reader: Reader) -> list[Given]:
    """The category in each language of the clinic that it has words in, as `alternates` of items."""
    given = []
    for locale in reader.house.locales:
        if locale in found.texts:
            slug = found.texts[locale].slug
            path = paths.category(reader.house, locale, slug, found.group)
            url = paths.absolute(reader.house, path)
            given.append({"locale": locale, "hreflang": locale, "slug": slug, "path": path, "url": url})
    return paths.with_default(reader.house, given)


def left_slugs(connection: Connection, reader: Reader) -> list[tuple[str, str, CategoryRow]]:
    """(locale, slug, the category that had it before), the clinic's own before the library's, then who had it last."""
    asked = (
        select(CategorySlug.locale, CategorySlug.slug, CategorySlug.category_id)
        .join(Category, Category.id == CategorySlug.category_id)
        .where(Category.scope.in_([reader.house.id, LIBRARY]))
        .order_by(Category.scope == LIBRARY, CategorySlug.left_at.desc(), CategorySlug.category_id)
    )
    known = reader.house.by_id
    return [(row.locale, row.slug, known[row.category_id]) for row in connection.execute(asked)
            if row.category_id in known]  # fmt: skip


def counted(connection: Connection, reader: Reader) -> Counts:
    """How many live items of each type each category holds, for this reader."""
    counts: Counts = {}
    for row in _counted(len(reader.chain), None, None).rows(connection, params(reader)):
        by_type = counts.setdefault(row.value, {})
        by_type[row.type] = by_type.get(row.type, 0) + row.n
    return counts


def counted_in(
    connection: Connection, reader: Reader, kind: ContentType, conditions: Sequence[Condition], left: Restriction
) -> dict[str, int]:
    """How many items of one list each category holds."""
    totals: dict[str, int] = {}
    statement = _counted(len(reader.chain), kind, shape(kind, conditions, left))
    for row in statement.rows(connection, params(reader, **values(connection, kind, conditions, left))):
        totals[row.value] = totals.get(row.value, 0) + row.n
    return totals


@lru_cache(maxsize=256)
def _counted(locales: int, kind: ContentType | None, shaped: Shape | None) -> Prepared:
    def build(sqlite: bool) -> Select[Any]:
        parts = []
        for number in range(locales):
            rows = aliased(Published)
            asked = (
                select(PublishedValue.value, rows.type, func.count().label("n"))
                .join(rows, rows.id == PublishedValue.published_id)
                .where(PublishedValue.name == "category", in_locale(rows, number))
                .group_by(PublishedValue.value, rows.type)
            )
            if kind is not None and shaped is not None:
                asked = asked.where(rows.type == kind.name, *where(rows, kind, shaped, sqlite))
            parts.append(asked)
        every = union_all(*parts).subquery()
        return select(every.c.value, every.c.type, every.c.n)

    return Prepared(build)


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
    return [each.name for each in CONTENT_TYPES if each.group == group]


def first_listed(connection: Connection, reader: Reader, key: str) -> str:
    """The first content type that a subject category's page has something to list of; `topic` while it is empty."""
    only = (Condition("category", "eq", (key,)),)
    asked = (Question(content_type(name), only, size=1) for name in types_of("subject"))
    return next((each.kind.name for each in asked if page(connection, reader, each, Restriction()).rows), "topic")
