"""Overlays: what a clinic says on a library text in words of its own, read and written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from api.errors import conflict
from api.manage import comments as remarks
from api.manage import history
from api.manage.asking import Answer, Ask, Route
from api.manage.entries import CREATING, ENTRY, GUARD, READING, TYPE, WRITING, locale_of
from api.manage.moves import publication
from api.models import LIBRARY, Clinic, Entry, Transition, Variant
from api.openapi.operation import Operation
from api.services import lookup
from api.services.overlays import overlaid, overlay_views, overlays
from schemas.managed import bodies, parameters
from schemas.managed import history as past_shapes
from schemas.managed import overlays as shapes

OVERLAY = f"{ENTRY}/overlays/<clinic>"


@dataclass(frozen=True)
class Place:
    """The library text and the clinic that an address names."""

    entry: Entry
    clinic: Clinic
    locale: str


def routes() -> list[Route]:
    """Addresses of overlays."""
    def declare(summary: str, method: str = "GET", **more: Any) -> Operation:
        given = {"query": parameters.of_a_text(), "errors": READING if method == "GET" else WRITING, **more}
        return Operation(summary, GUARD, reply={}, tag="overlays", parameters=TYPE, method=method,
                         **{"data": shapes.OverlayTold, "conditional": method != "GET", **given})  # fmt: skip

    return [
        (f"{ENTRY}/overlays", every, declare("List the clinics that overlay an entry", query=parameters.none(),
                                             data=shapes.ClinicOverlays, listed=True)),
        (OVERLAY, read, declare("Read a clinic's overlay", query=shapes.of_an_overlay())),
        (OVERLAY, replace, declare("Replace a clinic's overlay", "PUT", body=shapes.OverlayBody)),
        (OVERLAY, patch, declare("Patch a clinic's overlay", "PATCH", body=shapes.OverlayBody)),
        (OVERLAY, remove, declare("Give the library's words back", "DELETE")),
        (f"{OVERLAY}/revisions", revisions, declare("List an overlay's revisions", data=past_shapes.WholeRevision,
                                                    query=past_shapes.of_a_history(), listed=True)),
        (f"{OVERLAY}/comments", comments, declare("List an overlay's comments", data=past_shapes.CommentTold,
                                                  query=past_shapes.of_comments(), listed=True)),
        (f"{OVERLAY}/comments", comment, declare("Comment on an overlay", "POST", data=past_shapes.CommentTold,
                                                 status=201, errors=CREATING, body=bodies.CommentBody,
                                                 conditional=False)),
    ]  # fmt: skip


def the_place(ask: Ask, *, archived: bool = True) -> Place:
    """What an address names. Raises not_found for what the actor may not see, another clinic's overlays too."""
    clinic = lookup.own_clinic(ask.work, ask.path["clinic"])
    entry = overlaid.asked_entry(ask.work, ask.path["type"], ask.path["id"], archived=archived)
    return Place(entry, clinic, overlaid.asked_locale(ask.work, entry, locale_of(ask)))


def own_text(ask: Ask, place: Place) -> Variant:
    """The clinic's variant with its patches. Raises conflict while there is none."""
    own = overlaid.standing(ask.work, place.entry, place.clinic.id, place.locale).own
    if own is None or not own.revisions:
        detail = "The clinic says nothing of its own here; PUT a patch first."
        raise conflict([{"move": "overlay", "code": "no_overlay", "pointer": "", "detail": detail}])
    return own


def match(ask: Ask, place: Place) -> Place:
    """The place, if If-Match names it as it is."""
    there = overlaid.standing(ask.work, place.entry, place.clinic.id, place.locale)
    ask.require(tag(place, there), lambda: overlay_views.current(ask.work, there))
    return place


def tag(place: Place, there: overlaid.Standing) -> str:
    return overlaid.tag(place.entry, place.clinic.id, place.locale, there.own, there.everywhere)


def shown(ask: Ask, place: Place, made: Transition | None = None, **more: Any) -> Answer:
    """The reply that tells all of an overlay."""
    ask.work.flush()
    explain = ask.query.get("explain") == "origin"
    told = overlay_views.text(ask.work, place.entry, place.clinic, place.locale, explain=explain)
    if made is not None:
        more["publication"] = publication(ask.work, made)
    there = overlaid.standing(ask.work, place.entry, place.clinic.id, place.locale)
    return Answer({**told, **more}, etag=tag(place, there))


def every(ask: Ask) -> Answer:
    entry = overlaid.asked_entry(ask.work, ask.path["type"], ask.path["id"])
    bases = [each for each in entry.variants if each.scope == LIBRARY]
    found = overlaid.clinics_with(ask.work, entry)
    return Answer([overlaid.summary(ask.work, entry, clinic, theirs, bases) for clinic, theirs in found])


def read(ask: Ask) -> Answer:
    return shown(ask, the_place(ask))


def replace(ask: Ask) -> Answer:
    place = match(ask, the_place(ask, archived=False))
    overlays.overlay(ask.work, place.entry, place.clinic.id, place.locale, ask.body["document"])
    return shown(ask, place)


def patch(ask: Ask) -> Answer:
    place = match(ask, the_place(ask, archived=False))
    overlays.amend(ask.work, place.entry, place.clinic.id, place.locale, ask.body["document"])
    return shown(ask, place)


def remove(ask: Ask) -> Answer:
    place = match(ask, the_place(ask, archived=False))
    made = overlays.remove(ask.work, place.entry, place.clinic.id, place.locale)
    return shown(ask, place, made)


def revisions(ask: Ask) -> Answer:
    place = the_place(ask)
    own = overlaid.standing(ask.work, place.entry, place.clinic.id, place.locale).own
    if own is None:
        return Answer([], links=history.no_more(ask), meta={"people": {}})
    return history.page_of(ask, own, whole=True)


def comments(ask: Ask) -> Answer:
    place = the_place(ask)
    own = overlaid.standing(ask.work, place.entry, place.clinic.id, place.locale).own
    if own is None:
        return Answer([], links=history.no_more(ask), meta={"people": {}})
    return remarks.page_of(ask, own)


def comment(ask: Ask) -> Answer:
    return remarks.added(ask, own_text(ask, the_place(ask, archived=False)))
