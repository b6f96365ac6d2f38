"""The rules of the house as data: who may import whom, which words say nothing, which addresses are open to all."""

from __future__ import annotations

RINGS = (
    ("schemas", "api.version"),
    ("api.errors", "api.public_url", "api.besides"),
    ("api.config", "api.process", "api.waiting"),
    ("api.rules", "api.engines"),
    ("api.db",),
    ("api.models",),
    ("api.migrate", "api.migrations"),
    ("api.queries", "api.cache", "api.edges", "api.media"),
    ("api.services",),
    ("api.auth", "api.openapi", "api.ranges", "api.server", "api.squeezed", "seed"),
    ("api.public", "api.pages", "api.system", "api.manage", "api.partner", "api.worker"),
    ("api.embed",),
    ("api.preview",),
    ("api.front",),
    ("api.middleware", "api.problems"),
    ("api.app",),
    ("api.commands",),
    ("api.cli",),
    ("wsgi", "seed.__main__"),
)
"""Imports point up this list: never down, never sideways. The command stands last: it starts the application."""
TOP = {
    ".ci", ".dockerignore", ".env.example", ".gitignore", "CHANGELOG.md", "Dockerfile", "Makefile", "README.md", "api",
    "bench", "docker-compose.yml", "docs", "pyproject.toml", "requirements-bench.txt", "requirements-dev.txt",
    "requirements-peers.txt", "requirements.txt", "schemas", "seed", "tests", "wsgi.py",
}  # fmt: skip
"""What lies at the top of the tree."""
WEB = {"flask", "flask_restx", "werkzeug"}
MUST_NOT_KNOW = {
    "schemas": WEB | {"sqlalchemy", "redis"},
    "api.rules": WEB | {"sqlalchemy", "redis", "marshmallow"},
    "api.queries": WEB | {"redis"},
    "api.services": WEB | {"redis"},
    "api.public": {"sqlalchemy", "redis"},
    "seed": WEB | {"redis"},
}
ONLY_KNOWN_TO = {
    "flask_restx": ("api.openapi", "api.public.routes", "api.manage.routes", "api.partner.routes"),
    "redis": ("api.cache.redis_tier",),
    "prometheus_client": ("api.front.metrics",),
    "alembic": ("api.migrate", "api.migrations"),
    "PIL": ("api.media.pictures", "seed.drawing"),
    "pikepdf": ("api.media.pdf",),
    "boto3": ("api.media.s3",),
    "botocore": ("api.media.s3",),
    "granian": ("api.server",),
    "gunicorn": ("api.server",),
}
READERS = ("api.public", "api.pages", "api.embed")
"""Edges that cannot write: no way of imports leads from them to the services."""
SAYS_NOTHING = {"utils", "util", "helpers", "helper", "common", "base", "manager", "managers", "handler", "handlers"}
GUARDS = {"clinic", "listed", "manage", "partner", "preview"}  # "open" names none.
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
OPEN = {
    "/", "/docs", "/docs/", "/docs/assets/<name>", "/docs/problems", "/docs/problems/<code>", "/static/<name>",
    "/v1/openapi.json", "/v1/types.d.ts", "/v1/client.ts", "/v1/schemas/<name>", "/healthz", "/readyz",
    "/metrics", "/embed.js", "/embed/v/<version>/embed.js", "/embed/version.json", "/embed/beacon",
    "/oembed", "/docs/embeds", "/preview", "/media/<address>/<rendition>",
    "/preview/<opened>/media/<address>/<rendition>",
}  # fmt: skip
"""Addresses that anyone may ask and that hold nothing of any clinic's own."""
PREVIEWS = "/v1/clinics/<clinic>/preview/"
"""Nobody is told there without a key which clinics there are."""
NEEDED = {
    f"/v1/clinics/<clinic>{which}{rest}": asked
    for which in ("", "/preview")
    for rest, asked in (("/search", "?q=skin"), ("/resolve", "?path=/"))
}
"""What an address needs to be asked at all."""
MEASURING = ("tests/growth.py", "tests/house.py", "tests/trust/test_claims_input.py")
"""What may hold a stopwatch beside the long runs: the last is one of them by its marks."""
STOPWATCH = r"process_time|thread_time|perf_counter|timeit"
