"""From a request to a verb: who asks, what they read before (If-Match), and whether it was asked already."""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
from flask import Response, current_app, g, request
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm.exc import StaleDataError

from api.auth import REFUSED, Caller, count_use, digest_of, unauthorized
from api.db import Database
from api.errors import CmsError
from api.manage import repeating
from api.openapi.operation import Operation
from api.rules.permissions import Actor
from api.services.actors import holder
from api.services.processes.listeners import unconfirmed
from api.services.replies import Repeated
from api.services.work import Work, looking, writing

TRIES = 3
"""How often a write is tried that lost to another one in the database (deadlock, serialization, busy)."""
AGAIN_SECONDS = 10.0
"""No other try begins after so long: whoever waits for the answer holds a thread of the process."""
NOBODY_KNOWS = "unknown"
"""Stands for the processes that did not confirm, where the database was lost after the write and can't name them."""
LOST = ("40001", "40P01", "55P03")


@dataclass
class Ask:
    """One request below /v1/manage, with the unit of work that it reads or writes in."""

    work: Work
    path: dict[str, str]
    query: dict[str, Any]
    body: dict[str, Any] = field(default_factory=dict)

    @property
    def actor(self) -> Actor:
        return self.work.actor

    def require(self, etag: str, current: Callable[[], dict[str, Any]]) -> None:
        """Raise unless If-Match names what is there now; `current` tells that."""
        self.require_any([etag], current)

    def require_any(self, etags: list[str], current: Callable[[], dict[str, Any]]) -> None:
        """Raise unless If-Match names one of the tags (RFC 9110 13.1.1: strong comparison, `*` is any)."""
        if "If-Match" not in request.headers:
            raise CmsError("precondition_required", "Send the ETag of what you read as If-Match.")
        wanted = request.if_match
        if not (wanted.star_tag or any(wanted.contains(etag.strip('"')) for etag in etags)):
            raise CmsError("stale", _why_not(etags), current={"etag": etags[0], **current()})


def _why_not(etags: list[str]) -> str:
    """Why no tag of If-Match matched: an old one of this very thing, a weak one, or none of it at all."""
    said, bare = request.headers["If-Match"], [each.strip('"') for each in etags]
    if any(each in said for each in bare):
        return "If-Match takes the ETag exactly as it was given: strong, in its quotes."
    if any(each.rpartition("-")[0] in said for each in bare):
        return "This was changed since you read it."
    return "If-Match names no version of this; send the ETag that its address answers with."


@dataclass
class Answer:
    """What a verb gives back: `data`, and what belongs into the head. `secret` names members never to be stored."""

    data: Any
    status: int = 200
    etag: str | None = None
    location: str | None = None
    meta: dict[str, Any] = field(default_factory=dict)
    links: dict[str, Any] | None = None
    secret: tuple[str, ...] = ()
    csv: str | None = None
    """The whole reply as a table, where that was asked for."""
    file: Response | None = None
    """The bytes of a file, where those were asked for."""


Handler = Callable[[Ask], Answer]
Route = tuple[str, Handler, Operation]
"""(path below /v1/manage, what answers, what it declares)."""


def admit() -> None:
    """Find out who asks, before anything else of the request is looked at. Raises unauthorized, forbidden."""
    g.manager = _manager(current_app.extensions["database"])


def answer(handler: Handler, declared: Operation, query: dict[str, Any], body: Any, path: dict[str, str]) -> Response:
    """Run a verb in a unit of work of its own, and write down its reply. `admit` came before."""
    database: Database = current_app.extensions["database"]
    actor: Actor = g.manager
    if declared.method == "GET" or declared.reads:
        with looking(database, actor) as work:
            return response(handler(Ask(work, path, query, body or {})))
    with repeating.in_turn(actor, request.headers.get("Idempotency-Key") if declared.method == "POST" else None) as key:
        return _written(database, actor, lambda work: repeating.once(
            work, key, lambda: response_parts(handler(Ask(work, path, query, body or {})))
        ))  # fmt: skip


