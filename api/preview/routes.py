"""The addresses of previews: those of delivery, below `preview`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from flask import Blueprint, Response, request

from api.openapi.document import PREVIEW
from api.openapi.operation import Operation
from api.preview.asking import previewed
from api.public import asking
from api.public.routes import content_routes, house_routes, namespaced
from schemas.content import CONTENT_TYPES
from schemas.content_type import ContentType
from schemas.previews import previewing

CLINIC = "/clinics/<clinic>"
PUBLISHED_ONLY = ("/clinics", f"{CLINIC}.jsonld", f"{CLINIC}/redirects", f"{CLINIC}/sitemap.xml")
"""What there is no preview of: it tells of no text, or is for search engines alone."""
NOTE = (
    "The same reply as the read that it previews, with `meta.preview`; for a preview key, or the token of a share "
    "link. Never stored, never indexed."
)


def preview_api() -> Blueprint:
    """Every address of previews, below /v1/clinics/{clinic}/preview."""
    found: list[tuple[str, Callable[..., Response], Operation]] = []
    for path, reply, declared in house_routes():
        if path not in PUBLISHED_ONLY:
            below = path.removeprefix(CLINIC)
            found.append((f"{CLINIC}/preview{below}", _opened(reply, None), _declared(declared)))
    for kind in CONTENT_TYPES:
        for path, reply, declared in content_routes(kind):
            of_one = kind if "<slug>" in path else None
            address = f"{CLINIC}/preview/{kind.plural}{path}"
            found.append((address, _opened(reply, of_one), _declared(declared)))
    return namespaced(Blueprint("preview", __name__, url_prefix="/v1"), "preview", found)


def _opened(reply: Callable[..., Response], kind: ContentType | None) -> Callable[..., Response]:
    def previewing_reply(**values: Any) -> Response:
        request.environ[asking.OPENS] = partial(previewed, kind)
        return reply(**values)

    return previewing_reply


def _declared(declared: Operation) -> Operation:
    summary = f"Preview: {declared.summary[:1].lower()}{declared.summary[1:]}"
    errors = tuple(sorted({*declared.errors, 403, 404}))
    return replace(
        declared, summary=summary, guard=PREVIEW, query=previewing(declared.query), tag="preview", errors=errors,
        note=NOTE,
    )  # fmt: skip
