"""Which address a wrong one may have been meant for: one that differs in a single word, or in a stroke at its end."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Flask
from werkzeug.exceptions import HTTPException

from schemas.meant import meant

LONGEST, DEEPEST = 500, 12
"""Letters and parts of an address that is looked at."""


def near_address(app: Flask, path: str, method: str) -> str | None:
    """The path of an address of this service that answers the method; None where none is near."""
    if len(path) > LONGEST or path.count("/") > DEEPEST:
        return None
    urls = app.url_map.bind("")
    for each in _tried(app, path):
        try:
            rule, _ = urls.match(each, method, return_rule=True)
        except HTTPException:
            continue
        if "<path:" not in rule.rule:
            return each
    return None


def _tried(app: Flask, path: str) -> Iterator[str]:
    """The path without a stroke at its end, then with one word after the other replaced by the nearest there is."""
    parts = path.rstrip("/").split("/")
    if path != "/".join(parts):
        yield "/".join(parts)
    for place in range(len(parts) - 1, 0, -1):
        words = {rule.rule.split("/")[place] for rule in app.url_map.iter_rules() if rule.rule.count("/") >= place}
        near = meant(parts[place], sorted(each for each in words if "<" not in each and each))
        if near is not None and near != parts[place]:
            yield "/".join([*parts[:place], near, *parts[place + 1 :]])
