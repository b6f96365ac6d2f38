"""Partners: list, create, read, patch, end; what their pages showed, and who still shows what was withdrawn."""

from __future__ import annotations

from typing import Any

from flask import current_app

from api.manage import paging
from api.manage.asking import Answer, Ask, Route
from api.manage.entries import CREATING, GUARD, READING, WRITING
from api.models import Partner
from api.openapi.operation import Operation, wants_a_table
from api.services import lookup
from api.services.minding import hold
from api.services.partners import partner_usage, partners
from schemas.managed import parameters
from schemas.managed import partners as shapes

PARTNER = "/partners/<besides(showing):id>"
TABLE = {"text/csv": {"type": "string"}}


def routes() -> list[Route]:
    """Addresses of partners."""

    def declare(summary: str, method: str = "GET", **more: Any) -> Operation:
        given = {"query": parameters.none(), "errors": READING if method == "GET" else WRITING, "reply": {}, **more}
        return Operation(summary, GUARD, tag="partners", method=method, **{"data": shapes.ManagedPartner, **given})

    return [
        ("/partners", every, declare("List partners", query=shapes.of_partners(), listed=True)),
        ("/partners", create, declare("Create a partner", "POST", body=shapes.PartnerBody, status=201,
                                      errors=CREATING)),
        ("/partners/showing", showing, declare("List who shows what was withdrawn", query=shapes.of_showing(),
                                               data=shapes.StillShown, listed=True)),
        (PARTNER, read, declare("Read a partner")),
        (PARTNER, patch, declare("Patch a partner", "PATCH", body=shapes.PartnerPatchBody, conditional=True)),
        (PARTNER, end, declare("End a partner", "DELETE", conditional=True)),
        (f"{PARTNER}/usage", usage, declare("Read a partner's usage", query=shapes.of_usage(), reply=TABLE,
                                            data=shapes.EmbedUsage, listed=True)),
    ]  # fmt: skip


def every(ask: Ask) -> Answer:
    found = partners.listed(ask.work, ask.query, paging.after(ask), paging.size(ask), public_url())
    return Answer(found.rows, links=paging.links(ask, found.last))


def create(ask: Ask) -> Answer:
    return shown(ask, partners.create(ask.work, ask.body), 201)


def showing(ask: Ask) -> Answer:
    found = partner_usage.showing(ask.work, ask.query, paging.after(ask), paging.size(ask))
    return Answer(found.rows, links=paging.links(ask, found.last))


def read(ask: Ask) -> Answer:
    return shown(ask, partners.find(ask.work, ask.path["id"]))


def patch(ask: Ask) -> Answer:
    return shown(ask, partners.patch(ask.work, to_change(ask), ask.body))


def end(ask: Ask) -> Answer:
    return shown(ask, partners.end(ask.work, to_change(ask)))


def usage(ask: Ask) -> Answer:
    found = partners.find(ask.work, ask.path["id"])
    days = partner_usage.period(ask.work, ask.query)
    meta = partner_usage.total(ask.work, found, days)
    if wants_a_table(ask.query):
        return Answer(None, csv=partner_usage.table(ask.work, found, days))
    rows = partner_usage.views(ask.work, found, days, paging.after(ask), paging.size(ask))
    return Answer(rows.rows, links=paging.links(ask, rows.last), meta=meta)


def to_change(ask: Ask) -> Partner:
    """The partner of the address, as nobody else changes it now, if the actor minds it and If-Match names it."""
    hold(ask.work)
    found = partners.find(ask.work, ask.path["id"])
    ask.require(partners.tag(found), lambda: {
        "state": partners.state(found), "changed_at": lookup.instant(found.updated_at)})  # fmt: skip
    return found


def shown(ask: Ask, found: Partner, status: int = 200) -> Answer:
    ask.work.flush()
    location = f"/v1/manage/partners/{found.id}" if status == 201 else None
    return Answer(partners.shown(ask.work, found, public_url()), status, partners.tag(found), location)


def public_url() -> str:
    found: str = current_app.config["PUBLIC_URL"]
    return found
