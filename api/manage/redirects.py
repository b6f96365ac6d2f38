"""Redirects that editors write: list, create, read, replace, remove."""

from __future__ import annotations

from typing import Any

from api.manage import paging
from api.manage.asking import Answer, Ask, Route
from api.manage.entries import CREATING, GUARD, READING, WRITING
from api.models import Redirect
from api.openapi.operation import Operation
from api.services.house import redirects
from api.services.minding import hold
from schemas.managed import house, parameters

REDIRECT = "/redirects/<id>"


def routes() -> list[Route]:
    """Addresses of redirects."""

    def declare(summary: str, method: str = "GET", **more: Any) -> Operation:
        given = {"query": parameters.none(), "errors": READING if method == "GET" else WRITING, **more}
        return Operation(summary, GUARD, reply={}, tag="house", method=method,
                         **{"data": house.ManagedRedirect, **given})  # fmt: skip

    return [
        ("/redirects", every, declare("List written redirects", query=house.of_redirects(), listed=True)),
        ("/redirects", create, declare("Create a redirect", "POST", body=house.RedirectBody, status=201,
                                       errors=CREATING)),
        (REDIRECT, read, declare("Read a redirect")),
        (REDIRECT, replace, declare("Replace a redirect", "PUT", body=house.RedirectReplaceBody, conditional=True)),
        (REDIRECT, remove, declare("Remove a redirect", "DELETE", data=house.Removed, conditional=True)),
    ]  # fmt: skip


def every(ask: Ask) -> Answer:
    found = redirects.every(ask.work, ask.query, paging.after(ask), paging.size(ask))
    return Answer(found.rows, links=paging.links(ask, found.last))


def create(ask: Ask) -> Answer:
    body = {name: value for name, value in ask.body.items() if name != "clinic"}
    return shown(ask, redirects.create(ask.work, ask.body["clinic"], body), 201)


def read(ask: Ask) -> Answer:
    return shown(ask, redirects.find(ask.work, ask.path["id"]))


def replace(ask: Ask) -> Answer:
    return shown(ask, redirects.change(ask.work, to_change(ask), ask.body))


def remove(ask: Ask) -> Answer:
    found = to_change(ask)
    redirects.remove(ask.work, found)
    return Answer({"id": str(found.id)})


def to_change(ask: Ask) -> Redirect:
    """The redirect of the address, as nobody else changes it now, if the actor may and If-Match names it."""
    hold(ask.work)
    found = redirects.find(ask.work, ask.path["id"])
    ask.work.check("redirects", found.clinic_id)
    ask.require(redirects.tag(found), lambda: {"from": found.from_path, "to": found.to_path, "status": found.status})
    return found


def shown(ask: Ask, found: Redirect, status: int = 200) -> Answer:
    ask.work.flush()
    location = f"/v1/manage/redirects/{found.id}" if status == 201 else None
    return Answer(redirects.shown(ask.work, found), status, redirects.tag(found), location)
