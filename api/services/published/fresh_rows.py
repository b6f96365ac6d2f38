"""Published rows of many entries at once, with the few statements that one entry takes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import undefer

from api.db import Base
from api.models import Coming, Entry, Published, PublishedValue, Review, Revision, SearchDocument, Variant
from api.services.published import approvals, read_model, review_dues
from api.services.published.review_dues import Owed
from api.services.work import Work
from schemas.content import content_type

Values = dict[str, Any]


def fill(work: Work, ids: Sequence[str]) -> None:
    """Make the rows that `read_model.rewrite` would, of entries that have none."""
    made: list[read_model.Row] = []
    owed: list[tuple[Entry, Owed]] = []
    texts, approved = _texts(work, ids)
    for entry in work.session.scalars(select(Entry).where(Entry.id.in_(ids)).order_by(Entry.id)):
        variants = texts[entry.id]
        known = [each for variant in variants for each in approved[variant.id]]
        build, spans = read_model.planned(work, entry, variants, {}, sorted(known, key=lambda each: -each.id))
        rows = read_model.ahead(work, build, spans)
        plain = [row for row, _, _ in rows]
        changes = read_model.coming(plain, int(work.now().timestamp()))
        put(work, Coming, [{"scope": scope, "at": at, "entry_id": entry.id} for scope, at in changes])
        owed += [(entry, each) for each in review_dues.owed(work, content_type(entry.type), entry, plain)]
        made += rows
    review_dues.see_to(work, owed)
    _write(work, made)


def put(work: Work, model: type[Base], rows: Sequence[Values]) -> None:
    """Write rows of one table, those together that name the same columns."""
    table: Any = model.__table__
    by_columns: dict[tuple[str, ...], list[Values]] = defaultdict(list)
    for row in rows:
        by_columns[tuple(row)].append(row)
    for alike in by_columns.values():
        work.session.execute(insert(table), alike)


def put_numbered(work: Work, model: Any, rows: Sequence[Values]) -> list[int]:
    """The same of a table that numbers its rows: their numbers, in order."""
    by_columns: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for at, row in enumerate(rows):
        by_columns[tuple(row)].append(at)
    numbers = dict[int, int]()
    for places in by_columns.values():
        asked = insert(model).returning(model.id, sort_by_parameter_order=True)
        given = work.session.connection().execute(asked, [rows[at] for at in places]).scalars()
        numbers.update(zip(places, given, strict=True))
    return [numbers[at] for at in range(len(rows))]


def _texts(work: Work, ids: Sequence[str]) -> tuple[dict[str, list[Variant]], dict[int, list[Review]]]:
    """(texts by entry, approvals by text)."""
    texts: dict[str, list[Variant]] = defaultdict(list)
    asked = select(Variant).where(Variant.entry_id.in_(ids)).order_by(Variant.id).options(*read_model.TOGETHER)
    for variant in work.session.scalars(asked):
        texts[variant.entry_id].append(variant)
    _read_words(work, texts)
    whose = {revision.id: each.id for several in texts.values() for each in several for revision in each.revisions}
    approved: dict[int, list[Review]] = defaultdict(list)
    for review in approvals.standing(work, sorted(set(whose.values()))):
        approved[whose[review.revision_id]].append(review)
    return texts, approved


def _read_words(work: Work, texts: dict[str, list[Variant]]) -> None:
    """The words of what shows or is going to, in one statement; of a long history only the end is read."""
    ids = [
        revision.id
        for several in texts.values()
        for variant in several
        for revision in variant.revisions
        if revision.number in _shown(work, variant, several)
    ]
    work.session.scalars(select(Revision).where(Revision.id.in_(ids)).options(undefer(Revision.document))).all()


def _shown(work: Work, variant: Variant, several: Sequence[Variant]) -> set[int | None]:
    """The revisions of a text that are live, planned, or held on to by a clinic."""
    now = work.now()
    past = [each.revision for each in variant.transitions if each.move == "publish" and each.at <= now]
    ahead = [each.revision for each in variant.transitions if each.at > now]
    beside = [each.transitions for each in several if each.locale == variant.locale]
    return {*past[-1:], *ahead, *(each.revision for found in beside for each in found if each.move == "pin")}


def _write(work: Work, made: Iterable[read_model.Row]) -> None:
    made = list(made)
    numbers = put_numbered(work, Published, [row for row, _, _ in made])
    found = zip(numbers, made, strict=True)
    values, words = list[Values](), list[Values]()
    for number, (_, named, search) in found:
        values += [{"published_id": number, **each} for each in named]
        words += [{"published_id": number, **search}] if search else []
    put(work, PublishedValue, values)
    put(work, SearchDocument, words)
