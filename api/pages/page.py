"""From a template to a reply: the one place that sets the headers of a page."""

from __future__ import annotations

import hashlib
import re

from flask import Response, render_template, request
from markupsafe import Markup, escape

from api.pages import assets
from api.version import VERSION

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Content-Security-Policy: nothing is loaded from, sent to, or framed by another host; no inline script or style."""
KEPT = "public, max-age=300"


def page(template: str, *, cache_control: str = KEPT, frames: bool = False, **values: object) -> Response:
    """A page of HTML with an ETag; answers 304 where it may. `frames` lets it show our own embeds."""
    known = {"version": VERSION, "asset": assets.address, "ticks": ticks, "root": request.script_root}
    body = render_template(f"pages/{template}", **known, **values).encode()
    response = Response(body, content_type="text/html; charset=utf-8")
    headers = response.headers
    headers["ETag"] = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    headers["Cache-Control"] = cache_control
    headers["Content-Language"] = "en"
    headers["Content-Security-Policy"] = POLICY + ("; frame-src 'self'" if frames else "")
    headers["X-Frame-Options"] = "DENY"
    response.make_conditional(request.environ)
    return response


def ticks(text: str) -> Markup:
    """Plain text as HTML, with `words in backticks` as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))