def _written(database: Database, actor: Actor, verb: Callable[[Work], repeating.Parts]) -> Response:
    last = time.monotonic() + AGAIN_SECONDS
    for left in reversed(range(TRIES)):
        try:
            with writing(database, actor) as work:
                if left < TRIES - 1:
                    work.now()  # Who was overtaken once takes the house lock first, so that nobody slips in again.
                parts = verb(work)
        except CmsError as error:
            # Overtaken between reading and writing: read again, and say what is there now, or take `*` at its word.
            if not isinstance(error.__cause__, StaleDataError) or not left:
                raise
        except Repeated:
            if not left:
                raise repeating.still_running() from None
        except DBAPIError as error:
            if not _lost(error) or not left or time.monotonic() > last:
                raise
            time.sleep(random.uniform(0.01, 0.1))
        else:
            # What fails from here on is no reason to do again what has been done.
            return made(_confirmed(database, work, parts))
    raise AssertionError("the loop returns or raises")


def _confirmed(database: Database, work: Work, parts: repeating.Parts) -> repeating.Parts:
    """Once something is taken down: wait until no process shows it any more, and name those that did not say so."""
    if not work.taken_down or work.purged is None:
        return parts
    try:
        missing = unconfirmed(database, work.purged)
    except SQLAlchemyError:
        missing = [NOBODY_KNOWS]
    if not missing:
        return parts
    body = orjson.loads(parts.body)
    body["meta"] = {**body.get("meta", {}), "unconfirmed": missing}
    return replace(parts, body=orjson.dumps(body))


def _lost(error: DBAPIError) -> bool:
    """Whether the database chose another writer, so that the same verb may simply be tried again."""
    return getattr(error.orig, "sqlstate", None) in LOST or "database is locked" in str(error.orig)


def _manager(database: Database) -> Actor:
    """Who writes: a service, or the person a manage key stands for. Other keys only read, and are refused."""
    if (sent := request.headers.get("Authorization")) is None:
        raise unauthorized("Everything below /v1/manage needs a manage key.")
    digest = digest_of(sent)
    with database.reading() as connection:
        found = holder(connection, digest, database.instant())
    if found is None:
        raise unauthorized(REFUSED)
    count_use(database, Caller(found.kind, found.key_id))
    if found.kind != "manage":
        raise CmsError("forbidden", f"A {found.kind} key only reads; this needs a manage key.")
    if found.actor is None:
        raise unauthorized(REFUSED)
    return found.actor


def response_parts(answered: Answer) -> repeating.Parts:
    """(status, headers, body, body to store): the stored one holds no secret."""
    if answered.csv is not None:
        return repeating.Parts(answered.status, {"Content-Type": "text/csv; charset=utf-8"}, answered.csv.encode())
    body: dict[str, Any] = {"data": answered.data}
    if answered.links is not None:
        body["links"] = answered.links
    body["meta"] = answered.meta
    location = answered.location and request.script_root + answered.location
    headers = {"ETag": answered.etag, "Location": location}
    kept = {name: value for name, value in headers.items() if value is not None}
    sent = orjson.dumps(body)
    if not answered.secret:
        return repeating.Parts(answered.status, kept, sent, sent)
    told = "The secret was shown once, in the first reply; rotate the key, or make a new link, if it was lost."
    stored = {
        **body,
        "data": {**answered.data, **dict.fromkeys(answered.secret)},
        "meta": {**answered.meta, "note": told},
    }
    return repeating.Parts(answered.status, kept, sent, orjson.dumps(stored))


def response(answered: Answer) -> Response:
    """The reply to a read. What has no version of its own, such as a list, is tagged by its bytes."""
    if answered.file is not None:
        return private(answered.file)
    parts = response_parts(answered)
    if request.method in ("GET", "HEAD"):
        parts.headers.setdefault("ETag", f'"{hashlib.blake2b(parts.body, digest_size=12).hexdigest()}"')
    return made(parts)


def made(parts: repeating.Parts) -> Response:
    """The reply of a verb."""
    reply = Response(parts.body, parts.status, content_type="application/json")
    reply.headers.update(parts.headers)
    if parts.replayed:
        reply.headers["Idempotency-Replayed"] = "true"
    return private(reply)


def private(reply: Response) -> Response:
    """For who asked alone, and never stored by anyone on the way."""
    reply.headers["Cache-Control"] = "private, no-store"
    reply.headers["Vary"] = "Authorization"
    return reply
