"""The body and the reply of share links."""

from __future__ import annotations

from functools import cache

from marshmallow import Schema, fields

from schemas.clinic import LocaleCode
from schemas.managed.bodies import Body
from schemas.managed.parameters import pages
from schemas.query_fields import QueryField
from schemas.replies import Reply, always, instant, whole, word
from schemas.requests import made
from schemas.strict import Flag, Slug, Text, Whole

STATES = ("active", "expired", "used", "revoked")
HOUR = 3_600


class ShareBody(Body):
    """A link that shows one revision of a text as the clinic's readers would see it; the newest, left out.

    `overlay_revision` is the clinic's own patch of it, the live one left out. `once`: it shows its text one time.
    """

    clinic = Slug(required=True)
    type = Text(longest=40, required=True)
    id = Text(longest=40, required=True)
    locale = LocaleCode(load_default=None, allow_none=True)
    revision = Whole(least=1)
    overlay_revision = Whole(least=1)
    expires_in = Whole(least=60, most=HOUR, load_default=HOUR)
    once = Flag(load_default=False)
    note = Text(longest=300, load_default=None, allow_none=True)


class ShareEntry(Reply):
    """The text that a link shows."""

    type = always()
    id = always()


class ShareLink(Reply):
    """Where a link leads: `page` is this service's own page, the others are the clinic's frontends."""

    key = always()
    url = always()


class ManagedShare(Reply):
    """A share link, without its token. `etag` stands in lists."""

    id = always()
    clinic = always()
    entry = always(fields.Nested, ShareEntry)
    locale = always()
    revision = whole()
    overlay_revision = whole(null=True)
    state = word(*STATES)
    once = always(fields.Boolean)
    note = always(null=True)
    created_at = instant()
    created_by = always(null=True)
    expires_at = instant()
    used_at = instant(null=True)
    revoked_at = instant(null=True)
    etag = fields.String()


class MadeShare(ManagedShare):
    """A new link with its token, told once, and the addresses that hold it."""

    token = always(null=True)
    links = fields.List(fields.Nested(ShareLink), required=True, allow_none=True)


@cache
def of_shares() -> type[Schema]:
    named = {"filter[clinic]": QueryField("A clinic's slug."), "filter[entry]": QueryField("An entry's id.")}
    return made({**named, **pages()})
