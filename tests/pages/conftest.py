"""What the tests of pages start from: an application with the pages, and what a page links to."""

from __future__ import annotations

from dataclasses import dataclass
from html.parser import HTMLParser

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api.app import create_app
from api.config import Config
from api.db import Database
from tests.conftest import House


@dataclass
class Site:
    """An application with its pages, and a client that opens them."""

    app: Flask
    client: FlaskClient

    def text(self, path: str) -> str:
        """The HTML of a page that must be there."""
        reply = self.client.get(path)
        assert reply.status_code == 200, reply.text
        assert reply.content_type == "text/html; charset=utf-8"
        return reply.text


class Addresses(HTMLParser):
    """Every address that a page's elements name."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = ("href", "src", "srcset", "action", "formaction", "poster", "data-document")
        self.found += [value or "" for name, value in attrs if name in names]


def site_of(config: Config, database: Database) -> Site:
    """An application on a database, with the pages."""
    app = create_app(config, database, front=False)
    return Site(app, app.test_client())


@pytest.fixture(scope="session")
def site(library: House) -> Site:
    """The pages of the seeded house."""
    return site_of(library.app.extensions["config"], library.database)
