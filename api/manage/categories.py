"""Categories of the library and of clinics: list, create, read, replace, patch, remove."""

from __future__ import annotations

from typing import Any

from api.manage import paging
from api.manage.asking import Answer, Ask, Route
from api.manage.entries import CREATING, GUARD, READING, WRITING
from api.models import Category
from api.openapi.operation import Operation
from api.services import lookup
from api.services.house import categories
from api.services.minding import hold
from schemas.managed import house, parameters

CATEGORY = "/categories/<id>"


def routes() -> list[Route]:
    """Addresses of categories."""

    def declare(summary: str, method: str = "GET", **more: Any) -> Operation:
        given = {"query": parameters.none(), "errors": READING if method == "GET" else WRITING, **more}
        return Operation(summary, GUARD, reply={}, tag="house", method=method,
                         **{"data": house.ManagedCategory, **given})  # fmt: skip

    return [
        ("/categories", every, declare("List categories to keep", query=house.of_categories(), listed=True)),
        ("/categories", create, declare("Create a category", "POST", body=house.CategoryBody, status=201,
                                        errors=CREATING)),
        (CATEGORY, read, declare("Read a category in every language")),
        (CATEGORY, replace, declare("Replace a category", "PUT", body=house.CategoryReplaceBody, conditional=True)),
        (CATEGORY, patch, declare("Patch a category", "PATCH", body=house.CategoryPatchBody, conditional=True)),
        (CATEGORY, remove, declare("Remove a category", "DELETE", data=house.Removed, conditional=True)),
    ]  # fmt: skip


def every(ask: Ask) -> Answer:
    found = categories.every(ask.work, ask.query, paging.after(ask), paging.size(ask))
    return Answer(found.rows, links=paging.links(ask, found.last))


def create(ask: Ask) -> Answer:
    body = {name: value for name, value in ask.body.items() if name != "clinic"}
    return shown(ask, categories.create(ask.work, ask.body["clinic"], body), 201)


def read(ask: Ask) -> Answer:
    return shown(ask, categories.find(ask.work, ask.path["id"]))


def replace(ask: Ask) -> Answer:
    return shown(ask, categories.change(ask.work, to_change(ask), ask.body))


def patch(ask: Ask) -> Answer:
    return shown(ask, categories.patch(ask.work, to_change(ask), ask.body))


def remove(ask: Ask) -> Answer:
    found = to_change(ask)
    categories.remove(ask.work, found)
    return Answer({"id": found.id})


def to_change(ask: Ask) -> Category:
    """The category of the address, as nobody else changes it now, if the actor may and If-Match names it."""
    hold(ask.work)
    found = categories.find(ask.work, ask.path["id"])
    ask.work.check("categories", found.scope)
    ask.require(categories.tag(found), lambda: {
        "revision": found.revision, "changed_at": lookup.instant(found.updated_at)})  # fmt: skip
    return found


def shown(ask: Ask, found: Category, status: int = 200) -> Answer:
    ask.work.flush()
    location = f"/v1/manage/categories/{found.id}" if status == 201 else None
    return Answer(categories.shown(ask.work, found), status, categories.tag(found), location)
