"""Clinics: list, create, read, replace, patch, remove."""

from __future__ import annotations

from typing import Any

from api.manage import paging
from api.manage.asking import Answer, Ask, Route
from api.manage.entries import CREATING, GUARD, READING, WRITING
from api.models import Clinic
from api.openapi.operation import Operation
from api.services import lookup
from api.services.house import clinics
from api.services.minding import hold
from schemas.managed import house, parameters

CLINIC = "/clinics/<clinic>"


def routes() -> list[Route]:
    """Addresses of clinics."""

    def declare(summary: str, method: str = "GET", **more: Any) -> Operation:
        given = {"query": parameters.none(), "errors": READING if method == "GET" else WRITING, **more}
        return Operation(summary, GUARD, reply={}, tag="house", method=method, **{"data": house.ManagedClinic, **given})

    return [
        ("/clinics", every, declare("List your clinics", query=parameters.of_pages(), data=house.ListedClinic,
                                    listed=True)),
        ("/clinics", create, declare("Create a clinic", "POST", body=house.ClinicBody, status=201, errors=CREATING)),
        (CLINIC, read, declare("Read a clinic's profile")),
        (CLINIC, replace, declare("Replace a clinic's profile", "PUT", body=house.ClinicBody, conditional=True)),
        (CLINIC, patch, declare("Patch a clinic's profile", "PATCH", body=house.ClinicPatchBody, conditional=True)),
        (CLINIC, remove, declare("Remove a clinic", "DELETE", data=house.Removed, conditional=True)),
    ]  # fmt: skip


def every(ask: Ask) -> Answer:
    found = clinics.every(ask.work, paging.after(ask), paging.size(ask))
    return Answer(found.rows, links=paging.links(ask, found.last))


def create(ask: Ask) -> Answer:
    made = clinics.create(ask.work, ask.body)
    return shown(made, 201)


def read(ask: Ask) -> Answer:
    return shown(lookup.own_clinic(ask.work, ask.path["clinic"]))


def replace(ask: Ask) -> Answer:
    return shown(clinics.change(ask.work, to_change(ask), ask.body))


def patch(ask: Ask) -> Answer:
    return shown(clinics.patch(ask.work, to_change(ask), ask.body))


def remove(ask: Ask) -> Answer:
    found = to_change(ask)
    clinics.remove(ask.work, found)
    return Answer({"id": found.id})


def to_change(ask: Ask) -> Clinic:
    """The clinic of the address, as nobody else changes it now, if the actor may and If-Match names it."""
    hold(ask.work)
    found = lookup.own_clinic(ask.work, ask.path["clinic"])
    ask.work.check("clinics", found.id)
    ask.require(clinics.tag(found), lambda: {
        "revision": found.revision, "changed_at": lookup.instant(found.updated_at)})  # fmt: skip
    return found


def shown(found: Clinic, status: int = 200) -> Answer:
    location = f"/v1/manage/clinics/{found.slug}" if status == 201 else None
    return Answer(clinics.shown(found), status, clinics.tag(found), location)
