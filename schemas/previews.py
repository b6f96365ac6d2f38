"""The parameters that a preview takes beside those of the read it is of."""

from __future__ import annotations

import datetime as dt
import re
from functools import cache

from marshmallow import Schema

from schemas.moments import in_an_address
from schemas.query_fields import QueryField, fault
from schemas.requests import made

DRAFT, RELEASE, AT = "draft", "release", "at"
_SHAPE = re.compile(r"draft|release:[a-z0-9_]{1,40}|at:.{8,90}")
TOKEN = "The token of a share link, in place of a key; it says itself what it shows."


class Perspective(QueryField):
    """draft, release:ID or at:TIME; read as (which, the id or the instant)."""

    schema = {"type": "string", "pattern": r"^(draft|release:[a-z0-9_]{1,40}|at:.{8,90})$"}

    def read(self, text: str) -> tuple[str, str | dt.datetime]:
        which, _, value = text.partition(":")
        if not _SHAPE.fullmatch(text):
            detail = "Give draft, release:ID or at:TIME, such as at:2026-11-03T09:00:00Z."
            raise fault("not_allowed", detail, ["draft", "release:ID", "at:TIME"])
        return (which, _instant(value)) if which == AT else (which, value)


def _instant(text: str) -> dt.datetime:
    """RFC 3339, or the time of a zone; a day is its 00:00 UTC, and a space stands for the + that it was."""
    if "[" in text:
        return in_an_address(text)
    try:
        found = dt.datetime.fromisoformat(text.strip().replace(" ", "+").upper())
        found = (found if found.tzinfo else found.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        raise fault("invalid", "Give an instant such as at:2026-11-03T09:00:00Z.") from None
    if not 1970 < found.year < 9000:
        raise fault("not_allowed", "Give a year between 1971 and 8999.")
    return found


@cache
def previewing(schema: type[Schema]) -> type[Schema]:
    """The parameters of a read, and those of its preview."""
    declared = schema._declared_fields.values()
    parameters = {str(each.data_key): each for each in declared}
    named = (
        "What to show in place of what is live: `draft`, the newest revision of every text; `release:ID`, as that "
        "release would leave things; `at:TIME`, what is planned for an instant ahead. Left out, draft."
    )
    more = {"perspective": Perspective(named, DRAFT), "token": QueryField(TOKEN)}
    return made({**parameters, **more}, getattr(schema, "here", ""))  # type: ignore[dict-item]


@cache
def token_parameters() -> type[Schema]:
    """Of the page that a share link leads to."""
    return made({"token": QueryField(TOKEN, required=True)})
