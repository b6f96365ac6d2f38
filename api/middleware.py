"""What happens around every request, in order."""

from __future__ import annotations

from flask import Flask, Response, request
from werkzeug.middleware.proxy_fix import ProxyFix

from api.config import Config

EXPOSED = (
    "ETag, Link, Content-Language, RateLimit, RateLimit-Policy, Retry-After, Deprecation, Sunset, X-Request-Id"
)
BODY_AT_MOST = 1_000_000


def install(app: Flask, config: Config) -> None:
    """Proxies first, then limits, then headers on the way out."""
    if config.trusted_proxies:
        hops = config.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    app.config["MAX_CONTENT_LENGTH"] = BODY_AT_MOST
    app.after_request(_headers)


def _headers(response: Response) -> Response:
    headers = response.headers
    headers.add("X-Content-Type-Options", "nosniff")
    headers.add("Referrer-Policy", "no-referrer")
    if request.path.startswith("/v1/"):
        headers.add("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
        if "Access-Control-Allow-Origin" not in headers and "Origin" not in headers.get("Vary", ""):
            headers.add("Access-Control-Allow-Origin", "*")
        headers.add("Access-Control-Expose-Headers", EXPOSED)
        if request.method == "OPTIONS":
            _preflight(response)
    return response


def _preflight(response: Response) -> None:
    headers = response.headers
    headers["Access-Control-Allow-Methods"] = headers.get("Allow", "GET, HEAD, OPTIONS")
    headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type, If-None-Match, X-Min-Publication"
    headers["Access-Control-Max-Age"] = "86400"
    headers["Cache-Control"] = "public, max-age=86400"
