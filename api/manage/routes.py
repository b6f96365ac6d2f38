"""The addresses of management, written out: each module lists its own."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from flask import Blueprint, Response
from flask_restx import Namespace, Resource

from api.manage import (
    audit,
    categories,
    claims,
    clinics,
    comments,
    conflicts,
    entries,
    history,
    keys,
    media,
    moves,
    overlay_moves,
    overlays,
    partners,
    people,
    recalls,
    redirects,
    releases,
    reviews,
    shares,
    transfers,
    worker_state,
)
from api.manage.asking import Handler, Route, admit, answer
from api.openapi.operation import Operation, ProblemApi, admitted

MODULES = (
    entries,
    moves,
    clinics,
    people,
    keys,
    partners,
    media,
    categories,
    redirects,
    audit,
    reviews,
    history,
    comments,
    claims,
    overlays,
    overlay_moves,
    conflicts,
    recalls,
    releases,
    shares,
    worker_state,
    transfers,
)


def manage_api() -> Blueprint:
    """Every address of management, below /v1/manage."""
    blueprint, namespace = Blueprint("manage", __name__, url_prefix="/v1/manage"), Namespace("manage", path="/")
    by_path: dict[str, list[Route]] = defaultdict(list)
    for module in MODULES:
        for route in module.routes():
            by_path[route[0]].append(route)
    for path, routes in by_path.items():
        methods = {declared.method.lower(): _method(handler, declared) for _, handler, declared in routes}
        name = "manage_" + "".join(each if each.isalnum() else "_" for each in path)
        namespace.add_resource(type(name, (Resource,), methods), path, endpoint=name)
    ProblemApi(blueprint, doc=False).add_namespace(namespace, path="")
    return blueprint


def _method(handler: Handler, declared: Operation) -> Any:
    def asked(self: Resource, query: dict[str, Any], body: Any = None, **path: str) -> Response:
        return answer(handler, declared, query, body, path)

    return admitted(declared, asked, admit)
