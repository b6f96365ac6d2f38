"""The beacon: an embed says which revision it shows, without cookies, identifiers or a visitor's address."""

from __future__ import annotations

from flask import Flask, Response, request

from api.errors import CmsError
from api.openapi.bodies import checked, read_json
from api.openapi.operation import Operation, described, read_query
from api.public.asking import database
from api.rules.tally import Count, Seen, Tally
from schemas.beacon import BeaconBody
from schemas.requests import no_parameters

LARGEST = 4_000
"""Bytes of a beacon at most."""
KINDS = ("text/plain", "application/json")
"""Browsers send text/plain without asking first, and that is enough."""


def register(app: Flask) -> None:
    """Add the address."""
    app.add_url_rule("/embed/beacon", "beacon", beacon, methods=["POST"])


@described(
    Operation(
        "Count a view of an embed",
        "open",
        no_parameters(),
        {},
        "embeds",
        errors=(415, 422),
        note="Sent by embeds. Nothing of the visitor is taken or kept; the reply says nothing of it.",
        method="POST",
        body=BeaconBody,
        status=204,
    )
)
def beacon() -> Response:
    """Count a view. The reply is the same whether there is such a text or not: the flush drops what is unknown."""
    read_query(no_parameters())
    if request.mimetype not in KINDS:
        raise CmsError("unsupported_media_type", "Send the beacon as text/plain or application/json.")
    if (request.content_length or 0) > LARGEST or len(sent := request.get_data()) > LARGEST:
        raise CmsError("too_large", f"A beacon has at most {LARGEST} bytes.")
    said = checked(BeaconBody(), read_json(sent))
    db = database()
    tally: Tally = db.memory.setdefault("embed_views", Tally())
    for id_, revision in {**said["also"], said["id"]: said["revision"]}.items():
        where = (said["partner"] or "", said["clinic"], said["type"], id_, said["locale"], said["mode"])
        tally.add(Seen(*where, revision), Count(1, db.now()))
    return Response(status=204, headers={"Cache-Control": "no-store"})
