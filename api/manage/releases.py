"""Releases: many texts that go live together, tried out before, and taken back together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from api.errors import invalid_content, invalid_parameters, not_found
from api.manage import paging
from api.manage.asking import Answer, Ask, Route
from api.models import Release
from api.openapi.operation import Operation
from api.services import lookup
from api.services.releases import release_lists, releases, simulation
from api.services.work import Work
from schemas.managed import parameters
from schemas.managed import releases as shapes
from schemas.meant import asked_back

READING, WRITING = (401, 403, 404), (401, 403, 404, 409, 412, 413, 415, 422, 428, 503)
CREATING = (401, 403, 404, 409, 413, 415, 422, 503)
RELEASE = "/releases/<id>"
MOVES: dict[str, Callable[[Work, Release, dict[str, Any]], Release]] = {
    "publish": lambda work, release, said: releases.publish(work, release, said.get("at", releases.AS_PLANNED)),
    "unschedule": lambda work, release, said: releases.unschedule(work, release),
    "revert": lambda work, release, said: releases.revert(work, release),
}
MOVE: dict[str, dict[str, Any]] = {"move": {"type": "string", "enum": list(MOVES)}}


def routes() -> list[Route]:
    """Addresses of releases."""
    def declare(summary: str, method: str = "GET", **more: Any) -> Operation:
        given = {"query": parameters.none(), "errors": READING if method == "GET" else WRITING, **more}
        return Operation(summary, "manage", reply={}, tag="releases", method=method,
                         **{"data": shapes.Release, **given})  # fmt: skip

    return [
        ("/releases", every, declare("List releases", query=shapes.of_releases(), data=shapes.ListedRelease,
                                     listed=True)),
        ("/releases", create, declare("Create a release", "POST", body=shapes.ReleaseBody, status=201,
                                      errors=CREATING)),
        (RELEASE, read, declare("Read a release")),
        (RELEASE, replace, declare("Replace a release", "PUT", body=shapes.ReplaceReleaseBody, conditional=True)),
        (RELEASE, patch, declare("Patch a release", "PATCH", body=shapes.PatchReleaseBody, conditional=True)),
        (RELEASE, delete, declare("Delete a release", "DELETE", data=shapes.DeletedRelease, conditional=True)),
        (f"{RELEASE}/moves/<move>", move, declare("Move a release", "POST", body=shapes.ReleaseMoveBody,
                                                  parameters=MOVE, conditional=True)),
        (f"{RELEASE}/simulate", simulate, declare("Simulate a release", query=shapes.of_a_simulation(),
                                                  data=shapes.Simulation)),
    ]  # fmt: skip


def every(ask: Ask) -> Answer:
    found = release_lists.every(ask.work, ask.query, paging.after(ask), paging.size(ask))
    return Answer(found.rows, links=paging.links(ask, found.last))


def create(ask: Ask) -> Answer:
    body = ask.body
    scope = lookup.scope(ask.work, body["clinic"])
    return shown(ask, releases.create(ask.work, scope, body["title"], body["items"], body["at"]), status=201)


def read(ask: Ask) -> Answer:
    return shown(ask, releases.found(ask.work, ask.path["id"]))


def replace(ask: Ask) -> Answer:
    return shown(ask, releases.change(ask.work, matched(ask), **ask.body))


def patch(ask: Ask) -> Answer:
    return shown(ask, releases.change(ask.work, matched(ask), **ask.body))


def delete(ask: Ask) -> Answer:
    release = matched(ask)
    releases.delete(ask.work, release)
    return Answer({"id": release.id, "deleted": True})


def move(ask: Ask) -> Answer:
    name = ask.path["move"]
    if name not in MOVES:
        raise not_found(f"There is no such move; there are {', '.join(MOVES)}.{asked_back(name, MOVES)}")
    if name != "publish" and "at" in ask.body:
        detail = f"{name} takes no instant."
        raise invalid_content([{"pointer": "/at", "code": "not_allowed", "detail": detail, "allowed": []}])
    return shown(ask, MOVES[name](ask.work, matched(ask), ask.body))


def simulate(ask: Ask) -> Answer:
    release, at = releases.found(ask.work, ask.path["id"]), ask.query.get("at")
    if at is not None and at < ask.work.database.instant():
        detail = "That instant has passed; name one ahead, or leave `at` out."
        raise invalid_parameters([{"parameter": "at", "code": "past", "detail": detail}])
    return Answer(simulation.simulate(ask.work, release, at))


def matched(ask: Ask) -> Release:
    """The release, if the actor may change it and If-Match names it as it is."""
    release = releases.found(ask.work, ask.path["id"])
    ask.work.check("releases", release.scope)
    ask.require(release_lists.tag(release), lambda: release_lists.current(ask.work, release))
    return release


def shown(ask: Ask, release: Release, status: int = 200) -> Answer:
    """The reply that tells all of a release."""
    ask.work.flush()
    location = f"/v1/manage/releases/{release.id}" if status == 201 else None
    return Answer(release_lists.shown(ask.work, release), status, release_lists.tag(release), location)
