"""Taking in files: a part of a form or a raw body, counted while it comes, prepared and kept before any transaction."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from flask import current_app, g, request
from werkzeug.exceptions import HTTPException
from werkzeug.formparser import FormDataParser

from api.config import Config
from api.errors import CmsError
from api.media.formats import ALLOWED
from api.media.prepared import BLOCK, Prepared, workshop
from api.media.preparing import full, prepare, shown_name
from api.media.store import at
from api.openapi.bodies import checked, read_json
from api.rules.permissions import Actor
from api.services.minding import scopes
from schemas.json_schema import ref
from schemas.managed.media import UploadBody

FORM = "multipart/form-data"
PARTS_AT_MOST, WORDS_AT_MOST = 4, 100_000
"""Parts of a form, and bytes of those that are no file."""
SECONDS = 120.0
"""So long a body may take to come."""
AT_ONCE = 2
"""Uploads that one process takes in side by side; its other threads go on answering readers."""
_SLOTS = threading.BoundedSemaphore(AT_ONCE)
SHAPES: dict[str, dict[str, Any]] = {
    FORM: {
        "type": "object",
        "properties": {
            "file": {
                "type": "string", "contentMediaType": "application/octet-stream", "description": "The file itself.",
            },
            "data": {"type": "string", "contentMediaType": "application/json", "contentSchema": ref("UploadBody"),
                     "description": "JSON that says what the file is."},
        },
        "required": ["file"],
    },
    **{each: {"type": "string", "contentMediaType": each} for each in ALLOWED},
}  # fmt: skip


@contextmanager
def received(query: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """{"prepared", "said", "name"} of the request's file, whose bytes are kept from here on.

    What nothing names in the end is dropped again; what a crash leaves is swept later. Raises forbidden, malformed,
    too_large, unsupported_media_type, invalid_content, storage_full, unavailable.
    """
    _admit(g.manager)
    config: Config = current_app.extensions["config"]
    most = config.media.megabytes * 1_000_000
    _announced(most)
    place = at(current_app.extensions["database"].media)
    with _slot(), full(), workshop(config.data) as folder:
        source, said, name, kind = _arrived(folder, query, most)
        prepared = prepare(source, folder, kind, name)
        g.received = f"{prepared.digest} {said!r}".encode()
        _keep(place, prepared)
        try:
            yield {"prepared": prepared, "said": said, "name": shown_name(name)}
        finally:
            if not prepared.used:
                with suppress(OSError):
                    place.drop(prepared.address)


def _admit(actor: Actor) -> None:
    """Refuse who may take in files nowhere, before anything of the file is read."""
    if not any(actor.may("media", each) for each in scopes(actor)):
        raise CmsError("forbidden", "Your roles do not allow to take in files anywhere.")


@contextmanager
def _slot() -> Iterator[None]:
    if not _SLOTS.acquire(blocking=False):
        raise CmsError("unavailable", "Other files are being taken in; send it again a little later.", retry_after=5)
    try:
        yield
    finally:
        _SLOTS.release()


def _announced(most: int) -> None:
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise CmsError("unsupported_media_type", "Send the file as it is, without a Content-Encoding.")
    if request.content_length is None:
        raise CmsError("malformed", "Send Content-Length: how many bytes the file has.")
    if request.content_length > most + WORDS_AT_MOST:
        raise _too_large(most)
    request.max_content_length = most + WORDS_AT_MOST


def _keep(place: Any, prepared: Prepared) -> None:
    try:
        place.put(prepared)
    except OSError as error:
        with suppress(OSError):
            place.drop(prepared.address)
        with full():
            current_app.logger.error("media: %s", error)
            if error.errno is not None:
                raise
        raise CmsError("unavailable", "The file can't be kept right now.", retry_after=5) from error


def _arrived(folder: Path, query: dict[str, Any], most: int) -> tuple[Path, dict[str, Any], str, str]:
    """(file, what is said of it, its name, its type as declared)."""
    if request.mimetype == FORM:
        return _form(folder, most)
    source = folder / "sent"
    with source.open("wb") as out:
        _copy(request.stream, out, most)
    said = checked(UploadBody(), {"clinic": query["clinic"]} if query.get("clinic") else {})
    return source, said, query.get("name", ""), request.mimetype


def _copy(stream: IO[bytes], out: IO[bytes], most: int) -> None:
    until, size = time.monotonic() + SECONDS, 0
    while block := stream.read(BLOCK):
        size += len(block)
        if size > most:
            raise _too_large(most)
        if time.monotonic() > until:
            raise CmsError("malformed", f"The file took more than {SECONDS:.0f} seconds to come.")
        out.write(block)
    if size < (request.content_length or 0):
        raise CmsError("malformed", f"The body ended after {size} of {request.content_length} bytes.")


def _form(folder: Path, most: int) -> tuple[Path, dict[str, Any], str, str]:
    count = iter(range(1_000))

    def factory(*_: Any, **__: Any) -> IO[bytes]:
        return (folder / f"part-{next(count)}").open("w+b")

    parser = FormDataParser(factory, max_form_memory_size=WORDS_AT_MOST, max_form_parts=PARTS_AT_MOST, silent=False)
    try:
        _, form, files = parser.parse(request.stream, FORM, request.content_length, request.mimetype_params)
    except ValueError:
        raise CmsError("malformed", "The body is no form as RFC 7578 has it.") from None
    except HTTPException as error:
        if error.code == 413:
            raise CmsError("too_large", f"A form has at most {PARTS_AT_MOST} parts, and words of 100 kB.") from None
        raise
    sent = files.getlist("file")
    unknown = sorted({*form, *files} - {"file", "data"})
    if len(sent) != 1 or len(form.getlist("data")) > 1 or "data" in files or unknown:
        raise CmsError("malformed", "Send one part `file` with the file, and perhaps one part `data` with JSON.")
    said = checked(UploadBody(), read_json(form["data"].encode()) if form.get("data") else {})
    source = Path(str(getattr(sent[0].stream, "name")))  # noqa: B009
    sent[0].stream.close()
    if source.stat().st_size > most:
        raise _too_large(most)
    return source, said, sent[0].filename or "", sent[0].mimetype


def _too_large(most: int) -> CmsError:
    return CmsError("too_large", f"A file has at most {most // 1_000_000} MB.")
