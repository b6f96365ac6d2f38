"""Hits: which rows match, in which order, and how many there are of each kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Integer,
    Select,
    String,
    bindparam,
    case,
    exists,
    func,
    literal_column,
    select,
    table,
    tuple_,
    union_all,
)
from sqlalchemy.orm import aliased

from api.models import Published, PublishedValue, SearchDocument
from api.queries.found import FULL
from api.queries.prepared import Prepared, listed, one_of
from api.queries.reader import Reader
from api.queries.scope import in_locale, params
from api.queries.search.expression import Expression, for_postgres, for_sqlite
from schemas.content import CONTENT_TYPES

ORDER = ("tier", "kind_order", "group_position", "position", "entry_id")
TIERS = ((4, "title", "A", False), (3, "title", "A", True), (2, "title summary", "AB", False))
"""(tier, SQLite's columns, PostgreSQL's weights, whether one group is enough): title, then summary, then text."""
EVERYWHERE = (0, None, "", False)
"""The tier that decides whether a row is a hit at all."""


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


@dataclass(frozen=True)
class Shape:
    """What tells one statement from another: the places of the chain that are looked at, and what restricts them."""

    places: tuple[int, ...]
    types: bool
    categories: bool
    tried: bool = False
    """Whether what would be published is laid before what is: SQLite has its words in a table of their own."""


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
    places = tuple(number for number, expression in enumerate(looking.expressions) if expression.groups)
    if not places:
        return Found(facets=[Facet(name) for name in facets])
    shape = Shape(places, bool(looking.types), bool(looking.categories), bool(connection.info.get("tried")))
    given = params(reader, sources=1, size=size + 1, **_asked_for(connection, looking))
    given |= {f"after_{name}": value for name, value in zip(ORDER, after or (), strict=False)}
    rows = _page(shape, after is not None).rows(connection, given)
    total = rows[0].total if rows else _count(shape).one(connection, given).total if after else 0
    shown = rows[:size]
    last = tuple(getattr(shown[-1], f"order_{name}") for name in ORDER) if len(rows) > size else None
    counts = {name: Facet(name) for name in facets}
    for row in _counts(shape, facets).rows(connection, given) if facets else ():
        counts[row.name].counts[row.value] = row.total
    return Found(shown, total, last, list(counts.values()))


def _asked_for(connection: Connection, looking: Looking) -> dict[str, Any]:
    """The parameters of the words, in the engine's own writing, and of the restrictions."""
    sqlite = connection.dialect.name == "sqlite"
    words: dict[str, Any] = {}
    for number, expression in enumerate(looking.expressions):
        for tier, columns, weights, anyone in (EVERYWHERE, *TIERS) if expression.groups else ():
            words[f"words_{number}_{tier}"] = (
                for_sqlite(expression, columns, anyone=anyone) if sqlite
                else for_postgres(expression, weights, anyone=anyone)
            )  # fmt: skip
    return {
        **words, "types": listed(connection, looking.types), "categories": listed(connection, looking.categories)
    }  # fmt: skip


@lru_cache(maxsize=256)
def _page(shape: Shape, goes_on: bool) -> Prepared:
    def build(sqlite: bool) -> Select[Any]:
        hits = _matching(shape, sqlite, rank=True).cte("hits")
        total = select(func.count()).select_from(hits).scalar_subquery()
        page = select(hits.c.id, *(hits.c[name] for name in ORDER))
        if goes_on:
            there = tuple_(*(bindparam(f"after_{name}", type_=hits.c[name].type) for name in ORDER))
            page = page.where(tuple_(*(hits.c[name] for name in ORDER)) > there)
        size = bindparam("size", type_=Integer)
        keys = page.order_by(*(hits.c[name] for name in ORDER)).limit(size).subquery()
        asked = select(*FULL, *(keys.c[name].label(f"order_{name}") for name in ORDER), total.label("total"))
        return asked.join(keys, keys.c.id == Published.id).order_by(*(keys.c[name] for name in ORDER))

    return Prepared(build)


