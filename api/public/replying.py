"""From an answer to a reply: bytes, their tag, and how long they may be kept."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from email.utils import formatdate
from functools import lru_cache
from typing import Any

import orjson
from flask import Response, current_app, request
from werkzeug.datastructures import Headers

from api.cache import surrogates
from api.cache.encodings import IDENTITY, encoded
from api.cache.kept import also, keep
from api.cache.lifetimes import absent, lifetime
from api.config import Config
from api.errors import CmsError
from api.public.asking import Asked, Preview, database
from api.queries.found import Depends
from api.queries.instants import written
from api.squeezed import conditional, taken
from schemas.content import CONTENT_TYPES

LARGEST = 2_000_000
"""Bytes of a reply at most; more is refused with the include named."""
LARGEST_SITEMAP = 50_000_000
"""Bytes of a sitemap file at most, as sitemaps.org has it."""
JSON = "application/json"
TYPES = frozenset(each.name for each in CONTENT_TYPES)


class Plain(Headers):
    """Headers of constants and of what is made here: no value is searched for line breaks."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._list = list(pairs)

    def extend(self, *args: Any, **kwargs: Any) -> None:
        if len(args) == 1 and isinstance(args[0], tuple):
            self._list.extend(args[0])
        else:
            super().extend(*args, **kwargs)


class Whole(Response):
    """A reply whose bytes and headers are complete: sent as they stand, but to HEAD and where the caller has them."""

    def get_wsgi_response(self, environ: dict[str, Any]) -> tuple[Iterable[bytes], str, list[tuple[str, str]]]:
        if self.status_code != 200 or environ["REQUEST_METHOD"] == "HEAD":
            return super().get_wsgi_response(environ)
        return self.response, self.status, list(self.headers)  # type: ignore[return-value]


def reply(asked: Asked, body: Any, depends: Depends, *, kind: str = JSON, locale: str | None = None) -> Response:
    """The reply of a read: stored headers follow from what it depends on; answers 304 where it may."""
    if asked.preview is not None and isinstance(body, dict):
        _mark(asked.preview, body)
    payload = body if isinstance(body, bytes) else orjson.dumps(body)
    most = LARGEST_SITEMAP if kind == "application/xml" else LARGEST
    if len(payload) > most:
        named = ", ".join(asked.query.get("include", ())) or "the page"
        detail = f"The reply would have {len(payload)} bytes, at most {most} are allowed. Too much: {named}."
        raise CmsError("reply_too_large", detail)
    tag, encoding = hashlib.blake2b(payload, digest_size=12).hexdigest(), IDENTITY
    if asked.house.private and asked.preview is None and (encoding := taken(payload)) != IDENTITY:
        payload, tag = encoded(payload, encoding), f"{tag}-{encoding}"  # No cache of ours does it, as of public ones.
    headers = [("Content-Type", kind), ("Content-Length", str(len(payload)))]
    headers += [("Content-Encoding", encoding)] if encoding != IDENTITY else []
    if asked.preview is not None:
        told = [("Content-Language", locale or asked.reader.locale), *_unpublished(asked)]
        return Whole([payload], headers=Plain([*headers, *told]))
    headers.append(("ETag", f'"{tag}"'))
    if depends.modified:
        headers.append(("Last-Modified", http_date(depends.modified)))
    headers.append(("Content-Language", locale or asked.reader.locale))
    headers += _private(asked) if asked.house.private else _shared(asked, depends)
    return conditional(Whole([payload], headers=Plain(headers)), asked.environ)


def page(asked: Asked, body: dict[str, Any], depends: Depends) -> Response:
    """The reply of a list: where there is a next page, a header names it too (RFC 8288)."""
    response = reply(asked, body, depends)
    if following := body["links"]["next"]:
        response.headers["Link"] = f'<{following}>; rel="next"'
    return response


