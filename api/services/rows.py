"""Rows as objects of the unit of work, by prepared statements: as `session.scalars` gives them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import instance_state, set_committed_value

from api.db import Base
from api.queries.typed import Typed

Row = TypeVar("Row", bound=Base)
Other = TypeVar("Other", bound=Base)


def rows(session: Session, asked: Typed, /, **params: Any) -> list[Any]:
    """What a statement gives, with what the session was told so far."""
    return asked.rows(told(session), params)


def told(session: Session) -> Connection:
    """What a session writes with, after it was told what the session knows so far."""
    if session.autoflush:
        session.flush()
    return connection_of(session)


def connection_of(session: Session) -> Connection:
    """What a session writes with, whatever it has not been told yet."""
    bound = session.bind
    return bound if isinstance(bound, Connection) else session.connection()


class Objects(Generic[Row]):
    """A question for whole rows of one table whose key is `id`: a fifth of the price of the same through the ORM."""

    def __init__(self, model: type[Row], statement: Select[*tuple[Any, ...]]) -> None:
        self._model = model
        self._asked = Typed(statement)

    def all(self, session: Session, /, **params: Any) -> list[Row]:
        """Each row as the session's one object for it."""
        return [held(session, self._model, each) for each in self._asked.dicts(told(session), params)]

    def first(self, session: Session, /, **params: Any) -> Row | None:
        return next(iter(self.all(session, **params)), None)

    def admitted(self, session: Session, admit: Callable[[dict[str, Any]], bool], /, **params: Any) -> Row | None:
        """The first row as an object if `admit` lets its values pass: one that does not takes no longer than none."""
        found = next(iter(self._asked.dicts(told(session), params)), None)
        return held(session, self._model, found) if found is not None and admit(found) else None


class Pairs(Generic[Row, Other]):
    """A question for whole rows of one table, each with at most one whole row of another beside it."""

    def __init__(self, model: type[Row], other: type[Other], statement: Select[*tuple[Any, ...]]) -> None:
        self._model, self._other = model, other
        self._names = [column.key for column in model.__table__.c]
        self._beside = [column.key for column in other.__table__.c]
        self._asked = Typed(statement)

    def all(self, session: Session, /, **params: Any) -> list[tuple[Row, Other | None]]:
        """Both as the session's objects; None where there is nothing beside a row."""
        found, split = self._asked.lists(told(session), params), len(self._names)
        return [
            (self._first(session, each[:split]), None if each[split] is None else self._second(session, each[split:]))
            for each in found
        ]

    def _first(self, session: Session, values: Sequence[Any]) -> Row:
        return held(session, self._model, dict(zip(self._names, values, strict=True)))

    def _second(self, session: Session, values: Sequence[Any]) -> Other:
        return held(session, self._other, dict(zip(self._beside, values, strict=True)))


def held(session: Session, model: type[Row], values: dict[str, Any]) -> Row:
    """The session's object for a row that stands in the database; what it knows already is left as it is."""
    mapper: Any = model.__mapper__
    key = mapper.identity_key_from_primary_key((values["id"],))
    found: Row | None = session.identity_map.get(key)
    if found is None:
        # What SQLAlchemy does with a row that it loads; its public way, to detach and to add, takes thrice the time.
        made: Row = mapper.class_manager.new_instance()
        vars(made).update(values)
        state = instance_state(made)
        state.key, state.session_id = key, session.hash_key
        session.identity_map.add(state)
        return made
    for name in values.keys() - vars(found).keys():
        set_committed_value(found, name, values[name])
    return found
