"""The OpenAPI 3.1 document, walked from the routes and what each declares of itself."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from marshmallow import Schema

from api.errors import CODES
from api.openapi.components import components
from api.openapi.examples import EXAMPLES, path_example
from api.openapi.meanings import MANAGED, done, sent, told
from api.openapi.operation import Operation, declared_by
from api.openapi.tags import tags
from api.version import VERSION
from schemas.json_schema import Components, Shape, component_name, ref
from schemas.managed.bodies import Patch
from schemas.query_fields import QueryField

_SEGMENT = re.compile(r"<(?:[a-z]+(?:\([a-z]+\))?:)?(\w+)>")
DESCRIPTION = """Clinic content as structured JSON: treatment topics, questions, provider-selection guides and a
glossary, for clinic frontends and partner sites.

- **Read** below `/v1/clinics`, with GET alone. Public clinics need no key, and every reply may be cached. Fields that a
  view holds are always there: `null` or `[]`, never left out.
- **Write** below `/v1/manage`, with a manage key; what was read is sent back by its `ETag` as `If-Match`.
- **Errors** are problem documents (RFC 9457): all faults at once, each with what is allowed. Decide by `code`.
"""
MANAGE, PARTNER, PREVIEW, OPEN = "manage", "partner", "preview", "open"
CLOSED: dict[str, list[Shape]] = {
    MANAGE: [{"manage": []}], PARTNER: [{"partner": []}], PREVIEW: [{"preview": []}, {"share": []}]
}  # fmt: skip
"""Guards that let in one kind of key alone, and how that is said."""
SECURITY: dict[str, list[Shape]] = {**CLOSED, OPEN: []}
DATA, LINKS = "What was asked for.", "Addresses of this API, relative to its host."
META = (
    "About this reply: `people` names those whose ids stand in it, `note` says what to know of a repeated one, "
    "`unconfirmed` which processes have not yet confirmed a withdrawal."
)
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
PATH_PARAMETERS = {
    "type": "A content type.",
    "id": "The id of what is meant.",
    "move": "The move to make.",
    "number": "A revision's number.",
    "clinic": "A clinic's slug.",
    "slug": "The slug in any of the clinic's languages; a former one is found too.",
    "rendition": "Which of its files: `original`, or a name of `renditions`.",
    "aspect": "Which section, the same word in every language.",
}
HEADERS: dict[str, Shape] = {
    "ETag": {"description": "Strong tag of these bytes.", "schema": {"type": "string"}},
    "Cache-Control": {"description": "How long a shared cache may keep it.", "schema": {"type": "string"}},
}
OF_PROBLEMS: dict[str, Shape] = {
    "WWW-Authenticate": {"description": "Which credential is wanted.", "schema": {"type": "string"}},
    "Retry-After": {
        "description": "Seconds after which to ask again.", "schema": {"type": "integer", "minimum": 1}, "example": 1,
    },
    "RateLimit": {
        "description": "What is left of the limit, and the seconds until all of it is; on replies to keys too.",
        "schema": {"type": "string"}, "example": '"address";r=0;t=60',
    },
    "RateLimit-Policy": {
        "description": "The limit, and the seconds it counts over.",
        "schema": {"type": "string"}, "example": '"address";q=600;w=60',
    },
}  # fmt: skip
WITH: dict[int, tuple[str, ...]] = {
    401: ("WWW-Authenticate",), 429: ("Retry-After", "RateLimit", "RateLimit-Policy"), 503: ("Retry-After",),
}  # fmt: skip
"""Which headers a problem has, by its status."""


def document(app: Flask) -> dict[str, Any]:
    """The whole document as plain values; the same for the same version of the code."""
    paths: dict[str, Any] = {}
    for rule in sorted(app.url_map.iter_rules(), key=lambda each: each.rule):
        for method in METHODS:
            declared = declared_by(app.view_functions[rule.endpoint], method)
            if declared is not None:
                path = paths.setdefault(_SEGMENT.sub(r"{\1}", rule.rule), {})
                path[method.lower()] = _operation(declared, rule.rule, rule.endpoint)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Clinic CMS", "version": VERSION, "description": DESCRIPTION},
        "servers": [{"url": urlsplit(app.config["PUBLIC_URL"]).path or "/"}],
        "tags": tags({each["tags"][0]: None for methods in paths.values() for each in methods.values()}),
        "paths": paths,
        "components": {
            "schemas": told(managed(app), MANAGED) | told(components()),
            "headers": OF_PROBLEMS,
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "description": "ck_pub_… or ck_sec_…"},
                "manage": {"type": "http", "scheme": "bearer", "description": "ck_mng_…"},
                "partner": {"type": "http", "scheme": "bearer", "description": "ck_par_…"},
                "preview": {"type": "http", "scheme": "bearer", "description": "ck_pre_…"},
                "share": {"type": "apiKey", "in": "query", "name": "token", "description": "Of a share link."},
            },
        },
    }


def _operation(declared: Operation, rule: str, endpoint: str) -> Shape:
    responses = {str(declared.status): _ok(declared)}
    if declared.guard not in CLOSED and declared.method == "GET":
        responses["304"] = {"description": "Not changed since the tag or instant given."}
    asks = set() if declared.guard == OPEN else {401}
    for status in sorted({*declared.errors, *asks, 400, 413, 429, 500, 503}):
        responses[str(status)] = _problem(status)
    return {
        "operationId": _name(declared, endpoint),
        "summary": declared.summary,
        "description": declared.note or done().get(declared.summary, ""),
        "tags": [declared.tag],
        "parameters": [*_path_parameters(declared, rule), *_query_parameters(declared.query), *_heads(declared)],
        **_body(declared),
        "responses": responses,
        "security": SECURITY.get(declared.guard, [{}, {"key": []}]),
    }


def _name(declared: Operation, endpoint: str) -> str:
    if declared.guard in CLOSED:
        words: list[str] = re.findall(r"\w+", declared.summary.replace("'", ""))
        first, *rest = words
        return first.lower() + "".join(each.title() for each in rest)
    name = endpoint.split(".")[-1]
    return name[:1].lower() + name[1:]


def managed(app: Flask) -> dict[str, Shape]:
    """The components of management and of partners: every body and reply that a route declares."""
    found, patches = Components(), set()
    views = [app.view_functions[rule.endpoint] for rule in app.url_map.iter_rules()]
    for declared in (declared_by(view, method) for view in views for method in METHODS):
        for schema in (declared.body, declared.form, declared.data, declared.or_data) if declared else ():
            if schema is not None:
                found.add(schema)
            if schema is not None and issubclass(schema, Patch):
                patches.add(schema)
    shapes = found.shapes
    for each in patches:
        # Of its members the names alone: null removes any of them, and parts are addressed by key.
        names = [field.data_key or name for name, field in each.patches().load_fields.items()]
        shapes[component_name(each)]["properties"] = {name: {} for name in names}
    return shapes


def _heads(declared: Operation) -> list[Shape]:
    """Headers that a write is sent with."""
    found = []
    if declared.conditional:
        found.append({"name": "If-Match", "in": "header", "required": True, "schema": {"type": "string"},
                      "description": "The ETag of what was read."})  # fmt: skip
    if declared.method == "POST" and declared.guard == MANAGE:
        told = "The same key and body again: the stored reply, and no second effect."
        found.append({"name": "Idempotency-Key", "in": "header", "required": False, "schema": {"type": "string"},
                      "description": told})  # fmt: skip
    return found


def _body(declared: Operation) -> Shape:
    if declared.content:
        return {"requestBody": {"required": True, "content": {each: {"schema": shape} for each, shape in
                                                              declared.content.items()}}}  # fmt: skip
    if declared.body is None:
        return {}
    kind = "application/merge-patch+json" if declared.method == "PATCH" else "application/json"
    shape: Shape = {"schema": ref(component_name(declared.body))}
    if (example := sent().get(declared.summary)) is not None:
        shape["example"] = example
    kinds = {kind: shape, "application/json": shape}
    if declared.guard == OPEN:
        kinds["text/plain"] = {"schema": {"type": "string", "description": "The same, as a browser sends it unasked."}}
    return {"requestBody": {"required": True, "content": kinds}}


def _ok(declared: Operation) -> Shape:
    content: dict[str, Shape] = {}
    if declared.data is not None:
        parts = _parts(declared)
        content["application/json"] = {"schema": {"type": "object", "properties": parts, "required": list(parts)}}
    for kind, shape in declared.reply.items():
        content[kind] = {"schema": ref(shape) if isinstance(shape, str) else shape}
        if declared.summary in EXAMPLES:
            content[kind]["examples"] = {"seed": {"value": EXAMPLES[declared.summary]}}
    if declared.status == 204:
        return {"description": "Done; there is nothing to say."}
    return {"description": "What was asked for.", "headers": HEADERS, "content": content}


def _parts(declared: Operation) -> Shape:
    """What a reply of management or to a partner consists of."""
    either = [ref(component_name(each)) for each in (declared.data, declared.or_data) if each is not None]
    item = either[0] if len(either) == 1 else {"anyOf": either}
    parts: Shape = {"data": {"description": DATA, **({"type": "array", "items": item} if declared.listed else item)}}
    if declared.listed and any(each.data_key == "page[after]" for each in declared.query().fields.values()):
        parts["links"] = {"description": LINKS, **ref("PageLinks")}
    return {**parts, "meta": {"description": META, "type": "object"}}


def _problem(status: int) -> Shape:
    codes = [name for name, code in CODES.items() if code.status == status]
    titles = "; ".join(f"{name}: {CODES[name].title}" for name in codes)
    content: Shape = {"schema": ref("Problem")}
    if (name := f"Problem {status}") in EXAMPLES:
        content["examples"] = {"seed": {"value": EXAMPLES[name]}}
    heads = {"headers": {name: {"$ref": f"#/components/headers/{name}"} for name in WITH.get(status, ())}}
    told = {"description": titles or "A problem.", "content": {"application/problem+json": content}}
    return {**told, **heads} if heads["headers"] else told


def _path_parameters(declared: Operation, rule: str) -> list[Shape]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": PATH_PARAMETERS[name],
            "schema": declared.parameters.get(name, {"type": "string", "minLength": 1}),
            **({"example": example} if (example := path_example(rule, name)) else {}),
        }
        for name in _SEGMENT.findall(rule)
    ]


def _query_parameters(query: type[Schema]) -> list[Shape]:
    return [_query_parameter(field) for field in query().fields.values()]  # type: ignore[arg-type]


def _query_parameter(field: QueryField) -> Shape:
    shape: Shape = {
        "name": field.data_key,
        "in": "query",
        "required": field.required,
        "description": field.note,
        "schema": field.schema,
    }
    if field.schema.get("type") == "array":
        shape |= {"style": "form", "explode": False}
    if field.example is not None:
        shape["example"] = field.example
    return shape
