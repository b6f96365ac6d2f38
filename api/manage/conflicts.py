"""Conflicts: what the library changed beneath a clinic's words, side by side, and how it was decided."""

from __future__ import annotations

from typing import Any

from api.manage import paging
from api.manage.asking import Answer, Ask, Route
from api.manage.entries import GUARD, READING, WRITING
from api.openapi.operation import Operation
from api.services.overlays import resolving
from schemas.managed import overlays as shapes
from schemas.managed import parameters


def routes() -> list[Route]:
    """Addresses of conflicts."""
    def declare(summary: str, data: Any, method: str = "GET", **more: Any) -> Operation:
        given = {"query": parameters.none(), "errors": READING, **more}
        return Operation(summary, GUARD, reply={}, tag="overlays", data=data, method=method, **given)

    return [
        ("/conflicts", every, declare("List conflicts", shapes.ConflictListed, query=shapes.of_conflicts(),
                                      listed=True)),
        ("/conflicts/<id>", read, declare("Read a conflict", shapes.ConflictTold)),
        ("/conflicts/<id>/resolve", resolve, declare("Resolve a conflict", shapes.ConflictTold, "POST",
                                                     body=shapes.ResolveBody, errors=WRITING, conditional=True)),
    ]  # fmt: skip


def every(ask: Ask) -> Answer:
    query = ask.query
    found, last = resolving.every(
        ask.work, query.get("filter[clinic]"), unresolved=query.get("filter[open]"), after=paging.after(ask),
        size=paging.size(ask),
    )  # fmt: skip
    return Answer(found, links=paging.links(ask, last))


def read(ask: Ask) -> Answer:
    return _shown(ask, resolving.find(ask.work, ask.path["id"]))


def resolve(ask: Ask) -> Answer:
    task = resolving.find(ask.work, ask.path["id"])
    ask.require(resolving.tag(task), lambda: resolving.told(task))
    draft = resolving.resolve(ask.work, task, ask.body["keep"], ask.body["take"])
    ask.work.flush()
    return _shown(ask, task, draft)


def _shown(ask: Ask, task: resolving.Task, draft: int | None = None) -> Answer:
    told = {**resolving.told(task), "changes": resolving.three_ways(ask.work, task), "draft": draft}
    return Answer(told, etag=resolving.tag(task))
