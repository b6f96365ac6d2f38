"""What happens around every request, in order."""

from __future__ import annotations

from flask import Flask, Response, request
from werkzeug.middleware.proxy_fix import ProxyFix

from api.config import Config

EXPOSED = (
    "ETag, Link, Content-Language, RateLimit, RateLimit-Policy, Retry-After, Deprecation, Sunset, X-Request-Id"
)
BODY_AT_MOST = 1_000_000
EVERYWHERE = (("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"))
OF_THE_API = (
    *EVERYWHERE,
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("Access-Control-Expose-Headers", EXPOSED),
)
OPEN = (*OF_THE_API, ("Access-Control-Allow-Origin", "*"))
"""Of replies that are the same for every origin."""


def install(app: Flask, config: Config) -> None:
    """Proxies first, then limits, then headers on the way out."""
    if config.trusted_proxies:
        hops = config.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    app.config["MAX_CONTENT_LENGTH"] = BODY_AT_MOST
    app.after_request(_headers)


def _headers(response: Response) -> Response:
    headers = response.headers
    if not request.environ["PATH_INFO"].startswith("/v1/"):
        headers.extend(EVERYWHERE)
        return response
    closed = request.environ["PATH_INFO"].startswith("/v1/manage") or "Origin" in headers.get("Vary", "")
    headers.extend(OF_THE_API if closed else OPEN)
    if request.environ["REQUEST_METHOD"] == "OPTIONS":
        _preflight(response)
    return response


def _preflight(response: Response) -> None:
    headers = response.headers
    headers["Access-Control-Allow-Methods"] = headers.get("Allow", "GET, HEAD, OPTIONS")
    headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type, If-None-Match, X-Min-Publication"
    headers["Access-Control-Max-Age"] = "86400"
    headers["Cache-Control"] = "public, max-age=86400"
