"""From an answer to a reply: bytes, their tag, and how long they may be kept."""

from __future__ import annotations

import hashlib
from email.utils import formatdate
from functools import lru_cache
from typing import Any

import orjson
from flask import Response, request

from api.cache.kept import keep
from api.cache.lifetimes import absent, lifetime
from api.errors import CmsError
from api.public.asking import Asked, database
from api.queries.found import Depends

LARGEST = 2_000_000
"""Bytes of a reply at most; more is refused with the include named."""
LARGEST_SITEMAP = 50_000_000
"""Bytes of a sitemap file at most, as sitemaps.org has it."""
TAGS_AT_MOST = 4_000
"""Bytes of the Surrogate-Key header at most."""
JSON = "application/json"


def reply(asked: Asked, body: Any, depends: Depends, *, kind: str = JSON, locale: str | None = None) -> Response:
    """The reply of a read: stored headers follow from what it depends on; answers 304 where it may."""
    payload = body if isinstance(body, bytes) else orjson.dumps(body)
    most = LARGEST_SITEMAP if kind == "application/xml" else LARGEST
    if len(payload) > most:
        named = ", ".join(asked.query.get("include", ())) or "the page"
        detail = f"The reply would have {len(payload)} bytes, at most {most} are allowed. Too much: {named}."
        raise CmsError("reply_too_large", detail)
    response = Response(payload, content_type=kind)
    add = response.headers.add
    add("ETag", f'"{hashlib.blake2b(payload, digest_size=12).hexdigest()}"')
    if depends.modified:
        add("Last-Modified", http_date(depends.modified))
    add("Content-Language", locale or asked.reader.locale)
    _who_may_keep(asked, response, depends)
    return conditional(response)


def open_reply(body: Any, *, private: bool) -> Response:
    """A reply that belongs to no clinic (the list of clinics); with a key it is that caller's own."""
    payload = orjson.dumps(body)
    response = Response(payload, content_type=JSON)
    response.headers["ETag"] = f'"{hashlib.blake2b(payload, digest_size=12).hexdigest()}"'
    response.headers["Cache-Control"] = "private, no-cache" if private else lifetime(0, None)
    response.headers["Vary"] = "Accept-Encoding, Authorization"
    return conditional(response)


def cacheable(body: bytes, kind: str, seconds: int) -> Response:
    """A reply that depends on this version alone (documents, schemas)."""
    response = Response(body, content_type=kind)
    response.headers["ETag"] = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    response.headers["Cache-Control"] = f"public, max-age={seconds}"
    return conditional(response)


def conditional(response: Response) -> Response:
    """304 to a caller that has these bytes. Conditions of writing (If-Match) and ranges mean nothing to a read."""
    environ = request.environ
    if "HTTP_IF_NONE_MATCH" in environ or "HTTP_IF_MODIFIED_SINCE" in environ:
        asked = ("REQUEST_METHOD", "HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE")
        response.make_conditional({name: environ[name] for name in asked if name in environ})
    return response


def gone(asked: Asked, error: CmsError, depends: Depends) -> CmsError:
    """A 404 or 410 of public content, kept for seconds, and never past the instant that may end it."""
    if not asked.house.private:
        error.extra["cache_control"] = absent(database().clock.now(), depends.until)
        keep(request.environ, asked.house.id, depends.tags, depends.until)
    return error


def _who_may_keep(asked: Asked, response: Response, depends: Depends) -> None:
    add = response.headers.add
    if not asked.house.private:
        add("Vary", "Accept-Encoding")
        add("Cache-Control", lifetime(database().clock.now(), depends.until))
        add("Surrogate-Key", surrogate_keys(depends.tags, asked.house.id))
        keep(request.environ, asked.house.id, depends.tags, depends.until)
        return
    add("Cache-Control", "private, no-cache")
    add("Vary", "Accept-Encoding, Authorization, Origin")
    origin = request.headers.get("Origin")
    if origin and origin in asked.caller.origins:
        add("Access-Control-Allow-Origin", origin)


def surrogate_keys(tags: set[str], clinic_id: str) -> str:
    """Tags as opaque words for a CDN. Too many: the coarse tag of the whole clinic stands for all."""
    words = " ".join(sorted(_opaque(tag) for tag in tags))
    return words if len(words) <= TAGS_AT_MOST else _opaque(f"all:{clinic_id}")


@lru_cache(maxsize=1024)
def http_date(seconds: int) -> str:
    return formatdate(seconds, usegmt=True)


@lru_cache(maxsize=65_536)
def _opaque(tag: str) -> str:
    return hashlib.blake2b(tag.encode(), digest_size=8).hexdigest()
