"""The addresses of embeds: each as a page for a frame, and with `.html` as a fragment."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from typing import Any

from flask import Flask, Response, request

from api.embed import building, oembed, script
from api.embed.asking import embedding
from api.embed.kinds import ADDRESSES, Kind
from api.embed.replying import notice, reply
from api.embed.wanted import wanted
from api.errors import CmsError, not_found
from api.public.asking import again_if_changed

PAGE_LEVEL, FRAGMENT_LEVEL = 1, 2
"""The level of the first heading: a page of its own begins with 1, a part of another's page below its own."""
PAGE_THEME, FRAGMENT_THEME = "light", "auto"
"""A part is as light as the page around it; a frame cannot see that page, and most pages are light."""


def register(app: Flask) -> None:
    """Add the script, every kind, and an answer in HTML for what is none."""
    script.register(app)
    oembed.register(app)
    building.register(app)
    for path, kind in ADDRESSES.items():
        for suffix, fragment in (("", False), (".html", True)):
            view = _told(partial(show, kind, fragment=fragment), fragment=fragment)
            app.add_url_rule(f"/embed/<clinic>/{path}{suffix}", f"embed {path}{suffix}", view)
    for rest in ("<besides(beacon):rest>", "<clinic>/<path:rest>", "<clinic>/<path:rest>.html"):
        view = _told(_nothing, fragment=rest.endswith(".html"))
        app.add_url_rule(f"/embed/{rest}", f"embed nothing {rest}", view)


def show(kind: Kind, clinic: str, *, fragment: bool, **path: str) -> Response:
    """One embed of one clinic."""
    level, theme = (FRAGMENT_LEVEL, FRAGMENT_THEME) if fragment else (PAGE_LEVEL, PAGE_THEME)
    asked_for = wanted(request.args, level=level, theme=theme)
    with embedding(clinic, asked_for) as opened:
        return reply(opened, kind(opened, **path), fragment=fragment)


def _nothing(**_: str) -> Response:
    raise not_found("There is no such embed. See /docs/embeds for those there are.")


def _told(view: Callable[..., Response], *, fragment: bool) -> Callable[..., Response]:
    """A refusal stands where the embed would: in words, for whoever reads the page."""

    @wraps(view)
    def told(**values: Any) -> Response:
        try:
            return again_if_changed(view, values)
        except CmsError as error:
            return notice(error, fragment=fragment)

    return told
