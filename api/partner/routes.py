"""The addresses of a partner's own view, below /v1/partners."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response
from flask_restx import Namespace, Resource

from api.openapi.operation import Operation, ProblemApi, admitted
from api.partner import own
from api.partner.asking import Answering, admit, answer


def partner_api() -> Blueprint:
    """Every address of it."""
    blueprint, namespace = Blueprint("partner", __name__, url_prefix="/v1/partners"), Namespace("partner", path="/")
    for path, answering, declared in own.routes():
        name = "partner_" + "".join(each if each.isalnum() else "_" for each in path)
        methods = {declared.method.lower(): _method(answering, declared)}
        namespace.add_resource(type(name, (Resource,), methods), path, endpoint=name)
    ProblemApi(blueprint, doc=False).add_namespace(namespace, path="")
    return blueprint


def _method(answering: Answering, declared: Operation) -> Any:
    def asked(self: Resource, query: dict[str, Any], **path: str) -> Response:
        return answer(answering, declared, query, path)

    return admitted(declared, asked, admit)
