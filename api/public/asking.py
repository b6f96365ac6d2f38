"""From a request to a question: which clinic, which language, which wish."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Response, current_app, request

from api.auth import Caller, count_use, identify, require_reader
from api.config import Config
from api.db import Database, Reading
from api.errors import CmsError, invalid_parameters
from api.queries.filters import Condition
from api.queries.house import House, HouseChanged, forget, house, newest_publication
from api.queries.lists import Question
from api.queries.nearby import no_clinic
from api.queries.reader import Reader, Wish
from schemas.content_type import ContentType
from schemas.requests import MIN_PUBLICATION, plain_parameters, read


@dataclass(frozen=True)
class Preview:
    """What of a read is not live: as of when, by whose word, and the state of what is shown."""

    perspective: str
    at: int
    states: Mapping[tuple[str, str, bool, int], str]
    left_out: int = 0
    only: str | None = None
    """The entry that a share link shows; None for a key, which sees all."""
    shows: tuple[str, str] | None = None
    """Its type and slug."""
    ends: str | None = None
    """When the link ends."""

    def state(self, given: Mapping[str, Any]) -> str:
        """Of an item as it is given: that of its revision, else of the clinic's overlay of it, else live."""
        known = [(False, given.get("revision")), (True, given.get("overlay_revision"))]
        found = (self.states.get((given["id"], given["locale"], overlay, number or 0)) for overlay, number in known)
        return next((each for each in found if each and each != "live"), "live")


@dataclass(frozen=True)
class Asked:
    """An open read: the caller, the clinic, and the reader that the query describes."""

    connection: Reading
    caller: Caller
    house: House
    reader: Reader
    query: dict[str, Any]
    environ: dict[str, Any]
    database: Database
    config: Config
    preview: Preview | None = None

    def require(self, entry_id: str) -> None:
        """Raise not_found for a text that a share link is not about."""
        if not self.shows(entry_id):
            raise CmsError("not_found", NOTHING_SHARED)

    def shows(self, entry_id: str) -> bool:
        """Whether a text may be shown here, as far as a share link says."""
        return self.preview is None or self.preview.only in (None, entry_id)


NOTHING_SHARED = "There is nothing to see here: the link is wrong, has ended, or was taken back."
"""Whatever is wrong with a share link, it is told the same."""
OPENS = "clinic_cms.open_read"
"""Under this name an edge leaves in the WSGI environment what opens its reads in place of `_published`."""


def database() -> Database:
    found: Database = current_app.extensions["database"]
    return found


def asked(clinic: str, query: dict[str, Any], locale: str | None = None) -> AbstractContextManager[Asked]:
    """Open a read of one clinic: who may, then in which language. `locale` where the path says it."""
    environ = request.environ
    opens: Callable[..., AbstractContextManager[Asked]] = environ.get(OPENS, _published)
    return opens(clinic, query, locale, environ)


@contextmanager
def _published(clinic: str, query: dict[str, Any], locale: str | None, environ: dict[str, Any]) -> Iterator[Asked]:
    parts = current_app.extensions
    db, config = parts["database"], parts["config"]
    with db.reading() as connection:
        caller = identify(connection, environ.get("HTTP_AUTHORIZATION"), db.now())
        count_use(db, caller)
        found = _house(db, connection, caller, clinic, environ.get("HTTP_ORIGIN"))
        new_enough(connection, query, environ)
        now = db.now()  # Not before: what has just been published is not there yet in the second before.
        try:
            reader = reader_of(found, query, locale or query.get("locale"), now, config.media_base)
        except CmsError:
            fresh = house(db, connection, clinic)
            if fresh is None or fresh.stamp != found.stamp:
                raise HouseChanged(clinic) from None
            raise
        yield Asked(connection, caller, found, reader, query, environ, db, config)


