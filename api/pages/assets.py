"""The files that pages load: our own and Swagger UI's, each under an address that changes with its content."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import flask_swagger_ui
from flask import Response, request, url_for

from api.errors import not_found
from api.squeezed import squeezed

FOLDER = Path(__file__).parent.parent / "static"
OWN = {
    name: FOLDER / name
    for name in (
        "frame.css", "site.css", "reference.css", "samples.js", "reference.js", "icon.svg", "embed.css",
        "builder.js", "builder.css",
    )  # fmt: skip
}
PACKAGED = Path(flask_swagger_ui.__file__).parent / "dist"
SWAGGER = {name: PACKAGED / name for name in ("swagger-ui.css", "swagger-ui-bundle.js")}
"""What the reference needs of the package; its index page and its OAuth pages are not served."""
KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
NAMED, UNNAMED = "public, max-age=31536000, immutable", "public, max-age=300"
"""How long a file is kept: for good where the address names the content, else for minutes."""


def address(name: str) -> str:
    """The address of a file, relative to the host, with its version."""
    if name in OWN:
        return url_for("static_file", name=name, v=_version(OWN[name]))
    return url_for("reference_file", name=name, v=_version(SWAGGER[name]))


def static_file(name: str) -> Response:
    """One of our own files."""
    return _file(OWN.get(name))


def reference_file(name: str) -> Response:
    """One of Swagger UI's files, from its package."""
    return _file(SWAGGER.get(name))


def _file(path: Path | None) -> Response:
    if path is None:
        raise not_found("There is no such file.")
    version = _version(path)
    response = squeezed(path.read_bytes(), version, f"{KINDS[path.suffix]}; charset=utf-8")
    response.headers["Cache-Control"] = NAMED if request.args.get("v") == version else UNNAMED
    response.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
    return response


@cache
def _version(path: Path) -> str:
    return hashlib.blake2b(path.read_bytes(), digest_size=6).hexdigest()
