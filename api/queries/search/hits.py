"""Hits: which rows match, in which order, and how many there are of each kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Subquery,
    bindparam,
    case,
    exists,
    func,
    literal,
    literal_column,
    select,
    table,
    tuple_,
    union_all,
)
from sqlalchemy.orm import aliased

from api.models import Published, PublishedValue, SearchDocument
from api.queries.found import FULL
from api.queries.reader import Reader
from api.queries.scope import in_locale, params
from api.queries.search.expression import Expression, for_postgres, for_sqlite
from schemas.content import CONTENT_TYPES

ORDER = ("tier", "kind_order", "group_position", "position", "entry_id")
TIERS = ((4, "title", "A", False), (3, "title", "A", True), (2, "title summary", "AB", False))
"""(tier, SQLite's columns, PostgreSQL's weights, whether one group is enough): title, then summary, then text."""


@dataclass(frozen=True)
class Looking:
    """What is looked for: an expression per locale of the chain, restricted to types and categories."""

    expressions: Sequence[Expression]
    types: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()


@dataclass
class Facet:
    """How many hits each value has, without its own filter."""

    name: str
    counts: dict[str, int] = field(default_factory=dict)


@dataclass
class Found:
    """One page of hits, all of them counted; `last` to go on from."""

    rows: Sequence[Any] = ()
    total: int = 0
    last: tuple[Any, ...] | None = None
    facets: list[Facet] = field(default_factory=list)


def search(
    connection: Connection,
    reader: Reader,
    looking: Looking,
    *,
    size: int,
    after: Sequence[Any] | None = None,
    facets: tuple[str, ...] = (),
) -> Found:
    """Hits by where the words stand: all in the title, some in the title, all in title and summary, anywhere.

    Ties by type, then the editor's order. The order is computed alike on both databases.
    """
    if not any(expression.groups for expression in looking.expressions):
        return Found(facets=[Facet(name) for name in facets])
    hits = _matching(connection, reader, looking, rank=True)
    page = select(hits.c.id, *(hits.c[name] for name in ORDER))
    if after is not None:
        there = tuple_(*(literal(value) for value in after))
        page = page.where(tuple_(*(hits.c[name] for name in ORDER)) > there)
    keys = page.order_by(*(hits.c[name] for name in ORDER)).limit(size + 1).subquery()
    asked = select(*FULL, *(keys.c[name].label(f"order_{name}") for name in ORDER))
    asked = asked.join(keys, keys.c.id == Published.id).order_by(*(keys.c[name] for name in ORDER))
    rows = connection.execute(asked, params(reader, sources=1)).all()
    counted = select(func.count()).select_from(_matching(connection, reader, looking))
    total = connection.scalar(counted, params(reader)) or 0
    shown = rows[:size]
    last = tuple(getattr(shown[-1], f"order_{name}") for name in ORDER) if len(rows) > size else None
    return Found(shown, total, last, [_facet(connection, reader, looking, name) for name in facets])


def _facet(connection: Connection, reader: Reader, looking: Looking, name: str) -> Facet:
    if name == "type":
        hits = _matching(connection, reader, Looking(looking.expressions, (), looking.categories))
        asked = select(hits.c.type, func.count()).group_by(hits.c.type)
    else:
        hits = _matching(connection, reader, Looking(looking.expressions, looking.types, ()))
        asked = (
            select(PublishedValue.value, func.count())
            .join(hits, hits.c.id == PublishedValue.published_id)
            .where(PublishedValue.name == "category")
            .group_by(PublishedValue.value)
        )
    return Facet(name, {row[0]: row[1] for row in connection.execute(asked, params(reader))})


def _matching(connection: Connection, reader: Reader, looking: Looking, *, rank: bool = False) -> Subquery:
    sqlite = connection.dialect.name == "sqlite"
    parts: list[Select[Any]] = []
    for number, expression in enumerate(looking.expressions):
        if not expression.groups:
            continue
        rows = aliased(Published)
        order = case({kind.name: at for at, kind in enumerate(CONTENT_TYPES)}, value=rows.type, else_=99)
        ranked = [
            _tier(rows, expression, sqlite, number).label("tier"), order.label("kind_order"), rows.group_position,
            rows.position, rows.entry_id,
        ] if rank else []  # fmt: skip
        asked = select(rows.id, rows.type, *ranked).where(
            _matches(rows, expression, sqlite, f"all_{number}", 0), in_locale(rows, number)
        )
        parts.append(asked.where(*_restrictions(rows, looking)))
    return union_all(*parts).subquery()


def _restrictions(rows: Any, looking: Looking) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if looking.types:
        found.append(rows.type.in_(looking.types))
    if looking.categories:
        carried = select(PublishedValue.ordinal).where(
            PublishedValue.published_id == rows.id,
            PublishedValue.name == "category",
            PublishedValue.value.in_(looking.categories),
        )
        found.append(exists(carried))
    return found


def _tier(rows: Any, expression: Expression, sqlite: bool, number: int) -> ColumnElement[int]:
    """0 is best: the tier counted down, so that everything sorts upwards."""
    steps: list[tuple[ColumnElement[bool], ColumnElement[Any]]] = [
        (_matches(rows, expression, sqlite, f"tier_{number}_{tier}", tier), literal_column(str(4 - tier)))
        for tier, *_ in TIERS
    ]
    return case(*steps, else_=literal_column("4"))


def _matches(rows: Any, expression: Expression, sqlite: bool, name: str, tier: int) -> ColumnElement[bool]:
    limits = {each[0]: each[1:] for each in TIERS}
    columns, weights, anyone = limits.get(tier, (None, "", False))
    hits: Select[Any]
    words: ColumnElement[Any]
    said: ColumnElement[str]
    if sqlite:
        words = literal_column("search_words")
        said = bindparam(name, for_sqlite(expression, columns, anyone=anyone))
        hits = select(literal_column("rowid")).select_from(table("search_words")).where(words.op("MATCH")(said))
    else:
        words = literal_column("search_documents.words")
        asked = func.to_tsquery(literal_column("'simple'::regconfig"), for_postgres(expression, weights, anyone=anyone))
        hits = select(SearchDocument.published_id).where(words.op("@@")(asked))
    found: ColumnElement[bool] = rows.id.in_(hits)
    return found