def reader_of(found: House, query: dict[str, Any], wanted: str | None, now: int, media: str) -> Reader:
    """For whom a query wants a reply, as of when. Raises invalid_parameter for a language the clinic lacks.

    `media` is what the addresses of pictures begin with.
    """
    languages = chain(found, wanted, query.get("fallback", "default"))
    return Reader(found, languages, now, query.get("format", "html"), query.get("heading_level", 3), wanted, media)


def _house(db: Database, connection: Reading, caller: Caller, slug: str, origin: str | None) -> House:
    """The clinic, as remembered: `settle` checks that. Before anything is refused, what is remembered is checked."""
    found = house(db, connection, slug, remembered=True)
    if found is not None:
        try:
            require_reader(connection, caller, found, origin)
            return found
        except CmsError:
            found = house(db, connection, slug)
    if found is None:
        raise no_clinic(connection, slug)
    require_reader(connection, caller, found, origin)
    return found


NAMES_NOTHING = (MIN_PUBLICATION, "perspective", "token")
"""Parameters that say as of when or by what right something is read, not what."""


def arguments() -> dict[str, str]:
    """The query as it names what is read, in a fixed order."""
    return {name: value for name, value in sorted(request.args.items()) if name not in NAMES_NOTHING}


def new_enough(connection: Reading, query: dict[str, Any], environ: dict[str, Any]) -> None:
    """Refuse to answer from before a publication that is not there yet; the header goes before the parameter."""
    named, wanted = MIN_PUBLICATION, query.get(MIN_PUBLICATION)
    if (header := environ.get("HTTP_X_MIN_PUBLICATION")) is not None:
        named = "X-Min-Publication"
        values, faults = read(plain_parameters(), [(MIN_PUBLICATION, header)])
        if faults:
            raise invalid_parameters([{**each, "parameter": named} for each in faults])
        wanted = values[MIN_PUBLICATION]
    if wanted is not None and wanted > (newest := newest_publication(connection)):
        detail = f"There is no publication {wanted} yet; the newest is {newest}."
        raise invalid_parameters([{"parameter": named, "code": "not_yet", "detail": detail}])


def chain(found: House, wanted: str | None, fallback: str | tuple[str, ...]) -> tuple[str, ...]:
    """The locale asked for and those that may stand in. Raises invalid_parameter naming the clinic's locales.

    A region the clinic does not have is looked up by its language (RFC 4647, lookup): es-MX finds es.
    """
    known: dict[Any, tuple[str, ...]] = found.worked_out
    if (remembered := known.get(("chain", wanted, fallback))) is not None:
        return remembered
    chosen = _chain(found, wanted, fallback)
    if wanted in (None, *found.locales) and isinstance(fallback, str):  # Of others there is no end.
        known["chain", wanted, fallback] = chosen
    return chosen


def _chain(found: House, wanted: str | None, fallback: str | tuple[str, ...]) -> tuple[str, ...]:
    default: str = found.profile["default_locale"]
    first = default if wanted is None else _known(found, wanted, "locale")
    if fallback == "none":
        return (first,)
    if fallback == "default":
        return tuple(dict.fromkeys((first, *found.fallback(first))))
    return tuple(dict.fromkeys((first, *(_known(found, each, "fallback") for each in fallback))))


def _known(found: House, wanted: str, parameter: str) -> str:
    if (code := found.spoken(wanted)) is not None:
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
    keep_apart(query, "page[after]", ["page[number]"])
    size = query.get("page[size]", 20)
    sort = tuple((name.lstrip("-"), name.startswith("-")) for name in query.get("sort", ("position",)))
    return Question(kind, conditions(query), sort, size, offset=(query.get("page[number]", 1) - 1) * size)


def keep_apart(query: dict[str, Any], name: str, others: Iterable[str]) -> None:
    """Refuse every one of the others beside a parameter that leaves them without meaning: none is silently dropped."""
    found = [each for each in others if each in query] if name in query else []
    if found:
        told = "{} and {} exclude each other.".format
        raise invalid_parameters([
            {"parameter": each, "code": "excluded", "detail": told(name, each)} for each in found
        ])  # fmt: skip


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
