"""The bytes of pictures and documents, for anyone: under addresses that never change what they hold."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, current_app

from api.cache import surrogates
from api.errors import CmsError, not_found
from api.media.formats import ADDRESS, RENDITION
from api.openapi.operation import read_query
from api.public.asking import database
from api.queries import media
from api.queries.instants import written
from api.ranges import sent
from schemas.requests import no_parameters

YEAR, MINUTE = 31_536_000, 60
GONE_SECONDS = 10


def register(app: Flask) -> None:
    """Add the address."""
    app.add_url_rule("/media/<address>/<rendition>", "media", file)


def file(address: str, rendition: str) -> Response:
    """One file, whole or a range of it. Raises not_found, withdrawn (410), unavailable."""
    read_query(no_parameters())
    if not ADDRESS.fullmatch(address) or not RENDITION.fullmatch(rendition):
        raise not_found("There is no such file.")
    db = database()
    now = db.now()
    with db.reading() as connection:
        found = media.file(connection, address, rendition, now)
    if found is None:
        raise not_found("There is no such file.")
    ends = [each for each in (found.ends_at, found.retired_at) if each is not None]
    if over := [each for each in ends if each <= now]:
        raise _gone(found, min(over))
    response = sent(address, rendition, found)
    response.headers["Cache-Control"] = _lifetime(found, ends, now)
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if not found.private:
        tags = {f"m:{found.media_id}"}
        response.headers["Surrogate-Key"] = surrogates.header(tags, "")
        if current_app.extensions["config"].tagged_for_cloudflare:
            response.headers["Cache-Tag"] = surrogates.header(tags, "").replace(" ", ",")
    return response


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
