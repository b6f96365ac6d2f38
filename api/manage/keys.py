"""Keys: list, create, read, rotate, revoke; a key is shown once."""

from __future__ import annotations

from typing import Any

from api.manage import paging
from api.manage.asking import Answer, Ask, Route
from api.manage.entries import CREATING, GUARD, READING, WRITING
from api.models import ApiKey
from api.openapi.operation import Operation
from api.services.house import keys
from api.services.minding import hold
from schemas.managed import keys as shapes
from schemas.managed import parameters

KEY = "/keys/<id>"


def routes() -> list[Route]:
    """Addresses of keys."""

    def declare(summary: str, method: str = "GET", **more: Any) -> Operation:
        given = {"query": parameters.none(), "errors": READING if method == "GET" else WRITING, **more}
        return Operation(summary, GUARD, reply={}, tag="keys", method=method, **{"data": shapes.ManagedKey, **given})

    return [
        ("/keys", every, declare("List keys", query=shapes.of_keys(), listed=True)),
        ("/keys", create, declare("Create a key", "POST", body=shapes.KeyBody, data=shapes.MadeKey, status=201,
                                  errors=CREATING)),
        (KEY, read, declare("Read a key")),
        (KEY, revoke, declare("Revoke a key", "DELETE", conditional=True)),
        (f"{KEY}/rotate", rotate, declare("Rotate a key", "POST", body=shapes.RotateBody, data=shapes.MadeKey,
                                          status=201, conditional=True)),
    ]  # fmt: skip


def every(ask: Ask) -> Answer:
    found = keys.listed(ask.work, ask.query, paging.after(ask), paging.size(ask))
    return Answer(found.rows, links=paging.links(ask, found.last))


def create(ask: Ask) -> Answer:
    return made(ask, *keys.ask_for(ask.work, ask.body))


def read(ask: Ask) -> Answer:
    return shown(ask, keys.find(ask.work, ask.path["id"]))


def revoke(ask: Ask) -> Answer:
    return shown(ask, keys.revoke(ask.work, to_change(ask).id))


def rotate(ask: Ask) -> Answer:
    return made(ask, *keys.rotate(ask.work, to_change(ask), ask.body["overlap_seconds"]))


def to_change(ask: Ask) -> ApiKey:
    """The key of the address, as nobody else changes it now, if the actor minds it and If-Match names it."""
    hold(ask.work)
    found = keys.find(ask.work, ask.path["id"])
    ask.require(keys.tag(found), lambda: {"state": keys.state(ask.work, found)})
    return found


def shown(ask: Ask, found: ApiKey) -> Answer:
    return Answer(keys.shown(ask.work, found), etag=keys.tag(found))


def made(ask: Ask, found: ApiKey, secret: str) -> Answer:
    """The one reply that holds a key; repeated by its Idempotency-Key, it holds null instead."""
    ask.work.flush()
    data = {**keys.shown(ask.work, found), "key": secret}
    return Answer(data, 201, keys.tag(found), f"/v1/manage/keys/{found.id}", secret=("key",))
