"""create_app(): the table of contents of the service."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask

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


class Service(Flask):
    """Flask, told that no view here is a coroutine: it need not look at each one in every request."""

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
