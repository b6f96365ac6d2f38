"""Pages of management's lists: cursors bound to who asks and for what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, urlencode

from flask import current_app, request

from api.manage.asking import Ask
from api.queries.cursors import open_, seal


def size(ask: Ask) -> int:
    found: int = ask.query.get("page[size]", 20)
    return found


def after(ask: Ask) -> tuple[Any, ...] | None:
    """The key of the last item seen. Raises invalid_parameter for a cursor of another list or caller."""
    cursor = ask.query.get("page[after]")
    return None if cursor is None else tuple(open_(_secret(), _bound(ask), cursor))


def links(ask: Ask, last: Sequence[Any] | None) -> dict[str, Any]:
    """{self, next, prev}: addresses of this API."""
    following, here = None, request.script_root + quote(request.path)
    if last is not None:
        asked = {**_asked(), "page[after]": seal(_secret(), _bound(ask), list(last))}
        following = f"{here}?{urlencode(asked)}"
    own = urlencode(request.args)
    return {"self": here + (f"?{own}" if own else ""), "next": following, "prev": None}


def _asked() -> dict[str, str]:
    return {name: value for name, value in request.args.items() if name != "page[after]"}


def _bound(ask: Ask) -> str:
    named = {name: value for name, value in _asked().items() if name != "page[size]"}
    return f"{ask.actor.id} {request.path}?{urlencode(sorted(named.items()))}"


def _secret() -> bytes:
    found: bytes = current_app.extensions["secret"]
    return found
