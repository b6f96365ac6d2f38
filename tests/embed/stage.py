"""A stage for embeds: the service, and sites of partners on other origins, behind one door."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from werkzeug.serving import WSGIRequestHandler, make_server

from api.db import Database, connect
from tests.conftest import application, config
from tests.pages.browser import Tab

API, PARTNER, EVIL = "api.localhost", "partner.localhost", "evil.localhost"
PAGE = (
    "<!doctype html><html lang=en><head><meta charset=utf-8><title>A partner's page</title>{head}</head>"
    "<body>{body}</body></html>"
)
LINK = '<a href="https://south.example/">At the clinic</a>'
COMPONENT = '<clinic-content clinic="demo-south" {attributes}>' + LINK + "</clinic-content>"
TOPIC = 'type="topic" slug="mesotherapy"'


class Silent(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        """Say nothing."""


@dataclass
class Stage:
    """`pages` of other sites: (host, path) -> (headers, HTML). `beacons` are the bodies that embeds sent."""

    port: int = 0
    app: Any = None
    database: Database | None = None
    pages: dict[tuple[str, str], tuple[list[tuple[str, str]], str]] = field(default_factory=dict)
    beacons: list[str] = field(default_factory=list)

    def at(self, host: str) -> str:
        """The origin of a host."""
        return f"http://{host}:{self.port}"

    @property
    def script(self) -> str:
        return f'<script async src="{self.at(API)}/embed.js"></script>'

    def put(self, path: str, body: str, head: str = "", host: str = PARTNER, **headers: str) -> str:
        """Put a page onto a site; its address."""
        said = [(name.replace("_", "-"), value) for name, value in headers.items()]
        self.pages[host, path] = (said, PAGE.format(head=head, body=body))
        return self.at(host) + path

    def component(self, attributes: str = TOPIC, path: str = "/component", **more: Any) -> str:
        """A page with the script and one element; its address."""
        body = more.pop("before", "") + COMPONENT.format(attributes=attributes) + more.pop("after", "")
        return self.put(path, body, more.pop("head", "") + more.pop("script", self.script), **more)

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        host, path = environ["HTTP_HOST"].partition(":")[0], environ["PATH_INFO"]
        if host == API and (environ["REQUEST_METHOD"], path) == ("POST", "/embed/beacon"):
            sent = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
            self.beacons.append(sent.decode())
            environ["wsgi.input"] = io.BytesIO(sent)
        if host == API:
            return list(self.app(environ, start))
        headers, html = self.pages.get((host, path), ([], ""))
        start("200 OK" if html else "204 No Content", [("Content-Type", "text/html; charset=utf-8"), *headers])
        return [html.encode()]


@contextmanager
def stage(database: str, folder: Path) -> Iterator[Stage]:
    """A stage on a database; its clock is the machine's own."""
    made = Stage()
    server = make_server("127.0.0.1", 0, made, threaded=True, request_handler=Silent)
    made.port = server.port
    settings = replace(config(database, folder), public_url=made.at(API))
    made.database = connect(settings)
    made.app = application(settings, made.database)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield made
    server.shutdown()
    server.server_close()
    made.database.close()


def show(tab: Tab, url: str) -> None:
    """Open a page, with nothing left of what was before."""
    tab.open("about:blank")
    tab.wait("location.href === 'about:blank'")
    tab.forget()
    tab.open(url)
    tab.wait(f"location.href.startsWith({url!r}) && document.readyState === 'complete'")


def hosts(tab: Tab) -> set[str]:
    """The hosts that were asked for anything."""
    return {urlsplit(each).hostname or "" for each in tab.requests if not each.startswith(("data:", "about:"))}


IN_SHADOW = "document.querySelector('clinic-content').shadowRoot.querySelector({0!r})"


def shadow(selector: str) -> str:
    """An expression for what an element's shadow tree holds."""
    return IN_SHADOW.format(selector)
