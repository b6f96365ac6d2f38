"""What would be published, laid before what is: temporary tables that the queries of delivery read without knowing it.

A temporary view named like a table stands before that table in both databases, so the very same statements answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, Connection, MetaData, Table, insert

from api.models import Coming, Published, PublishedValue, SearchDocument

Row = tuple[dict[str, Any], list[dict[str, Any]], dict[str, str] | None]
"""A published row, what it is found by, and its search text; as the read model makes them."""
_HERE = MetaData()
_MODELS: dict[str, Any] = {"published": Published, "published_values": PublishedValue,
                           "search_documents": SearchDocument, "coming": Coming}  # fmt: skip
_WOULD = {
    name: Table(f"would_{name}", _HERE, *(Column(each.name, each.type) for each in model.__table__.columns))
    for name, model in _MODELS.items()
}
_ENTRY, _LOCALE = (Published.__table__.c[name].type for name in ("entry_id", "locale"))
_REPLACED = Table("would_replace", _HERE, Column("entry_id", _ENTRY), Column("locale", _LOCALE))
_WORDS = "title, summary, body"
_FOUND = Table("would_words", _HERE, *(Column(each) for each in ("rowid", "title", "summary", "body")))
_TAKEN = "EXISTS (SELECT 1 FROM would_replace r WHERE r.entry_id = {row}.entry_id AND r.locale = {row}.locale)"
_OF_TAKEN = "t.published_id IN (SELECT p.id FROM {main}published p WHERE " + _TAKEN.format(row="p") + ")"
_REPLACES = {"published": _TAKEN.format(row="t"), "published_values": _OF_TAKEN, "search_documents": _OF_TAKEN,
             "coming": "FALSE"}  # fmt: skip


def tables(*, sqlite: bool) -> tuple[str, ...]:
    """The statements that make the tables and views, once a connection."""
    main = "main." if sqlite else ""
    made = [_made(name, sqlite) for name in _WOULD]
    kind = "TEXT" if sqlite else 'varchar(40) COLLATE "C"'
    named = f"entry_id {kind}, locale varchar(64), PRIMARY KEY (entry_id, locale)"
    made.append(f"CREATE TEMP TABLE would_replace ({named})")
    if sqlite:
        tokens = "tokenize='unicode61 remove_diacritics 0'"
        made.append(f"CREATE VIRTUAL TABLE temp.would_words USING fts5({_WORDS}, {tokens})")
    # Views over what is searched by its values come first: the real `published` must still go by its name.
    for name in reversed(_WOULD):
        columns = [each.name for each in _WOULD[name].columns]
        columns += ["words", "heads"] if name == "search_documents" and not sqlite else []
        real, would = (", ".join(f"{which}.{each}" for each in columns) for which in ("t", "w"))
        there = f"SELECT {real} FROM {main}{name} t WHERE NOT {_REPLACES[name].format(main=main)}"
        made.append(f"CREATE TEMP VIEW {name} AS {there} UNION ALL SELECT {would} FROM would_{name} w")
    return tuple(made)


def _made(name: str, sqlite: bool) -> str:
    if sqlite:
        return f"CREATE TEMP TABLE would_{name} AS SELECT * FROM main.{name} WHERE 0"
    return f"CREATE TEMP TABLE would_{name} (LIKE {name} INCLUDING GENERATED)"


def lay(connection: Connection, rows: dict[tuple[str, str], Sequence[Row]]) -> None:
    """Put the rows that entries would have in a language, by (entry, locale), in the place of those they have."""
    if not rows:
        return
    connection.execute(insert(_REPLACED), [{"entry_id": entry_id, "locale": locale} for entry_id, locale in rows])
    whole, values, words = [], [], []
    for number, (row, named, said) in enumerate((each for made in rows.values() for each in made), start=1):
        whole.append({**row, "id": -number})
        values += [{**each, "published_id": -number} for each in named]
        if said:
            words.append({**said, "published_id": -number})
    # A text that ends leaves its address behind; delivery looks for such texts among those that something came for.
    came = [{"scope": row["scope"], "at": row["visible_from"], "entry_id": row["entry_id"]} for row in whole]
    tables_of = {"published": _even(whole), "published_values": values, "search_documents": words, "coming": came}
    for name, made in tables_of.items():
        if made:
            connection.execute(insert(_WOULD[name]), made)
    if words and connection.dialect.name == "sqlite":
        found = [{"rowid": each["published_id"], **{name: each[name] for name in _WORDS.split(", ")}} for each in words]
        connection.execute(insert(_FOUND), found)


def _even(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every row with every column, as one statement for all wants it."""
    names = [each.name for each in _WOULD["published"].columns]
    return [{name: row.get(name) for name in names} for row in rows]
