"""The media library: upload, list, read, describe, replace, revoke a consent, remove, and who shows what."""

from __future__ import annotations

from typing import Any

from flask import current_app

from api.errors import not_found
from api.manage import paging, uploads
from api.manage.asking import Answer, Ask, Route
from api.manage.entries import CREATING, GUARD, READING, WRITING
from api.media.formats import ALLOWED
from api.models import Media, MediaFile
from api.openapi.operation import Operation
from api.ranges import sent
from api.services import lookup
from api.services.media import media, media_told, media_usages
from api.services.minding import hold
from schemas.managed import house, parameters
from schemas.managed import media as shapes

FILE = "/media/<id>"
BYTES = {each: {"type": "string", "contentMediaType": each} for each in ALLOWED}


def routes() -> list[Route]:
    """Addresses of the media library."""

    def declare(summary: str, method: str = "GET", **more: Any) -> Operation:
        given = {"query": parameters.none(), "errors": READING if method == "GET" else WRITING, "reply": {}, **more}
        return Operation(summary, GUARD, tag="media", method=method, **{"data": shapes.ManagedMedia, **given})

    upload = {"receive": uploads.received, "content": uploads.SHAPES, "form": shapes.UploadBody}
    taking = (*CREATING, 507)
    return [
        ("/media", every, declare("List pictures and documents", query=shapes.of_media(), listed=True)),
        ("/media", create, declare("Upload a picture or document", "POST", query=shapes.of_an_upload(), status=201,
                                   errors=taking, **upload)),
        (FILE, read, declare("Read about a picture or document")),
        (FILE, replace, declare("Replace a file", "PUT", query=shapes.of_a_replacement(), conditional=True,
                                errors=(*WRITING, 507), **upload)),
        (FILE, patch, declare("Describe a picture or document", "PATCH", body=shapes.MediaPatchBody,
                              conditional=True)),
        (FILE, remove, declare("Remove a picture or document", "DELETE", data=house.Removed, conditional=True)),
        (f"{FILE}/usages", usages, declare("List who shows a picture", data=shapes.MediaUsages)),
        (f"{FILE}/files/<rendition>", file, declare("Read a file before it is public", data=None, reply=BYTES)),
        (f"{FILE}/moves/revoke", revoke, declare("Revoke the consent to a picture", "POST", body=shapes.RevokeBody,
                                                 conditional=True)),
    ]  # fmt: skip


def every(ask: Ask) -> Answer:
    found = media_told.every(ask.work, ask.query, paging.after(ask), paging.size(ask), base())
    return Answer(found.rows, links=paging.links(ask, found.last))


def create(ask: Ask) -> Answer:
    return shown(ask, media.create(ask.work, ask.body["prepared"], ask.body["said"], ask.body["name"]), 201)


def read(ask: Ask) -> Answer:
    return shown(ask, media.find(ask.work, ask.path["id"]))


def replace(ask: Ask) -> Answer:
    found = to_change(ask)
    return shown(ask, media.replace(ask.work, found, ask.body["prepared"], retract=bool(ask.query.get("retract"))))


def patch(ask: Ask) -> Answer:
    return shown(ask, media.patch(ask.work, to_change(ask), ask.body))


def remove(ask: Ask) -> Answer:
    found = to_change(ask)
    media.remove(ask.work, found)
    return Answer({"id": found.id})


def usages(ask: Ask) -> Answer:
    return Answer(media_usages.everywhere(ask.work, media.find(ask.work, ask.path["id"])))


def revoke(ask: Ask) -> Answer:
    return shown(ask, media.revoke(ask.work, to_change(ask), ask.body["reason"]))


def file(ask: Ask) -> Answer:
    """The bytes for editors, whether or not anything of them is public."""
    found = media.find(ask.work, ask.path["id"])
    there = ask.work.session.get(MediaFile, (found.address, ask.path["rendition"]))
    if there is None:
        raise not_found("There is no such file of it; `renditions` lists them.")
    return Answer(None, file=sent(found.address, there.name, Bytes(there, found)))


class Bytes:
    """A file as `sent` wants to know of it."""

    def __init__(self, there: MediaFile, found: Media) -> None:
        self.media_type, self.size, self.digest = there.media_type, there.size, there.digest
        self.title, self.form = found.name, found.form


def to_change(ask: Ask) -> Media:
    """The file of the address, as nobody else changes it now, if If-Match names it."""
    hold(ask.work)
    found = media.find(ask.work, ask.path["id"])
    ask.require(media_told.tag(found), lambda: {"changed_at": lookup.instant(found.updated_at)})
    return found


def shown(ask: Ask, found: Media, status: int = 200) -> Answer:
    ask.work.flush()
    location = f"/v1/manage/media/{found.id}" if status == 201 else None
    return Answer(media_told.shown(ask.work, found, base()), status, media_told.tag(found), location)


def base() -> str:
    found: str = current_app.extensions["config"].media_base
    return found
