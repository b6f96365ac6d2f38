"""What a partner sees of itself: its terms, what it must take down, what it showed."""

from __future__ import annotations

from typing import Any

from api.openapi.operation import Operation, wants_a_table
from api.partner.asking import Answer, Ask, Route, public_url
from api.services import lookup
from api.services.partners import partner_recalls, partner_usage, partners
from schemas import partner_replies as shapes
from schemas.managed import parameters
from schemas.managed.partners import EmbedUsage, of_usage

GUARD = "partner"
ERRORS = (401, 403)


def routes() -> list[Route]:
    """Addresses of a partner's own view."""

    def declare(summary: str, **more: Any) -> Operation:
        given = {"query": parameters.none(), "errors": ERRORS, "reply": {}, **more}
        return Operation(summary, GUARD, tag="partner", **given)

    return [
        ("/me", me, declare("Read your terms", data=shapes.OwnTerms)),
        ("/me/recalls", recalls, declare("List what you must take down", query=shapes.of_own_recalls(),
                                         data=shapes.PartnerRecall, listed=True)),
        ("/me/recalls/<id>/ack", acknowledge, declare(
            "Acknowledge a recall", method="POST", data=shapes.PartnerRecall, errors=(*ERRORS, 404, 503))),
        ("/me/usage", usage, declare("Read your usage", query=of_usage(), data=EmbedUsage, listed=True,
                                     reply={"text/csv": {"type": "string"}})),
    ]  # fmt: skip


def me(ask: Ask) -> Answer:
    key = {"id": ask.key.id, "hint": ask.key.hint, "expires_at": lookup.instant(ask.key.expires_at)}
    return Answer({**partners.terms(ask.work, ask.partner, public_url()), "key": key})


def recalls(ask: Ask) -> Answer:
    found = partner_recalls.every(ask.work, ask.partner, ask.query, ask.after, ask.size)
    return Answer(found.rows, links=ask.links(found.last))


def acknowledge(ask: Ask) -> Answer:
    """No If-Match and no Idempotency-Key: said twice it is said once."""
    return Answer(partner_recalls.acknowledge(ask.work, ask.partner, ask.key.id, ask.path["id"]))


def usage(ask: Ask) -> Answer:
    days = partner_usage.period(ask.work, ask.query)
    if wants_a_table(ask.query):
        return Answer(csv=partner_usage.table(ask.work, ask.partner, days))
    rows = partner_usage.views(ask.work, ask.partner, days, ask.after, ask.size)
    meta = partner_usage.total(ask.work, ask.partner, days)
    return Answer(rows.rows, links=ask.links(rows.last), meta=meta)