@lru_cache(maxsize=256)
def _count(shape: Shape) -> Prepared:
    return Prepared(lambda sqlite: select(func.count().label("total")).select_from(_matching(shape, sqlite).subquery()))


@lru_cache(maxsize=256)
def _counts(shape: Shape, facets: tuple[str, ...]) -> Prepared:
    """How many hits each value of each facet has, whatever that facet itself is restricted to."""

    def build(sqlite: bool) -> Select[Any]:
        hits = _matching(replace(shape, types=False, categories=False), sqlite).cte("hits")
        total, value = func.count().label("total"), PublishedValue.value
        by_type = select(literal_column("'type'", String).label("name"), hits.c.type.label("value"), total)
        by_type = by_type.where(*_restrictions(hits.c, replace(shape, types=False), sqlite)).group_by(hits.c.type)
        by_category = select(literal_column("'category'", String).label("name"), value.label("value"), total)
        by_category = by_category.join(hits, hits.c.id == PublishedValue.published_id).group_by(value)
        others = _restrictions(hits.c, replace(shape, categories=False), sqlite)
        by_category = by_category.where(PublishedValue.name == "category", *others)
        counted = {"type": by_type, "category": by_category}
        every = union_all(*(counted[each] for each in facets)).subquery()
        return select(every.c.name, every.c.value, every.c.total)

    return Prepared(build)


def _matching(shape: Shape, sqlite: bool, *, rank: bool = False) -> CompoundSelect[Any]:
    parts: list[Select[Any]] = []
    for number in shape.places:
        rows = aliased(Published)
        order = case({kind.name: at for at, kind in enumerate(CONTENT_TYPES)}, value=rows.type, else_=99)
        ranked = [
            _tier(rows, shape, sqlite, number).label("tier"), order.label("kind_order"), rows.group_position,
            rows.position, rows.entry_id,
        ] if rank else []  # fmt: skip
        matching = _matches(rows, shape, sqlite, number, 0)
        asked = select(rows.id, rows.type, *ranked).where(matching, in_locale(rows, number, singly=not sqlite))
        parts.append(asked.where(*_restrictions(rows, shape, sqlite)))
    return union_all(*parts)


def _restrictions(rows: Any, shape: Shape, sqlite: bool) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if shape.types:
        found.append(one_of(rows.type, "types", sqlite))
    if shape.categories:
        own = aliased(PublishedValue)
        carried = select(own.ordinal).where(own.published_id == rows.id, own.name == "category")
        found.append(exists(carried.where(one_of(own.value, "categories", sqlite))))
    return found


def _tier(rows: Any, shape: Shape, sqlite: bool, number: int) -> ColumnElement[int]:
    """0 is best: the tier counted down, so that everything sorts upwards."""
    steps: list[tuple[ColumnElement[bool], ColumnElement[Any]]] = [
        (_matches(rows, shape, sqlite, number, tier), literal_column(str(4 - tier), Integer)) for tier, *_ in TIERS
    ]
    return case(*steps, else_=literal_column("4", Integer))


def _matches(rows: Any, shape: Shape, sqlite: bool, number: int, tier: int) -> ColumnElement[bool]:
    said = bindparam(f"words_{number}_{tier}", type_=String)
    hits: Any
    words: ColumnElement[Any]
    if sqlite:
        there = ("search_words", "would_words") if shape.tried else ("search_words",)
        rowid: Select[Any] = select(literal_column("rowid"))
        parts = [rowid.select_from(table(each)).where(literal_column(each).op("MATCH")(said)) for each in there]
        hits = union_all(*parts) if shape.tried else parts[0]
    else:
        # Titles and summaries have their words apart, too: to look into those of whole texts takes far longer.
        words = literal_column("search_documents.heads" if tier else "search_documents.words")
        asked = func.to_tsquery(literal_column("'simple'::regconfig"), said)
        hits = select(SearchDocument.published_id).where(words.op("@@")(asked))
    found: ColumnElement[bool] = rows.id.in_(hits)
    return found
