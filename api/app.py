"""create_app(): the table of contents of the service."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, Request
from flask.sessions import NullSession, SessionInterface
from werkzeug.routing import MapAdapter

from api import middleware, pages, problems, system
from api.besides import Besides
from api.config import Config, from_env
from api.db import Database, connect
from api.embed import routes as embeds
from api.manage.routes import manage_api
from api.partner.routes import partner_api
from api.preview import page as preview_page
from api.preview.routes import preview_api
from api.public import beacon, contract, media, routes


class NoSessions(SessionInterface):
    """Nobody has a session: no cookie is read, and none is set."""

    nobody = NullSession()

    def open_session(self, app: Flask, request: Request) -> NullSession:
        return self.nobody


class Service(Flask):
    """Flask, told what is never there, in any request: a host with routes of its own, a coroutine."""

    session_interface = NoSessions()

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Routes go by the path alone: the name of the host, which callers may invent, is not even looked at."""
        if request is None:
            return None
        root, scheme = request.root_path, request.environ["wsgi.url_scheme"]
        return MapAdapter(self.url_map, "localhost", root, "", scheme, request.path, request.method)

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func


def create_app(config: Config | None = None, database: Database | None = None, *, front: bool = True) -> Flask:
    """The application for a configuration (the environment's by default) and its database.

    Without its `front` every request reaches the routes: nothing is kept, nobody is limited.
    """
    config = config or from_env()
    app = Service("api", static_folder=None, template_folder="templates")
    app.config["PUBLIC_URL"] = config.public_url
    app.extensions["config"] = config
    app.extensions["database"] = database or connect(config)
    app.extensions["secret"] = config.secret()
    app.url_map.merge_slashes = False
    app.url_map.strict_slashes = True
    app.url_map.converters["besides"] = Besides

    problems.register(app)
    app.register_blueprint(routes.read_api())
    app.register_blueprint(preview_api())
    app.register_blueprint(manage_api())
    app.register_blueprint(partner_api())
    beacon.register(app)
    media.register(app)
    contract.register(app)
    embeds.register(app)
    pages.register(app)
    preview_page.register(app)
    system.register(app)
    middleware.install(app, config, front=front)
    return app
