"""Moves of a clinic's overlay: its words through review and live, the entry hidden or shown, its base held or not."""

from __future__ import annotations

from collections.abc import Callable

from api.errors import invalid_content, not_found
from api.manage.asking import Answer, Ask, Route
from api.manage.entries import GUARD, TYPE, WRITING
from api.manage.moves import TAKES, check_said, moved
from api.manage.overlays import OVERLAY, Place, match, own_text, shown, the_place
from api.models import Transition
from api.openapi.operation import Operation
from api.services.overlays import overlay_views, overlays
from api.services.work import Work
from schemas.managed import bodies, parameters
from schemas.managed import overlays as shapes
from schemas.meant import asked_back

SWITCHES: dict[str, Callable[[Work, Place], Transition]] = {
    "hide": lambda work, place: overlays.hide(work, place.entry, place.clinic.id),
    "show": lambda work, place: overlays.show(work, place.entry, place.clinic.id),
    "pin": lambda work, place: overlays.pin(work, place.entry, place.clinic.id, place.locale),
    "follow": lambda work, place: overlays.follow(work, place.entry, place.clinic.id, place.locale),
}
"""Moves without a review; hide and show count for every language."""
NOTED = frozenset({"note"})
NAMES = (*overlay_views.MOVES, "waive", *SWITCHES)


def routes() -> list[Route]:
    """Addresses of an overlay's moves."""
    return [
        (f"{OVERLAY}/moves/<move>", make, Operation(
            "Move a clinic's overlay", GUARD, parameters.of_a_text(), {}, "overlays", WRITING,
            parameters=TYPE | {"move": {"type": "string", "enum": list(NAMES)}}, method="POST",
            body=bodies.MoveBody, data=shapes.OverlayTold, conditional=True)),
    ]  # fmt: skip


def make(ask: Ask) -> Answer:
    name = ask.path["move"]
    if name not in NAMES:
        raise not_found(f"An overlay has no such move; there are {', '.join(NAMES)}.{asked_back(name, NAMES)}")
    check_said(name, ask.body, NOTED if name in SWITCHES else TAKES[name])
    if name == "waive" and ask.body["code"] != "claims":
        detail = "Of a clinic's words only findings of the claims check are let pass; the rest goes through review."
        raise invalid_content([{"pointer": "/code", "code": "not_allowed", "detail": detail, "allowed": ["claims"]}])
    place = match(ask, the_place(ask, archived=False))
    ask.work.note = ask.body.get("note")
    if name in SWITCHES:
        return shown(ask, place, SWITCHES[name](ask.work, place))
    return shown(ask, place, publication=moved(ask.work, own_text(ask, place), name, ask.body))
