"""The pages for people: the first page, the API reference, and a page for each problem."""

from __future__ import annotations

from flask import Flask

from api.pages import assets, landing, problems, reference


def register(app: Flask) -> None:
    """Add the addresses that a browser opens; all of them only read."""
    app.add_url_rule("/", "landing", landing.landing)
    app.add_url_rule("/docs", "reference", reference.reference)
    app.add_url_rule("/docs/", "reference_slash", reference.without_slash)
    app.add_url_rule("/docs/problems", "problem_pages", problems.every)
    app.add_url_rule("/docs/problems/<code>", "problem_page", problems.one)
    app.add_url_rule("/static/<name>", "static_file", assets.static_file)
    app.add_url_rule("/docs/assets/<name>", "reference_file", assets.reference_file)
