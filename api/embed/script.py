"""embed.js as it is served: with this installation's address and its style in it, under an address of its content."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from functools import lru_cache

from flask import Flask, Response, current_app

from api.errors import not_found
from api.pages.assets import FOLDER
from api.public.asking import database
from api.queries import partners
from api.squeezed import squeezed

ALIAS_SECONDS = 300
"""How long the address without a version is kept: so soon everyone has a new one."""
FOR_GOOD = "public, max-age=31536000, immutable"


def register(app: Flask) -> None:
    """The script under its content's address, under a short-lived alias, and what names both."""
    app.add_url_rule("/embed.js", "embed script", alias)
    app.add_url_rule("/embed/v/<version>/embed.js", "embed script by version", by_version)
    app.add_url_rule("/embed/version.json", "embed version", version)


def alias() -> Response:
    """The newest script; kept for minutes."""
    return _script(f"public, max-age={ALIAS_SECONDS}")


def by_version(version: str) -> Response:
    """The script of one version, for good; a page that pins it by `integrity` never gets another."""
    if version == _made(current_app.config["PUBLIC_URL"])[1]:
        return _script(FOR_GOOD)
    with database().reading() as connection:
        body = partners.script(connection, version) if re.fullmatch("[0-9a-f]{16}", version) else None
    if body is None:
        raise not_found("There never was such a version of embed.js; /embed/version.json names the one there is.")
    return _given(body.encode(), version, FOR_GOOD)


def version() -> Response:
    """What a page needs to pin the script."""
    return _open(Response(json.dumps(pinned()), content_type="application/json"), f"public, max-age={ALIAS_SECONDS}")


def pinned() -> dict[str, str]:
    """{version, src, integrity} of the newest script (Subresource Integrity)."""
    base = current_app.config["PUBLIC_URL"]
    body, name = _current(base)
    digest = base64.b64encode(hashlib.sha384(body).digest()).decode()
    return {"version": name, "src": f"{base}/embed/v/{name}/embed.js", "integrity": f"sha384-{digest}"}


def _script(cache_control: str) -> Response:
    return _given(*_current(current_app.config["PUBLIC_URL"]), cache_control)


def _current(base: str) -> tuple[bytes, str]:
    """The script and its name, which are written down once, before another version takes its place."""
    body, name = _made(base)
    memory = database().memory
    if name not in (known := memory.setdefault("embed_scripts_given", set())):
        known.add(name)
        memory.setdefault("embed_scripts", {})[name] = body.decode()
    return body, name


def _given(body: bytes, name: str, cache_control: str) -> Response:
    return _open(squeezed(body, name, "text/javascript; charset=utf-8"), cache_control)


def _open(response: Response, cache_control: str) -> Response:
    response.headers["Cache-Control"] = cache_control
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
    return response


@lru_cache(maxsize=8)
def _made(api: str) -> tuple[bytes, str]:
    """(the script, the name of its content)."""
    told = re.sub(r"/\*.*?\*/", "", (FOLDER / "embed.css").read_text(encoding="utf-8"), flags=re.S)
    style = re.sub(r"\s+", " ", told)
    source = (FOLDER / "embed.js").read_text(encoding="utf-8")
    filled = source.replace('"{{API}}"', json.dumps(api)).replace('"{{CSS}}"', json.dumps(style.strip()))
    body = filled.replace("</", "<\\/").encode()
    return body, hashlib.blake2b(body, digest_size=8).hexdigest()
