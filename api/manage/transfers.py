"""Imports and exports: begin one, see how far it is, read what became of its rows, fetch its file."""

from __future__ import annotations

import mimetypes
from pathlib import Path
from typing import Any

from flask import Response, request, send_file

from api.manage import paging, sent_files
from api.manage.asking import Answer, Ask, Route
from api.manage.entries import CREATING, GUARD, READING
from api.models import Transfer
from api.openapi.operation import Operation
from api.services.etags import etag
from api.services.transfers import beginning, views
from api.services.transfers.formats import MEDIA_TYPES
from schemas.managed import parameters
from schemas.managed import transfers as shapes

FILE: dict[str, dict[str, Any]] = {"application/x-ndjson": {"type": "string"}, "text/csv": {"type": "string"}}
SENT: dict[str, dict[str, Any]] = {each: {} for each in MEDIA_TYPES}
"""Of OpenAPI 3.1: a file that is the body itself has no schema."""
ACCEPTED = 202


def routes() -> list[Route]:
    """Addresses of imports and exports."""

    def declare(summary: str, method: str = "GET", **more: Any) -> Operation:
        given = {"query": parameters.none(), "errors": READING if method == "GET" else CREATING, "reply": {}, **more}
        return Operation(summary, GUARD, tag="transfers", method=method, **given)

    one, out = shapes.ManagedImport, shapes.ManagedExport
    return [
        ("/imports", imports, declare("List imports", query=shapes.of_transfers(), data=one, listed=True)),
        ("/imports", take_in, declare("Begin an import", "POST", query=shapes.of_an_import(), data=one, status=ACCEPTED,
                                      receive=sent_files.received, content=SENT)),
        ("/imports/<id>", an_import, declare("Read an import", data=one)),
        ("/imports/<id>/rows", rows, declare("List the rows of an import", query=shapes.of_rows(),
                                             data=shapes.ImportedRow, listed=True)),
        ("/exports", exports, declare("List exports", query=shapes.of_transfers(), data=out, listed=True)),
        ("/exports", give_out, declare("Begin an export", "POST", body=shapes.ExportBody, data=out, status=ACCEPTED)),
        ("/exports/<id>", an_export, declare("Read an export", data=out)),
        ("/exports/<id>/file", file, declare("Fetch the file of an export", reply=FILE, errors=(*READING, 409))),
    ]  # fmt: skip


def imports(ask: Ask) -> Answer:
    return listed(ask, "import")


def exports(ask: Ask) -> Answer:
    return listed(ask, "export")


def listed(ask: Ask, direction: str) -> Answer:
    found = views.every(ask.work, direction, ask.query, paging.after(ask), paging.size(ask))
    return Answer(found.rows, links=paging.links(ask, found.last))


def take_in(ask: Ask) -> Answer:
    upload: beginning.Upload = ask.body["upload"]
    form = ask.query.get("format") or MEDIA_TYPES[upload.media_type]
    asked = {name: value for name, value in ask.query.items() if name not in ("mode", "format")}
    return shown(beginning.take_in(ask.work, upload, form, asked, ask.query["mode"]), ACCEPTED)


def give_out(ask: Ask) -> Answer:
    asked = {name: value for name, value in ask.body.items() if name != "format"}
    return shown(beginning.give_out(ask.work, ask.body["format"], asked), ACCEPTED)


def an_import(ask: Ask) -> Answer:
    return shown(views.find(ask.work, "import", ask.path["id"]))


def an_export(ask: Ask) -> Answer:
    return shown(views.find(ask.work, "export", ask.path["id"]))


def rows(ask: Ask) -> Answer:
    found = views.find(ask.work, "import", ask.path["id"])
    page = views.rows(ask.work, found, ask.query.get("filter[action]"), paging.after(ask), paging.size(ask))
    return Answer(page.rows, links=paging.links(ask, page.last))


def file(ask: Ask) -> Answer:
    found = views.find(ask.work, "export", ask.path["id"])
    return Answer(None, file=_sent(views.file(ask.work, found), f"{found.id}.{found.format}"))


def _sent(path: Path, name: str) -> Response:
    """A file to be kept, not shown: whatever is in it, no browser runs it."""
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return send_file(path, mimetype=kind, as_attachment=True, download_name=name, conditional=True, etag=False)


def shown(found: Transfer, status: int = 200) -> Answer:
    location = f"/v1/manage/{found.direction}s/{found.id}" if status == ACCEPTED else None
    tag = etag(found.direction, found.id, version=found.version)
    return Answer(views.shown(found, request.script_root), status, tag, location)
