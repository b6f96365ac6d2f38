"""What happens around every request, in order."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Flask, Response, current_app, request
from werkzeug.middleware.proxy_fix import ProxyFix

from api.config import Config
from api.errors import CODES, REFUSED, CmsError
from api.front.built import Built
from api.front.loading import Application, Environ, StartResponse
from api.front.metrics import admitted
from api.process import THREADS
from api.services.outbox import outbox_state as lag

EXPOSED = "ETag, Link, Content-Language, RateLimit, RateLimit-Policy, Retry-After, Deprecation, Sunset, X-Request-Id"
BODY_AT_MOST = 1_000_000
EVERYWHERE = (("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"))
NO_PAGE = ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
"""Of whatever says nothing else of itself."""
OF_THE_API = (
    *EVERYWHERE,
    NO_PAGE,
    ("Access-Control-Expose-Headers", EXPOSED),
)
CLOSED = ("/v1/manage", "/v1/partners")
"""Addresses that no page of another origin may read."""
PREVIEWS = (["preview"],)
"""What stands below a clinic where something is not live: nobody keeps it, whatever the answer is."""
OPEN = (*OF_THE_API, ("Access-Control-Allow-Origin", "*"))
"""Of replies that are the same for every origin."""


def install(app: Flask, config: Config, *, front: bool) -> None:
    """From outside in: what is kept, proxies, refusals and limits; on the way out the headers."""
    if config.trusted_proxies:
        hops = config.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    if config.root:
        app.wsgi_app = below(app.wsgi_app, config.root)  # type: ignore[method-assign,assignment]
    app.config["MAX_CONTENT_LENGTH"] = BODY_AT_MOST
    app.before_request(_refuse)
    app.after_request(_headers)
    if front:
        built = Built(app.wsgi_app, config, app.extensions["database"], app.extensions["secret"], THREADS)
        app.extensions["front"] = built
        outside = built.application
        app.wsgi_app = below(outside, config.root) if config.root else outside  # type: ignore[method-assign,assignment]
    app.add_url_rule("/metrics", "metrics", _metrics)


def below(inner: Application, root: str) -> Application:
    """The application below a path of its host, whether the proxy in front takes that path off or leaves it.

    It stands inside the front, so that what the front asks by itself is answered alike, and outside it, where keys are
    made.
    """

    def application(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if f"{environ['PATH_INFO']}/".startswith(f"{root}/"):
            environ["PATH_INFO"] = environ["PATH_INFO"][len(root) :] or "/"
        environ["SCRIPT_NAME"] = root
        return inner(environ, start_response)

    return application


def _refuse() -> None:
    """What the front turned away before it came here leaves as a problem like every other."""
    if (refused := request.environ.get(REFUSED)) is not None:
        code, seconds = refused
        detail = "Too many slow requests are under way." if code == "unavailable" else CODES[code].explanation
        raise CmsError(code, detail, retry_after=seconds)


def _metrics() -> Response:
    """Counts and times for Prometheus: on this machine itself, or with the token."""
    built: Built | None = current_app.extensions.get("front")
    config: Config = current_app.extensions["config"]
    if not admitted(request.environ, config.metrics_token):
        raise CmsError("not_found", CODES["not_found"].explanation)
    if built is None or built.metrics is None:
        raise CmsError("unavailable", "The numbers are not there yet.")
    text = built.metrics.text(lag.gauges(current_app.extensions["database"]))
    headers = {"Cache-Control": "no-store"}
    return Response(text, content_type="text/plain; version=0.0.4; charset=utf-8", headers=headers)


def _headers(response: Response) -> Response:
    headers, environ = response.headers, request.environ
    if not environ["PATH_INFO"].startswith("/v1/"):
        headers.extend(EVERYWHERE)
        headers.setdefault(*NO_PAGE)
        return response
    if environ["PATH_INFO"].split("/", 5)[4:5] in PREVIEWS:
        headers["Cache-Control"], headers["X-Robots-Tag"] = "private, no-store", "noindex"
    closed = environ["PATH_INFO"].startswith(CLOSED) or "Origin" in headers.get("Vary", "")
    headers.extend(OF_THE_API if closed else OPEN)
    if environ["REQUEST_METHOD"] == "OPTIONS":
        _preflight(response)
    return response


def _preflight(response: Response) -> None:
    headers = response.headers
    headers["Access-Control-Allow-Methods"] = headers.get("Allow", "GET, HEAD, OPTIONS")
    headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type, If-None-Match, X-Min-Publication"
    headers["Access-Control-Max-Age"] = "86400"
    headers["Cache-Control"] = "public, max-age=86400"
