"""Recalls: which are open, and the word of each clinic that the text is gone from its site."""

from __future__ import annotations

from api.manage import paging
from api.manage.asking import Answer, Ask, Route
from api.manage.entries import CREATING, GUARD, READING
from api.openapi.operation import Operation
from api.services import lookup
from api.services.moves import recalls
from schemas.managed import history as shapes
from schemas.managed import parameters


def routes() -> list[Route]:
    """Addresses of recalls."""
    return [
        ("/recalls", every, Operation("List recalls", GUARD, shapes.of_recalls(), {}, "recalls", READING,
                                      data=shapes.RecallTold, listed=True)),
        ("/recalls/<id>/confirm", confirm, Operation(
            "Confirm a recall for a clinic", GUARD, parameters.none(), {}, "recalls", CREATING, method="POST",
            body=shapes.ConfirmBody, data=shapes.RecallTold)),
    ]  # fmt: skip


def every(ask: Ask) -> Answer:
    found, last = recalls.every(
        ask.work, still_open=ask.query.get("filter[open]"), after=paging.after(ask), size=paging.size(ask)
    )
    return Answer(found, links=paging.links(ask, last))


def confirm(ask: Ask) -> Answer:
    """No If-Match: clinics confirm side by side, and none takes back what another said."""
    call = recalls.find(ask.work, ask.path["id"])
    recalls.confirm(ask.work, call, lookup.own_clinic(ask.work, ask.body["clinic"]))
    return Answer(recalls.told(ask.work, call))
