"""The addresses of public delivery, written out; every one of them only reads."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Blueprint, Response
from flask_restx import Namespace, Resource

from api.openapi.operation import Operation, ProblemApi, operation
from api.public import asking, content, house, site
from schemas import requests
from schemas.aspects import ASPECTS
from schemas.content import CONTENT_TYPES
from schemas.content_type import ContentType

CLINIC = "clinic"
"""The guard of an address below one clinic: api/public/asking.py opens the read, or refuses it."""
LISTED = "listed"
"""The guard of the list of clinics: public ones, and those of the caller's key."""
ERRORS = (400, 401, 403, 404)
JSON, LD, MD, XML = "application/json", "application/ld+json", "text/markdown", "application/xml"
SLUG: dict[str, dict[str, Any]] = {"slug": {"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$", "maxLength": 96}}

Route = tuple[str, Callable[..., Response], Operation]


def read_api() -> Blueprint:
    """Every address of the read API, below /v1."""
    found = list(house_routes())
    for kind in CONTENT_TYPES:
        found += [(f"/clinics/<clinic>/{kind.plural}{path}", *more) for path, *more in content_routes(kind)]  # type: ignore[misc]
    return namespaced(Blueprint("v1", __name__, url_prefix="/v1"), "read", found)


def namespaced(blueprint: Blueprint, name: str, routes: list[Route]) -> Blueprint:
    """A blueprint with these addresses."""
    namespace = Namespace(name, path="/")
    for path, method, declared in routes:
        _add(namespace, path, method, declared)
    ProblemApi(blueprint, doc=False).add_namespace(namespace, path="")
    return blueprint


def _add(namespace: Namespace, path: str, method: Callable[..., Response], declared: Operation) -> None:
    name = "".join(
        word.title() for word in declared.summary.replace("'", " ").replace("-", " ").replace(":", " ").split()
    )

    def get(self: Resource, **values: Any) -> Response:
        return asking.again_if_changed(method, values)

    resource = type(name, (Resource,), {"get": operation(declared)(get), "__doc__": declared.summary})
    namespace.add_resource(resource, path, endpoint=name)


def house_routes() -> list[Route]:
    """Of a clinic as a whole: (path, what answers, what it declares)."""
    language = requests.language_parameters()
    return [
        ("/clinics", house.clinics_reply, Operation(
            "List clinics", LISTED, requests.clinics_parameters(), {JSON: "ClinicListReply"}, "clinics", (400, 401))),
        ("/clinics/<clinic>", house.clinic_reply, Operation(
            "Read a clinic", CLINIC, requests.clinic_parameters(), {JSON: "ClinicReply"}, "clinics", ERRORS)),
        ("/clinics/<clinic>.jsonld", house.clinic_graph_reply, Operation(
            "Read a clinic as JSON-LD", CLINIC, language, {LD: "Graph"}, "clinics", ERRORS)),
        ("/clinics/<clinic>/categories", house.categories_reply, Operation(
            "List categories", CLINIC, requests.category_parameters(), {JSON: "CategoryListReply"}, "site", ERRORS)),
        ("/clinics/<clinic>/categories/<slug>", house.category_reply, Operation(
            "Read a category", CLINIC, language, {JSON: "CategoryReply"}, "site", ERRORS, parameters=SLUG)),
        ("/clinics/<clinic>/navigation", house.navigation_reply, Operation(
            "Read the navigation", CLINIC, language, {JSON: "NavigationReply"}, "site", ERRORS)),
        ("/clinics/<clinic>/search", site.search_reply, Operation(
            "Search", CLINIC, requests.search_parameters(), {JSON: "SearchReply"}, "search", ERRORS)),
        ("/clinics/<clinic>/resolve", site.resolve_reply, Operation(
            "Resolve a path", CLINIC, requests.resolve_parameters(), {JSON: "ResolveReply"}, "site", (*ERRORS, 410))),
        ("/clinics/<clinic>/redirects", site.redirects_reply, Operation(
            "List redirects", CLINIC, requests.plain_parameters(), {JSON: "RedirectsReply"}, "site", ERRORS)),
        ("/clinics/<clinic>/sitemap.json", site.sitemap_reply, Operation(
            "Read the sitemap", CLINIC, requests.sitemap_parameters(), {JSON: "SitemapReply"}, "site", ERRORS)),
        ("/clinics/<clinic>/sitemap.xml", site.sitemap_xml_reply, Operation(
            "Read the sitemap as XML", CLINIC, requests.plain_parameters(), {XML: {"type": "string"}}, "site", ERRORS)),
    ]  # fmt: skip


def content_routes(kind: ContentType) -> list[Route]:
    """Of one content type, below its plural."""
    title, item = kind.name.title(), (*ERRORS, 410)
    plain = requests.language_parameters()

    def given(reply: Callable[..., Response]) -> Callable[..., Response]:
        return partial(reply, kind)

    routes: list[Route] = [
        ("", content.list_reply, Operation(
            f"List {kind.plural}", CLINIC, requests.list_parameters(kind), {JSON: f"{title}ListReply"}, kind.plural,
            ERRORS)),
        (".jsonld", content.list_graph_reply, Operation(
            f"List {kind.plural} as JSON-LD", CLINIC, requests.list_graph_parameters(kind), {LD: "Graph"}, kind.plural,
            ERRORS)),
        ("/<slug>", content.item_reply, Operation(
            f"Read a {kind.name}", CLINIC, requests.item_parameters(kind), {JSON: f"{title}Reply"}, kind.plural, item,
            parameters=SLUG)),
        ("/<slug>.jsonld", content.item_graph_reply, Operation(
            f"Read a {kind.name} as JSON-LD", CLINIC, plain, {LD: "Graph"}, kind.plural, item, parameters=SLUG)),
        ("/<slug>.md", content.item_markdown_reply, Operation(
            f"Read a {kind.name} as Markdown", CLINIC, plain, {MD: {"type": "string"}}, kind.plural, item,
            parameters=SLUG)),
    ]  # fmt: skip
    if "sections" in kind.stored:
        aspect = {**SLUG, "aspect": {"type": "string", "enum": list(ASPECTS)}}
        routes.append(("/<slug>/modules/<aspect>", content.module_reply, Operation(
            f"Read a section of a {kind.name}", CLINIC, requests.module_parameters(), {JSON: f"{title}ModuleReply"},
            kind.plural, item, parameters=aspect)))  # fmt: skip
    return [(path, given(reply), declared) for path, reply, declared in routes]
