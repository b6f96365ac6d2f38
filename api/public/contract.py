"""The contract itself: the OpenAPI document, JSON Schemas, TypeScript types and the client that uses them."""

from __future__ import annotations

import hashlib
from functools import partial
from typing import Any

import orjson
from flask import Flask, Response, current_app, request

from api.openapi.document import document
from api.openapi.meanings import told_document
from api.openapi.operation import read_query
from api.openapi.typescript import CLIENT, types
from api.public.replying import JSON
from api.queries.nearby import no_type
from api.squeezed import squeezed
from schemas.content import CONTENT_TYPES, content_type
from schemas.json_schema import document_schema
from schemas.requests import no_parameters

KEPT_SECONDS = 300
TEXT = "text/plain; charset=utf-8"


def register(app: Flask) -> None:
    """Add the addresses; what they give out is made once, at the first request."""
    app.add_url_rule("/v1/openapi.json", "openapi", _openapi)
    app.add_url_rule("/v1/types.d.ts", "types", _types)
    app.add_url_rule("/v1/client.ts", "typescript_client", _client)
    app.add_url_rule("/v1/schemas/<name>", "schema", _schema)


def _openapi() -> Response:
    return _given("openapi", lambda: orjson.dumps(_document()), JSON)


def _types() -> Response:
    return _given("types", lambda: types(_document()).encode(), TEXT)


def _client() -> Response:
    return _given("client", CLIENT.read_bytes, TEXT)


def _schema(name: str) -> Response:
    if name not in {kind.name for kind in CONTENT_TYPES}:
        raise no_type(name)
    return _given(f"schema:{name}", partial(_schema_of, name), "application/schema+json")


def _schema_of(name: str) -> bytes:
    written = told_document(document_schema(content_type(name)))
    return orjson.dumps({**written, "$id": request.script_root + written["$id"]})


def _document() -> dict[str, Any]:
    kept: dict[str, Any] = current_app.extensions.setdefault("document", {})
    if not kept:
        kept |= document(current_app._get_current_object())  # type: ignore[attr-defined]
    return kept


def _given(name: str, make: Any, kind: str) -> Response:
    read_query(no_parameters())
    made: dict[str, tuple[bytes, str]] = current_app.extensions.setdefault("contract", {})
    if name not in made:
        body = make()
        made[name] = body, hashlib.blake2b(body, digest_size=12).hexdigest()
    response = squeezed(*made[name], kind)
    response.headers["Cache-Control"] = f"public, max-age={KEPT_SECONDS}"
    return response
