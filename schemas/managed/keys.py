"""Bodies and replies of people and keys, and what their lists take."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from schemas.clinic import by_locale
from schemas.managed.bodies import Body, JsonObject
from schemas.managed.parameters import pages
from schemas.moments import Moment
from schemas.person import PersonSchema
from schemas.query_fields import QueryField, Word
from schemas.replies import Reply, always, each, instant, word
from schemas.requests import made
from schemas.strict import Choice, Flag, Slug, Text, Whole

ROLES = ("author", "editor", "medical_reviewer", "publisher", "admin")
KINDS = ("browser", "server", "preview", "manage", "partner")
KEY_STATES = ("active", "expired", "revoked")
PERSON_STATES = ("active", "deactivated")
WEEK = 604_800


_PORT = re.compile(r":([0-9]+)\Z")
_USUAL = (("https", "443"), ("http:", "80"))


class Origin(Text):
    """A web origin (RFC 6454), as browsers send it: no path, lower case."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(longest=300, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not re.fullmatch(r"https?://[a-z0-9.\-]+(:[0-9]{1,5})?|https?://\[[0-9a-f:.]+\](:[0-9]{1,5})?", text):
            raise ValidationError("Give an origin such as https://www.example: lower case, without a path.")
        if (port := _PORT.search(text)) and (int(port[1]) > 65_535 or (text[:5], port[1]) in _USUAL):
            raise ValidationError("Leave out the usual port, as browsers do; others go up to 65535.")
        return text


class RoleBody(Body):
    """A role for the house (`clinic` null), or for one clinic."""

    role = Choice(ROLES, required=True)
    clinic = Slug(allow_none=True, load_default=None)


class PersonBody(PersonSchema):
    """Somebody new. `title` is the role as readers see it beside a review, by locale."""

    roles = fields.List(fields.Nested(RoleBody), load_default=list, validate=validate.Length(max=200))


class PersonPatchBody(Body):
    """A merge patch (RFC 7396); `roles`, where it stands, replaces the roles that you may give."""

    email = fields.Email()
    name = Text(allow_none=True, longest=120)
    title = JsonObject()
    credentials = fields.List(Text(longest=120))
    demo = Flag()
    roles = fields.List(fields.Nested(RoleBody), validate=validate.Length(max=200))


class KeyBody(Body):
    """A new key. A manage key acts as `person`, else as a service; one without clinics reaches all of the house.

    A partner key shows `partner` (an id) its own view and names nothing else.
    """

    kind = Choice(KINDS, required=True)
    name = Text(required=True, longest=120)
    clinics = fields.List(Slug(), load_default=list, validate=validate.Length(max=200))
    person = Text(longest=40, allow_none=True, load_default=None)
    partner = Text(longest=40, allow_none=True, load_default=None)
    origins = fields.List(Origin(), load_default=list, validate=validate.Length(max=50))
    expires_at = Moment(allow_none=True, load_default=None, metadata={"format": "date-time"})


class RotateBody(Body):
    """How long the old key goes on working beside the new one."""

    overlap_seconds = Whole(most=WEEK, load_default=0)


class HeldRole(Reply):
    """A role for the house (`clinic` null), or for one clinic."""

    role = word(*ROLES)
    clinic = always(null=True)


class ManagedPerson(Reply):
    """Somebody who works on content, with the roles that you may know of. `etag` stands in lists."""

    id = always()
    email = always()
    name = always(null=True)
    title = by_locale(required=True)
    credentials = each(fields.String())
    demo = always(fields.Boolean)
    roles = each(HeldRole)
    state = word(*PERSON_STATES)
    created_at = instant()
    deactivated_at = instant(null=True)
    etag = fields.String()


class ManagedKey(Reply):
    """A key without itself: `hint` is its beginning, `person` and `partner` are ids. `etag` stands in lists."""

    id = always()
    kind = word(*KINDS)
    name = always()
    hint = always()
    clinics = each(fields.String())
    person = always(null=True)
    partner = always(null=True)
    library = always(fields.Boolean, metadata={"description": "Whether a preview key sees drafts of the library."})
    origins = each(fields.String())
    state = word(*KEY_STATES)
    created_at = instant()
    expires_at = instant(null=True)
    revoked_at = instant(null=True)
    last_used_at = instant(null=True)
    rotated_from = always(null=True)
    etag = fields.String()


class MadeKey(ManagedKey):
    """A new key; `key` is shown this once, and is null where the reply is repeated."""

    key = always(null=True)


class ServiceRole(Reply):
    """A role of who asks; `service` is that of a key that acts for nobody."""

    role = word(*ROLES, "service")
    clinic = always(null=True)


class MyPerson(Reply):
    """For whom a key acts."""

    id = always()
    email = always()
    name = always(null=True)
    title = by_locale(required=True)


class Myself(Reply):
    """Who asks, what it may do and where, and with which key. `person` is null for a service."""

    person = always(fields.Nested, MyPerson, null=True)
    roles = each(ServiceRole)
    key = always(fields.Nested, ManagedKey)


@cache
def of_people() -> type[Schema]:
    return made(
        {
            "filter[role]": Word("People with this role.", ROLES),
            "filter[clinic]": QueryField("People with a role in this clinic; `library`: for the house."),
            "filter[state]": Word("People in this state.", PERSON_STATES),
            "q": QueryField("Words of the name or the e-mail."),
            **pages(),
        }
    )


@cache
def of_keys() -> type[Schema]:
    return made(
        {
            "filter[kind]": Word("Keys of this kind.", KINDS),
            "filter[clinic]": QueryField("Keys that name this clinic."),
            "filter[person]": QueryField("Keys that act for this person."),
            "filter[state]": Word("Keys in this state.", KEY_STATES),
            **pages(),
        }
    )
