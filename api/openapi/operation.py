"""Operations: what a RESTX method declares of itself, checked before it runs and told in the OpenAPI document."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from flask import Response, request
from flask_restx import Api
from marshmallow import Schema

from api.errors import CmsError, invalid_parameters, not_found
from api.openapi.bodies import checked, read_json
from schemas import requests
from schemas.content import CONTENT_TYPES

ADDRESS_AT_MOST = 8_000
REMEMBERED_AT_MOST = 300
"""Bytes of a query whose values are remembered."""
JSON_TYPES = ("application/json", "application/merge-patch+json")


@dataclass(frozen=True)
class Operation:
    """One method of one address. `guard` names who may ask; `reply` is a component name per media type."""

    summary: str
    guard: str
    query: type[Schema]
    reply: dict[str, str | dict[str, Any]]
    tag: str
    errors: tuple[int, ...] = ()
    note: str = ""
    parameters: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Path parameters that are more than a word: name -> JSON Schema."""
    method: str = "GET"
    body: type[Schema] | None = None
    """What a request body is loaded with; None where none is taken."""
    documents: bool = False
    """Whether the body holds a whole document of the type in the address."""
    data: type[Schema] | None = None
    """Of management: the shape of `data`, or of each of its items where `listed`."""
    form: type[Schema] | None = None
    """What the JSON beside a file is loaded with, where a form may be sent."""
    or_data: type[Schema] | None = None
    """What `data` may be instead, where a parameter asks for it."""
    listed: bool = False
    status: int = 200
    conditional: bool = False
    """Whether If-Match is needed."""
    reads: bool = False
    """Whether it only reads, though it is no GET: what is asked stands in the body."""
    receive: Callable[[dict[str, Any]], AbstractContextManager[dict[str, Any]]] | None = None
    """What takes in a body that is no JSON, for as long as it is needed; it is given the query."""
    content: dict[str, dict[str, Any]] = field(default_factory=dict)
    """How such a body may come: media type -> JSON Schema."""


def operation(declared: Operation) -> Callable[[Callable[..., Response]], Callable[..., Response]]:
    """Read the query by the declaration (all faults at once) and hand it on as `query`."""

    def decorate(method: Callable[..., Response]) -> Callable[..., Response]:
        @functools.wraps(method)
        def checked(self: Any, **path: Any) -> Response:
            if "\0" in "".join(path.values()):
                raise not_found()
            query = read_query(declared.query)
            if declared.receive is not None:
                with declared.receive(query) as received:
                    return method(self, query=query, body=received, **path)
            if declared.body is None:
                return method(self, query=query, **path)
            return method(self, query=query, body=read_body(declared.body, _document_of(declared, path)), **path)

        checked.__operation__ = declared  # type: ignore[attr-defined]
        return checked

    return decorate


def admitted(declared: Operation, asked: Callable[..., Response], admit: Callable[[], Any]) -> Callable[..., Response]:
    """A RESTX method that lets its caller in before it reads what was sent."""
    asked.__doc__ = declared.summary
    checked = operation(declared)(asked)

    @functools.wraps(checked)
    def let_in(self: Any, **path: str) -> Response:
        admit()
        return checked(self, **path)

    return let_in


def described(declared: Operation) -> Callable[[Callable[..., Response]], Callable[..., Response]]:
    """Tell of a plain Flask view in the document; it reads its own query and body."""

    def decorate(view: Callable[..., Response]) -> Callable[..., Response]:
        view.__operation__ = declared  # type: ignore[attr-defined]
        return view

    return decorate


def _document_of(declared: Operation, path: dict[str, str]) -> Schema | None:
    """What the document in a body is loaded with, where there is a whole one of a type that there is."""
    named = (each.loading for each in CONTENT_TYPES if each.name == path.get("type"))
    return next(named, None) if declared.documents else None


def read_body(schema: type[Schema], document: Schema | None = None) -> dict[str, Any]:
    """The request's JSON as loaded. Raises malformed, unsupported_media_type, invalid_content with every fault.

    `document` as in `bodies.checked`.
    """
    if request.mimetype not in JSON_TYPES or request.mimetype_params.get("charset", "utf-8").lower() != "utf-8":
        raise CmsError("unsupported_media_type", "Send the body as application/json in UTF-8.")
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise CmsError("unsupported_media_type", "Send the body as it is, without a Content-Encoding.")
    return checked(_loading(schema), read_json(request.get_data()), document)


@functools.cache
def _loading(schema: type[Schema]) -> Schema:
    """The one instance that every request loads with; making one costs more than loading."""
    return schema()


def read_query(schema: type[Schema]) -> dict[str, Any]:
    """The query's values by literal name. Raises invalid_parameter with every fault."""
    asked = request.environ.get("QUERY_STRING", "")
    if len(asked) <= REMEMBERED_AT_MOST:
        return dict(_remembered(schema, asked))
    if len(asked) > ADDRESS_AT_MOST:
        raise CmsError("too_large", f"The query is longer than {ADDRESS_AT_MOST} bytes.")
    return _values(schema, asked)


def _values(schema: type[Schema], asked: str) -> dict[str, Any]:
    """The values of this request's query string, which is `asked`; they follow from it alone."""
    values, faults = requests.read(schema, list(request.args.items(multi=True)) if asked else [])
    if faults:
        raise invalid_parameters(faults)
    return values


# A frontend asks for all its pages with the same few queries; reading one costs as much as reading a text from SQLite.
_remembered = functools.lru_cache(1_000)(_values)


def wants_a_table(query: dict[str, Any]) -> bool:
    """Whether the reply is to be CSV: by `format`, or else by what the caller accepts."""
    if "format" in query:
        return bool(query["format"] == "csv")
    return request.accept_mimetypes.best_match(("application/json", "text/csv"), "application/json") == "text/csv"


class ProblemApi(Api):
    """RESTX for routes alone: errors go to Flask's handlers, documents come from api/openapi."""

    def error_router(self, original_handler: Callable[[Exception], Any], error: Exception) -> Any:
        return original_handler(error)

    def _register_nothing(self, app_or_blueprint: Any) -> None:
        """RESTX's own addresses: its Swagger 2.0 document, its page, that page's files, and an empty root."""

    _register_specs = _register_doc = _register_apidoc = _register_nothing


def declared_by(view: Any, method: str) -> Operation | None:
    """The operation that a Flask view function declares for a method, if any."""
    plain: Operation | None = getattr(view, "__operation__", None)
    if plain is not None:
        return plain if plain.method == method else None
    resource = getattr(view, "view_class", None) or getattr(getattr(view, "__wrapped__", None), "view_class", None)
    return getattr(getattr(resource, method.lower(), None), "__operation__", None)
