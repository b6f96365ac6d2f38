"""Lay and clinical words for the same thing, from the clinic's glossary."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Select, select

from api.models import Published, PublishedValue
from api.queries.prepared import Prepared, listed, one_of
from api.queries.reader import Reader
from api.queries.scope import locale_at, params, shown
from api.queries.search.expression import Alternative, Expression, Group
from api.rules.words import Clause, is_little, ngrams, parse_query, stems


def expressions(connection: Connection, reader: Reader, q: str) -> tuple[list[Expression], list[dict[str, str]]]:
    """(one expression per locale of the chain, what was expanded as [{"from", "to"}])."""
    parsed = {locale: parse_query(q, locale) for locale in reader.chain}
    terms = _terms(connection, reader, parsed)
    expanded: dict[tuple[str, str], None] = {}
    made = [_expression(parsed[locale], terms.get(locale, {}), locale, expanded) for locale in reader.chain]
    return made, [{"from": said, "to": meant} for said, meant in expanded]


def _terms(
    connection: Connection, reader: Reader, parsed: dict[str, list[Clause]]
) -> dict[str, dict[str, list[str]]]:
    """Locale -> stemmed run -> every way the glossary puts it, in words."""
    found_runs = (run for clauses in parsed.values() for _, _, run in ngrams([_stem(each) for each in clauses]))
    runs = {run for run in found_runs if "\0" not in run}
    if not runs:
        return {}
    asked = params(reader, runs=listed(connection, sorted(runs)))
    found: dict[str, dict[str, list[str]]] = {}
    for row in _statement(len(reader.chain)).rows(connection, asked):
        words = [row.title, *json.loads(row.document).get("synonyms", [])]
        found.setdefault(row.locale, {}).setdefault(row.value, []).extend(words)
    return found


@lru_cache(maxsize=64)
def _statement(locales: int) -> Prepared:
    def build(sqlite: bool) -> Select[Any]:
        told: tuple[Any, ...] = PublishedValue.value, Published.locale, Published.title, Published.document
        return (
            select(*told)
            .join(Published, Published.id == PublishedValue.published_id)
            .where(
                PublishedValue.name == "synonym",
                one_of(PublishedValue.value, "runs", sqlite),
                Published.locale.in_([locale_at(number) for number in range(locales)]),
                shown(Published),
            )
            .order_by(Published.position, Published.entry_id)
        )

    return Prepared(build)


def _stem(clause: Clause) -> str:
    """Phrases and exclusions are meant as they are: they break a run and are not expanded."""
    return clause.stems[0] if not clause.phrase and not clause.negated and len(clause.stems) == 1 else "\0"


def _expression(
    clauses: Sequence[Clause], terms: dict[str, list[str]], locale: str, expanded: dict[tuple[str, str], None]
) -> Expression:
    groups: list[Group] = []
    taken: set[int] = set()
    runs = sorted(ngrams([_stem(each) for each in clauses]), key=lambda run: (run[0] - run[1], run[0]))
    for start, end, run in runs:
        if run in terms and taken.isdisjoint(range(start, end)):
            taken.update(range(start, end))
            groups.append(_expanded(clauses[start:end], run, terms[run], locale, expanded))
    rest = [each for number, each in enumerate(clauses) if number not in taken and not each.negated]
    telling = [each for each in rest if not _little(each, locale)]
    for clause in telling if telling or groups else rest:
        groups.append(Group((clause.stems,) if clause.phrase else tuple((each,) for each in clause.stems)))
    return Expression(tuple(groups), tuple(each.stems for each in clauses if each.negated))


def _little(clause: Clause, locale: str) -> bool:
    return not clause.phrase and all(is_little(word, locale) for word in clause.words)


def _expanded(
    clauses: Sequence[Clause], run: str, words: list[str], locale: str, expanded: dict[tuple[str, str], None]
) -> Group:
    others: dict[Alternative, Any] = {}
    said = " ".join(word for clause in clauses for word in clause.words).lower()
    for word in words:
        stemmed = tuple(stems(word, locale))
        if stemmed and " ".join(stemmed) != run and stemmed not in others:
            others[stemmed] = None
            expanded[said, word.lower()] = None
    return Group(tuple(each.stems for each in clauses), tuple(others))
