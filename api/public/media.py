"""The bytes of pictures and documents, for anyone: under addresses that never change what they hold."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from flask import Flask, Response, current_app

from api.cache import surrogates
from api.errors import CmsError, not_found
from api.media.formats import ADDRESS, RENDITION
from api.models import LIBRARY
from api.openapi.operation import read_query
from api.public.asking import database
from api.queries import media
from api.queries.instants import written
from api.ranges import sent
from schemas.requests import no_parameters

YEAR, MINUTE = 31_536_000, 60
GONE_SECONDS = 10
OPEN_SECONDS = 3_600


def register(app: Flask) -> None:
    """Add the addresses."""
    app.add_url_rule("/media/<address>/<rendition>", "media", file)
    app.add_url_rule("/preview/<opened>/media/<address>/<rendition>", "media_of_previews", of_a_preview)


def file(address: str, rendition: str) -> Response:
    """One file, whole or a range of it. Raises not_found, withdrawn (410), unavailable."""
    found, ends, now = _found(address, rendition)
    response = sent(address, rendition, found)
    response.headers["Cache-Control"] = _lifetime(found, ends, now)
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if not found.private:
        words = surrogates.header({f"m:{found.media_id}"}, "")
        response.headers["Surrogate-Key"] = words
        if current_app.extensions["config"].tagged_for_cloudflare:
            response.headers["Cache-Tag"] = words.replace(" ", ",")
    return response


def of_a_preview(opened: str, address: str, rendition: str) -> Response:
    """The same of what only drafts show, for whoever was told the address by a preview within the last two hours."""
    ends, clinic, seal = [*opened.split("-", 2), "", ""][:3]
    there = ends.isascii() and ends.isdigit() and len(ends) < 13 and int(ends) > database().now()
    if not there or not hmac.compare_digest(seal.encode(), _seal(int(ends), clinic).encode()):
        raise not_found("There is no such file.")
    found, _, _ = _found(address, rendition, previewed=clinic)
    response = sent(address, rendition, found)
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def preview_base(now: int, clinic_id: str) -> str:
    """What addresses of pictures begin with in a preview of a clinic: the same for an hour, good for one to two.

    They open that clinic's pictures and the library's, and no other clinic's.
    """
    ends = (now // OPEN_SECONDS + 2) * OPEN_SECONDS
    return f"{current_app.config['PUBLIC_URL']}/preview/{ends}-{clinic_id}-{_seal(ends, clinic_id)}"


def _seal(ends: int, clinic_id: str) -> str:
    secret: bytes = current_app.extensions["secret"]
    sealed = f"pictures of previews of {clinic_id} until {ends}"
    return hmac.new(secret, sealed.encode(), hashlib.sha256).hexdigest()[:32]


def _found(address: str, rendition: str, *, previewed: str | None = None) -> tuple[Any, list[int], int]:
    """(the file, the instants at which it is over, now); in a preview of a clinic drafts' too. Raises not_found,
    withdrawn.
    """
    read_query(no_parameters())
    if not ADDRESS.fullmatch(address) or not RENDITION.fullmatch(rendition):
        raise not_found("There is no such file.")
    db = database()
    now = db.now()
    with db.reading() as connection:
        found = media.file(connection, address, rendition, now, drafts=previewed is not None)
    if found is None or previewed is not None and found.scope not in (LIBRARY, previewed):
        raise not_found("There is no such file.")
    ends = [each for each in (found.ends_at, found.retired_at) if each is not None]
    if over := [each for each in ends if each <= now]:
        raise _gone(found, min(over))
    return found, ends, now


def _lifetime(found: Any, ends: list[int], now: int) -> str:
    """For ever, unless somebody may say tomorrow that it has to go: a picture of a person is asked for again."""
    who = "private" if found.private else "public"
    if found.shows_person or ends:
        most = min([MINUTE, *(each - now for each in ends)])
        return f"{who}, max-age={max(0, most)}, must-revalidate"
    return f"{who}, max-age={YEAR}, immutable"


def _gone(found: Any, since: int) -> CmsError:
    kind = "consent_ended" if found.ends_at is not None and found.ends_at <= since else "replaced"
    body = {"kind": kind, "at": written(since), "reason": None, "severity": None, "replacement": None}
    told = "The file is no longer offered. Remove every copy."
    return CmsError("withdrawn", told, withdrawal=body, cache_control=f"public, max-age={GONE_SECONDS}")
