"""The API reference: Swagger UI from its package, on our own OpenAPI document."""

from __future__ import annotations

from flask import Response, redirect, url_for

from api.pages.page import page


def reference() -> Response:
    """Every operation, to read and to try."""
    return page("reference.html")


def without_slash() -> Response:
    """Lead /docs/ to the address without the slash."""
    response: Response = redirect(url_for("reference"), 308, Response)  # type: ignore[assignment]
    return response
