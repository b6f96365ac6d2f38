"""Rows as JSON objects and back: by the columns that a table has, so that a new column is carried from the start."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import JSON, Boolean, Integer, String
from sqlalchemy.types import TypeEngine

from api.db import Base, Instant
from api.services.lookup import instant

Line = dict[str, Any]
LARGEST = 2**63 - 1


class BadLine(Exception):
    """A line of a file that can't be what it says; the message says what to change."""


def dump(model: type[Base], row: Mapping[Any, Any], without: tuple[str, ...] = ()) -> Line:
    """The row's columns as JSON, instants as RFC 3339."""
    return {
        column.name: instant(row[column.name]) if isinstance(column.type, Instant) else row[column.name]
        for column in model.__table__.columns
        if column.name not in without
    }


def load(model: type[Base], line: Line, without: tuple[str, ...] = (), beside: tuple[str, ...] = ()) -> Line:
    """The values of a row, as `dump` wrote them. Raises BadLine for what no such row can hold.

    `without` are the columns that the reader fills itself, `beside` the members that are no columns. A column that
    the line does not name takes its default: a file of an older version lacks what came later.
    """
    columns = {column.name: column for column in model.__table__.columns if column.name not in without}
    if unknown := sorted(set(line) - set(columns) - set(beside) - {"record"}):
        raise BadLine(f"{unknown[0][:60]!r} is no member of a {line.get('record', 'part')}.")
    found: Line = {}
    for name, column in columns.items():
        if name not in line:
            if not column.nullable and column.default is None and column.server_default is None:
                raise BadLine(f"{name} is missing.")
            continue
        value = line[name]
        if value is None:
            if not column.nullable and not isinstance(column.type, JSON):
                raise BadLine(f"{name} must not be null.")
        else:
            value = _value(name, column.type, value)
        found[name] = value
    return found


def _value(name: str, kind: TypeEngine[Any], value: Any) -> Any:
    if isinstance(kind, Instant):
        return _instant(name, value)
    if isinstance(kind, JSON):
        if not isinstance(value, dict | list):
            raise BadLine(f"{name} must be an object or a list.")
        return value
    if isinstance(kind, Boolean):
        if not isinstance(value, bool):
            raise BadLine(f"{name} must be true or false.")
        return value
    if isinstance(kind, Integer):
        if not isinstance(value, int) or isinstance(value, bool) or not -LARGEST <= value <= LARGEST:
            raise BadLine(f"{name} must be a whole number.")
        return value
    if isinstance(kind, String):
        if not isinstance(value, str) or "\0" in value or (kind.length and len(value) > kind.length):
            raise BadLine(f"{name} must be a text" + (f" of at most {kind.length} characters." if kind.length else "."))
        return value
    raise BadLine(f"{name} can't be read.")


def _instant(name: str, value: Any) -> dt.datetime:
    try:
        found = dt.datetime.fromisoformat(value)
        if found.tzinfo is None or not 1970 <= found.year < 9999:
            raise ValueError
        return found.astimezone(dt.UTC)
    except (TypeError, ValueError):
        raise BadLine(f"{name} must be an instant such as 2026-11-03T09:00:00Z.") from None