def open_reply(body: Any, *, private: bool, tags: set[str], until: int | None, changed: int) -> Response:
    """A reply that belongs to no clinic (the list of clinics); with a key it is that caller's own.

    Which clinics a key may read changes without a date, so its replies name none.
    """
    payload = orjson.dumps(body)
    response = Response(payload, content_type=JSON)
    response.headers["ETag"] = f'"{hashlib.blake2b(payload, digest_size=12).hexdigest()}"'
    response.headers["Cache-Control"] = "private, no-cache" if private else lifetime(database().clock.now(), until)
    response.headers["Vary"] = "Accept-Encoding, Authorization"
    if changed and not private:
        response.headers["Last-Modified"] = http_date(changed)
    for name, words in [] if private else tagged(tags, "", current_app.extensions["config"]):
        response.headers[name] = words
    return conditional(response, request.environ)


def gone(asked: Asked, error: CmsError, depends: Depends) -> CmsError:
    """A 404 or 410 of public content, kept for seconds, and never past the instant that may end it."""
    if not asked.house.private and asked.preview is None:
        error.extra["cache_control"] = absent(asked.database.clock.now(), depends.until)
        keep(asked.environ, asked.house.id, depends.tags, depends.until)
    return error


@contextmanager
def by_way_of(depends: Depends) -> Iterator[None]:
    """What is refused within was come to by something that may change, too: another path, what stood there before."""
    try:
        yield
    except CmsError:
        also(request.environ, depends.tags)
        raise


def _shared(asked: Asked, depends: Depends) -> list[tuple[str, str]]:
    keep(asked.environ, asked.house.id, depends.tags, depends.until)
    return [
        ("Vary", "Accept-Encoding"),
        ("Cache-Control", lifetime(asked.database.clock.now(), depends.until)),
        *tagged(depends.tags, asked.house.id, asked.config),
    ]


def tagged(tags: set[str], clinic_id: str, config: Config) -> list[tuple[str, str]]:
    """What shared caches are told of a reply, so that they can be told when it is old."""
    words = surrogates.header(tags, clinic_id)
    if config.tagged_for_cloudflare:
        return [("Surrogate-Key", words), ("Cache-Tag", words.replace(" ", ","))]
    return [("Surrogate-Key", words)]


def _private(asked: Asked) -> list[tuple[str, str]]:
    origin = request.headers.get("Origin")
    known = [("Access-Control-Allow-Origin", origin)] if origin and origin in asked.caller.origins else []
    return [("Cache-Control", "private, no-cache"), ("Vary", "Accept-Encoding, Authorization, Origin"), *known]


def _unpublished(asked: Asked) -> list[tuple[str, str]]:
    """Of a preview: nobody on the way keeps it, no search engine takes it in, and no tag tells of it."""
    origin = request.headers.get("Origin")
    known = origin and origin.rstrip("/") in asked.house.profile["origins"]
    allowed = [("Access-Control-Allow-Origin", str(origin))] if known else []
    return [("Cache-Control", "private, no-store"), ("Vary", "Authorization, Origin"), *allowed]


def _mark(preview: Preview, body: dict[str, Any]) -> None:
    """Say in `meta` that this is a preview, and of everything shown that is not live in which state it is."""
    data, found = body.get("data"), body.get("included", [])
    given = [*(data if isinstance(data, list) else [data]), *found]
    items = [each for each in given if isinstance(each, dict) and each.get("type") in TYPES and "revision" in each]
    names = ("type", "id", "locale", "revision", "overlay_revision")
    told = [{**{name: each.get(name) for name in names}, "state": preview.state(each)} for each in items]
    first = told[0] if told and not isinstance(data, list) else {}
    body["meta"]["preview"] = {
        "perspective": preview.perspective,
        "at": written(preview.at),
        **{name: first.get(name) for name in ("revision", "overlay_revision", "state")},
        "not_live": [each for each in told if each["state"] != "live"],
        "left_out": preview.left_out,
    }


@lru_cache(maxsize=1024)
def http_date(seconds: int) -> str:
    return formatdate(seconds, usegmt=True)
