"""People and their roles: list, invite, read, change, deactivate, reactivate; and who asks."""

from __future__ import annotations

from typing import Any

from api.manage import paging
from api.manage.asking import Answer, Ask, Route
from api.manage.entries import CREATING, GUARD, READING, WRITING
from api.models import Person
from api.openapi.operation import Operation
from api.services.house import myself, people
from api.services.minding import hold
from schemas.managed import keys, parameters

PERSON = "/people/<id>"


def routes() -> list[Route]:
    """Addresses of people."""

    def declare(summary: str, method: str = "GET", **more: Any) -> Operation:
        given = {"query": parameters.none(), "errors": READING if method == "GET" else WRITING, **more}
        return Operation(summary, GUARD, reply={}, tag="people", method=method, **{"data": keys.ManagedPerson, **given})

    return [
        ("/me", me, declare("Read who asks", data=keys.Myself)),
        ("/people", every, declare("List people", query=keys.of_people(), listed=True)),
        ("/people", invite, declare("Invite a person", "POST", body=keys.PersonBody, status=201, errors=CREATING)),
        (PERSON, read, declare("Read a person")),
        (PERSON, patch, declare("Patch a person", "PATCH", body=keys.PersonPatchBody, conditional=True)),
        (f"{PERSON}/deactivate", deactivate, declare("Deactivate a person", "POST", conditional=True)),
        (f"{PERSON}/reactivate", reactivate, declare("Reactivate a person", "POST", conditional=True)),
    ]


def me(ask: Ask) -> Answer:
    return Answer(myself.shown(ask.work))


def every(ask: Ask) -> Answer:
    found = people.every(ask.work, ask.query, paging.after(ask), paging.size(ask))
    return Answer(found.rows, links=paging.links(ask, found.last))


def invite(ask: Ask) -> Answer:
    about = {name: value for name, value in ask.body.items() if name != "roles"}
    return shown(ask, people.invite(ask.work, about, ask.body["roles"]), 201)


def read(ask: Ask) -> Answer:
    return shown(ask, people.find(ask.work, ask.path["id"]))


def patch(ask: Ask) -> Answer:
    return shown(ask, people.change(ask.work, to_change(ask), dict(ask.body)))


def deactivate(ask: Ask) -> Answer:
    return shown(ask, people.deactivate(ask.work, to_change(ask)))


def reactivate(ask: Ask) -> Answer:
    return shown(ask, people.reactivate(ask.work, to_change(ask)))


def to_change(ask: Ask) -> Person:
    """Whom the address names, as nobody else changes them now, if the actor minds them and If-Match names them."""
    hold(ask.work)
    found = people.find(ask.work, ask.path["id"])
    ask.require(people.tag(found), lambda: {"state": people.shown(ask.work, found)["state"]})
    return found


def shown(ask: Ask, found: Person, status: int = 200) -> Answer:
    ask.work.flush()
    location = f"/v1/manage/people/{found.id}" if status == 201 else None
    return Answer(people.shown(ask.work, found), status, people.tag(found), location)
