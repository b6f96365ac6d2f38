"""From a request to a question: which clinic, which language, which wish."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Response, current_app, request

from api.auth import Caller, count_use, identify, require_reader
from api.db import Database, Reading
from api.errors import CmsError, invalid_parameters
from api.queries.filters import Condition
from api.queries.house import House, HouseChanged, forget, house, newest_publication
from api.queries.lists import Question
from api.queries.reader import Reader, Wish
from schemas.content_type import ContentType
from schemas.requests import MIN_PUBLICATION, plain_parameters, read


@dataclass(frozen=True)
class Asked:
    """An open read: the caller, the clinic, and the reader that the query describes."""

    connection: Reading
    caller: Caller
    house: House
    reader: Reader
    query: dict[str, Any]


def database() -> Database:
    found: Database = current_app.extensions["database"]
    return found


@contextmanager
def asked(clinic: str, query: dict[str, Any], locale: str | None = None) -> Iterator[Asked]:
    """Open a read of one clinic: who may, then in which language. `locale` where the path says it."""
    db, environ = database(), request.environ
    with db.reading() as connection:
        caller = identify(connection, environ.get("HTTP_AUTHORIZATION"), db.now())
        count_use(db, caller)
        found = _house(db, connection, caller, clinic, environ.get("HTTP_ORIGIN"))
        _new_enough(connection, query)
        wanted = locale or query.get("locale")
        reader = Reader(
            found,
            chain(found, wanted, query.get("fallback", "default")),
            db.now(),
            query.get("format", "html"),
            query.get("heading_level", 3),
            wanted,
            current_app.extensions["config"].media_base,
        )
        yield Asked(connection, caller, found, reader, query)


def _house(db: Database, connection: Reading, caller: Caller, slug: str, origin: str | None) -> House:
    """The clinic, as remembered: `settle` checks that. Before anything is refused, what is remembered is checked."""
    found = house(db, connection, slug, remembered=True)
    if found is not None:
        try:
            require_reader(caller, found, origin)
            return found
        except CmsError:
            found = house(db, connection, slug)
    if found is None:
        raise CmsError("not_found", "There is no clinic of this name.")
    require_reader(caller, found, origin)
    return found


def arguments() -> dict[str, str]:
    """The query as it names what is read, in a fixed order."""
    return {name: value for name, value in sorted(request.args.items()) if name != MIN_PUBLICATION}


def _new_enough(connection: Reading, query: dict[str, Any]) -> None:
    """Refuse to answer from before a publication that is not there yet."""
    wanted = query.get(MIN_PUBLICATION)
    if (header := request.headers.get("X-Min-Publication")) is not None:
        values, faults = read(plain_parameters(), [(MIN_PUBLICATION, header)])
        if faults:
            raise invalid_parameters([{**each, "parameter": "X-Min-Publication"} for each in faults])
        wanted = values[MIN_PUBLICATION]
    if wanted is not None and wanted > (newest := newest_publication(connection)):
        detail = f"There is no publication {wanted} yet; the newest is {newest}."
        raise invalid_parameters([{"parameter": MIN_PUBLICATION, "code": "not_yet", "detail": detail}])


def chain(found: House, wanted: str | None, fallback: str | tuple[str, ...]) -> tuple[str, ...]:
    """The locale asked for and those that may stand in. Raises invalid_parameter naming the clinic's locales.

    A region the clinic does not have is looked up by its language (RFC 4647, lookup): es-MX finds es.
    """
    default: str = found.profile["default_locale"]
    first = default if wanted is None else _known(found, wanted, "locale")
    if fallback == "none":
        return (first,)
    if fallback == "default":
        return tuple(dict.fromkeys((first, *found.fallback(first))))
    return tuple(dict.fromkeys((first, *(_known(found, each, "fallback") for each in fallback))))


def _known(found: House, wanted: str, parameter: str) -> str:
    parts = wanted.split("-")
    for length in range(len(parts), 0, -1):
        if (code := "-".join(parts[:length])) in found.locales:
            return code
    detail = f"{found.slug} has no language {wanted}."
    fault = {"parameter": parameter, "code": "not_allowed", "detail": detail, "allowed": list(found.locales)}
    raise invalid_parameters([fault])


def wish(query: dict[str, Any], default_view: str) -> Wish:
    """What of each item is asked for."""
    fields = {name[7:-1]: names for name, names in query.items() if name.startswith("fields[")}
    limits = {name[14:-1]: most for name, most in query.items() if name.startswith("include_limit[")}
    return Wish(query.get("view", default_view), fields, query.get("include", ()), limits)


def conditions(query: dict[str, Any]) -> tuple[Condition, ...]:
    """`filter[name]` and `filter[name][operator]` as conditions, in a fixed order."""
    found = []
    for name, values in sorted(query.items()):
        if name.startswith("filter["):
            field, _, operator = name[7:-1].partition("][")
            found.append(Condition(field, operator or "eq", values))
    return tuple(found)


def question(kind: ContentType, query: dict[str, Any]) -> Question:
    """A list's question, without its cursor. Raises invalid_parameter where parameters exclude each other."""
    together = [name for name in ("page[after]", "page[number]", "ids") if name in query]
    if len(together) > 1:
        detail = f"{' and '.join(together)} exclude each other."
        raise invalid_parameters([{"parameter": together[1], "code": "excluded", "detail": detail}])
    size = query.get("page[size]", 20)
    sort = tuple((name.lstrip("-"), name.startswith("-")) for name in query.get("sort", ("position",)))
    return Question(kind, conditions(query), sort, size, offset=(query.get("page[number]", 1) - 1) * size)


def secret() -> bytes:
    """What cursors are signed with."""
    found: bytes = current_app.extensions["secret"]
    return found


TRIES = 3


def again_if_changed(method: Callable[..., Response], values: dict[str, Any]) -> Response:
    """Answer; where the clinic changed while the answer was made, make it again with what it is now."""
    for _ in range(TRIES):
        try:
            return method(**values)
        except HouseChanged as changed:
            forget(database(), str(changed))
    raise CmsError("unavailable", "The clinic's profile is changing right now.")
