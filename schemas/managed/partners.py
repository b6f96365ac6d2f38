"""Bodies and replies of partners, of what they show, and what their lists take."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any

from marshmallow import Schema, fields, validate

from schemas.clinic import LocaleCode, by_locale
from schemas.content import CONTENT_TYPES
from schemas.managed.bodies import Body, Patch
from schemas.managed.history import EntryNamed
from schemas.managed.keys import Origin
from schemas.managed.parameters import pages
from schemas.query_fields import QueryField, Word, fault
from schemas.replies import Reply, always, day, each, instant, whole, word
from schemas.requests import made
from schemas.strict import Choice, Flag, Slug, Text, Web

INDEXING = ("noindex", "canonical", "index")
MODES = ("component", "iframe", "fragment")
STATES = ("active", "ended")
TYPES = tuple(kind.name for kind in CONTENT_TYPES)
NAMES_IN_A_LIST = 200


class DayValue(QueryField):
    """A calendar day as YYYY-MM-DD, in UTC."""

    schema = {"type": "string", "format": "date"}

    def read(self, text: str) -> dt.date:
        try:
            if len(text) != len("2026-11-01"):
                raise ValueError
            return dt.date.fromisoformat(text)
        except ValueError:
            raise fault("invalid", f"{text[:40]!r} is no day such as 2026-11-01.") from None


class AttributionBody(Body):
    """Whether the source must be named; `text` by locale where it is not the clinic's name, `url` where it leads."""

    required = Flag(load_default=True)
    text = by_locale(allow_none=True, load_default=None)
    url = Web(allow_none=True, load_default=None)


class LicenceBody(Body):
    """Under which licence the texts are shown, by its name such as CC-BY-4.0, and where it can be read."""

    id = Text(longest=80, required=True)
    url = Web(allow_none=True, load_default=None)


def _some(part: Any, most: int = NAMES_IN_A_LIST) -> fields.Field[Any]:
    return fields.List(part, load_default=list, validate=validate.Length(max=most))


class PartnerBody(Body):
    """A site that embeds. `clinics`, `types`, `topics` (ids) and `locales` narrow what it may show; empty is all.

    Without `origins` any page may frame it.
    """

    name = Text(longest=120, required=True)
    origins = _some(Origin(), 50)
    clinics = _some(Slug())
    types = _some(Choice(TYPES), 20)
    topics = _some(Text(longest=40))
    locales = _some(LocaleCode(), 50)
    attribution = fields.Nested(AttributionBody, load_default=lambda: {"required": True, "text": None, "url": None})
    licence = fields.Nested(LicenceBody, allow_none=True, load_default=None)
    indexing = Choice(INDEXING, load_default="noindex")


class PartnerPatchBody(Patch):
    """A merge patch (RFC 7396) of a partner; a list is replaced whole."""

    patches = PartnerBody


class Attribution(Reply):
    """How the source is named; `text` by locale."""

    required = always(fields.Boolean)
    text = always(fields.Dict, null=True, values=fields.String())
    url = always(null=True)


class Licence(Reply):
    """Under which licence texts are shown."""

    id = always()
    url = always(null=True)


class PartnerTerms(Reply):
    """What a site may show and how; empty lists narrow nothing. `snippet` is the line of HTML to paste."""

    id = always()
    name = always()
    state = word(*STATES)
    origins = each(fields.String())
    clinics = each(fields.String())
    types = each(fields.String())
    topics = each(fields.String())
    locales = each(fields.String())
    attribution = always(fields.Nested, Attribution)
    licence = always(fields.Nested, Licence, null=True)
    indexing = word(*INDEXING)
    snippet = always()


class ManagedPartner(PartnerTerms):
    """A partner as its keepers see it. `etag` stands in lists."""

    created_at = instant()
    updated_at = instant()
    ended_at = instant(null=True)
    etag = fields.String()


class EmbedUsage(Reply):
    """How often one text was shown in one way on one day (UTC), and the revision shown last.

    `shows_withdrawn`: it was seen after it was taken down, and nobody confirmed since that it is gone.
    """

    day = day()
    clinic = always()
    type = always()
    id = always()
    locale = always()
    mode = word(*MODES)
    views = whole()
    revision = whole()
    seen_at = instant()
    shows_withdrawn = always(fields.Boolean)


class PartnerNamed(Reply):
    id = always()
    name = always()


class TakenDown(Reply):
    """A withdrawal or recall; `revision` is what was live until then."""

    id = always()
    kind = word("withdrawn", "recalled")
    at = instant()
    reason = always(null=True)
    severity = always(null=True)
    revision = whole(null=True)


class StillShown(Reply):
    """Who was seen to show what had been taken down. `partner` is null for an embed without one."""

    partner = always(fields.Nested, PartnerNamed, null=True)
    clinic = always()
    entry = always(fields.Nested, EntryNamed)
    locale = always()
    mode = word(*MODES)
    revision = whole()
    seen_at = instant()
    withdrawal = always(fields.Nested, TakenDown)
    acknowledged_at = instant(null=True)


@cache
def of_partners() -> type[Schema]:
    return made(
        {
            "filter[state]": Word("Partners in this state.", STATES),
            "filter[clinic]": QueryField("Partners that name this clinic."),
            **pages(),
        }
    )


@cache
def of_showing() -> type[Schema]:
    return made({"filter[partner]": QueryField("Of this partner alone."), **pages()})


@cache
def of_usage() -> type[Schema]:
    return made(
        {
            "since": DayValue("From this day on; left out, the 30 days up to `until`.", "2026-11-01"),
            "until": DayValue("Up to this day and with it, at most 92 days in all; left out, today.", "2026-11-30"),
            "format": Word("`csv` gives all days as one table, as `Accept: text/csv` does.", ("json", "csv")),
            **pages(),
        }
    )
