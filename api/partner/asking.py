"""From a partner's request to a question or its one verb: which partner asks, by which key."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import orjson
from flask import Response, current_app, g, request

from api.auth import Caller, count_use, identify, unauthorized
from api.db import Database
from api.errors import CmsError
from api.models import ApiKey, Partner
from api.openapi.operation import Operation
from api.queries.cursors import open_, seal
from api.rules.permissions import Actor
from api.services.work import Work, looking, writing

USUAL_SIZE = 20


@dataclass
class Ask:
    """One request below /v1/partners/me, with the unit of work that it reads or writes in."""

    work: Work
    partner: Partner
    key: ApiKey
    path: dict[str, str]
    query: dict[str, Any]

    @property
    def size(self) -> int:
        found: int = self.query.get("page[size]", USUAL_SIZE)
        return found

    @property
    def after(self) -> tuple[Any, ...] | None:
        """The key of the last item seen. Raises invalid_parameter for a cursor of another list or partner."""
        cursor = self.query.get("page[after]")
        return None if cursor is None else tuple(open_(_secret(), self._bound, cursor))

    def links(self, last: Sequence[Any] | None) -> dict[str, Any]:
        """{self, next, prev}: addresses of this API."""
        here, own = request.script_root + quote(request.path), urlencode(request.args)
        following = None
        if last is not None:
            asked = {**_asked(), "page[after]": seal(_secret(), self._bound, list(last))}
            following = f"{here}?{urlencode(asked)}"
        return {"self": f"{here}?{own}" if own else here, "next": following, "prev": None}

    @property
    def _bound(self) -> str:
        named = {name: value for name, value in _asked().items() if name != "page[size]"}
        return f"{self.partner.id} {request.path}?{urlencode(sorted(named.items()))}"


@dataclass
class Answer:
    """What is given back: `data`, or a table where that was asked for."""

    data: Any = None
    meta: dict[str, Any] = field(default_factory=dict)
    links: dict[str, Any] | None = None
    csv: str | None = None


Answering = Callable[[Ask], Answer]
Route = tuple[str, Answering, Operation]
"""(path below /v1/partners, what answers, what it declares)."""


def admit() -> None:
    """Find out which partner asks, before anything else is looked at. Raises unauthorized, forbidden."""
    database: Database = current_app.extensions["database"]
    with database.reading() as connection:
        caller = identify(connection, request.headers.get("Authorization"), database.now())
    if caller.key_id is None:
        raise unauthorized("A partner's own view needs its partner key.")
    count_use(database, caller)
    if caller.kind != "partner":
        raise CmsError("forbidden", f"This is a {caller.kind} key; a partner's own view needs its partner key.")
    g.partner = caller


def answer(answering: Answering, declared: Operation, query: dict[str, Any], path: dict[str, str]) -> Response:
    """Answer from a unit of work of its own. `admit` came before."""
    database: Database = current_app.extensions["database"]
    caller: Caller = g.partner
    actor = Actor(caller.key_id or "")
    opened = looking(database, actor) if declared.method == "GET" else writing(database, actor)
    with opened as work:
        key = work.session.get_one(ApiKey, caller.key_id)
        partner = work.session.get(Partner, key.partner_id) if key.partner_id else None
        if partner is None or partner.ended_at is not None:
            raise unauthorized("This key is of no partner any more.")
        answered = answering(Ask(work, partner, key, path, query))
    return _reply(answered)


def _reply(answered: Answer) -> Response:
    """The reply; private, and never stored by anyone on the way."""
    if answered.csv is not None:
        reply = Response(answered.csv, content_type="text/csv; charset=utf-8")
    else:
        links = {} if answered.links is None else {"links": answered.links}
        body = orjson.dumps({"data": answered.data, **links, "meta": answered.meta})
        reply = Response(body, content_type="application/json")
    reply.headers["Cache-Control"] = "private, no-store"
    reply.headers["Vary"] = "Authorization, Accept"
    return reply


def _asked() -> dict[str, str]:
    return {name: value for name, value in request.args.items() if name != "page[after]"}


def _secret() -> bytes:
    found: bytes = current_app.extensions["secret"]
    return found


def public_url() -> str:
    found: str = current_app.config["PUBLIC_URL"]
    return found
