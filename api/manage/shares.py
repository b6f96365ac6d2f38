"""Share links: list, create, read, take back; the token is told once."""

from __future__ import annotations

from typing import Any

from flask import current_app

from api.manage import paging
from api.manage.asking import Answer, Ask, Route
from api.manage.entries import CREATING, GUARD, READING, WRITING
from api.models import Share
from api.openapi.operation import Operation
from api.queries import paths
from api.queries.house import house
from api.services import lookup
from api.services.minding import hold
from api.services.previews import shares
from api.services.rows import connection_of
from schemas.managed import parameters
from schemas.managed import shares as shapes

SHARE = "/shares/<id>"


def routes() -> list[Route]:
    """Addresses of share links."""

    def declare(summary: str, method: str = "GET", **more: Any) -> Operation:
        given = {"query": parameters.none(), "errors": READING if method == "GET" else WRITING, **more}
        return Operation(summary, GUARD, reply={}, tag="preview", method=method,
                         **{"data": shapes.ManagedShare, **given})  # fmt: skip

    return [
        ("/shares", every, declare("List share links", query=shapes.of_shares(), listed=True)),
        ("/shares", create, declare("Create a share link", "POST", body=shapes.ShareBody, data=shapes.MadeShare,
                                    status=201, errors=CREATING)),
        (SHARE, read, declare("Read a share link")),
        (SHARE, revoke, declare("Revoke a share link", "DELETE", conditional=True)),
    ]  # fmt: skip


def every(ask: Ask) -> Answer:
    found = shares.every(ask.work, ask.query, paging.after(ask), paging.size(ask))
    return Answer(found.rows, links=paging.links(ask, found.last))


def create(ask: Ask) -> Answer:
    """The token stands in `token` and in the addresses; of a reply that is stored, both are left out."""
    share, token = shares.create(ask.work, current_app.extensions["secret"], ask.body)
    links = shares.addresses(ask.work, share, token, _path(ask, share), current_app.config["PUBLIC_URL"])
    made = shown(ask, share, 201)
    made.data |= {"token": token, "links": links}
    made.secret = ("token", "links")
    return made


def read(ask: Ask) -> Answer:
    return shown(ask, shares.find(ask.work, ask.path["id"]))


def revoke(ask: Ask) -> Answer:
    hold(ask.work)
    found = shares.find(ask.work, ask.path["id"])
    ask.work.check("share", found.clinic_id)
    ask.require(shares.tag(found), lambda: shares.shown(ask.work, found))
    return shown(ask, shares.revoke(ask.work, found))


def shown(ask: Ask, found: Share, status: int = 200) -> Answer:
    ask.work.flush()
    location = f"/v1/manage/shares/{found.id}" if status == 201 else None
    return Answer(shares.shown(ask.work, found), status, shares.tag(found), location)


def _path(ask: Ask, share: Share) -> str | None:
    """Where the shared text stands, or is going to stand, on the clinic's site."""
    slug = lookup.clinic_slug(ask.work, share.clinic_id) or ""
    found = house(ask.work.database, connection_of(ask.work.session), slug)
    type_name, words, own = shares.text_of(ask.work, share)
    return paths.page(found, share.locale, type_name, words.get("kind") or "", own) if found else None
