"""Bodies and replies of the media library, and what its lists take."""

from __future__ import annotations

from functools import cache

from marshmallow import Schema, fields, validate

from schemas.clinic import by_locale
from schemas.managed.bodies import Body, Patch
from schemas.managed.history import UsagesTold
from schemas.managed.parameters import pages
from schemas.moments import Moment
from schemas.query_fields import QueryField, Switch, Tag, Word
from schemas.replies import FocalPoint, Reply, always, day, each, instant, whole, word
from schemas.requests import made
from schemas.strict import Choice, Day, Flag, Real, Slug, Text

KINDS = ("photo", "illustration", "before_after", "document")
FORMS = ("image", "document")
USES = ("site", "embeds", "social")
CONSENTS = ("not_needed", "missing", "revoked", "ended", "ending", "current")
WORDS = ("alt", "caption", "credit")


class FocalBody(Body):
    """What must stay in sight, from the left and the top."""

    x = Real(0, 1, required=True)
    y = Real(0, 1, required=True)


class ConsentBody(Body):
    """What a person agreed to: at which clinics (empty is all) and for what their picture is shown, and until when."""

    clinics = fields.List(Slug(), load_default=list, validate=validate.Length(max=200))
    uses = fields.List(Choice(USES), load_default=lambda: list(USES), validate=validate.Length(min=1, max=len(USES)))
    given_on = Day(load_default=None, allow_none=True)
    until = Moment(load_default=None, allow_none=True, metadata={"format": "date-time"})
    reference = Text(longest=200, load_default=None, allow_none=True)


def _centre() -> dict[str, float]:
    return {"x": 0.5, "y": 0.5}


class MediaBody(Body):
    """What is said of a file. Words are by locale: a text goes live only with an `alt` in its own."""

    name = Text(longest=120, load_default=None, allow_none=True)
    kind = Choice(KINDS, load_default=None, allow_none=True)
    shows_person = Flag(load_default=False)
    public = Flag(load_default=False)
    alt = by_locale(load_default=dict)
    caption = by_locale(longest=500, load_default=dict)
    credit = by_locale(longest=200, load_default=dict)
    focal_point = fields.Nested(FocalBody, load_default=_centre)
    consent = fields.Nested(ConsentBody, load_default=None, allow_none=True)


class UploadBody(MediaBody):
    """The part `data` of an upload; `clinic` null is the library."""

    clinic = Slug(load_default=None, allow_none=True)


class MediaPatchBody(Patch):
    """A merge patch (RFC 7396) of what is said of a file; a consent is merged part by part, null takes it away."""

    patches = MediaBody


class RevokeBody(Body):
    """Why a consent ended before its time."""

    reason = Text(longest=2_000, load_default=None, allow_none=True)


class ManagedConsent(Reply):
    clinics = each(fields.String())
    uses = each(fields.String())
    given_on = day(null=True)
    until = instant(null=True)
    reference = always(null=True)
    revoked_at = instant(null=True)
    reason = always(null=True)


class ManagedRendition(Reply):
    """One file: `url` is public once a text that shows it is live, `preview` is for editors."""

    name = always()
    type = always()
    size = whole()
    width = whole(null=True)
    height = whole(null=True)
    url = always(null=True)
    preview = always()


class ManagedMedia(Reply):
    """A picture or document of the media library. `etag` stands in lists."""

    id = always()
    clinic = always(null=True)
    form = word(*FORMS)
    kind = word(*KINDS)
    name = always()
    type = always()
    size = whole()
    width = whole(null=True)
    height = whole(null=True)
    color = always(null=True)
    alt = always(fields.Dict, values=fields.String())
    caption = always(fields.Dict, values=fields.String())
    credit = always(fields.Dict, values=fields.String())
    focal_point = always(fields.Nested, FocalPoint)
    shows_person = always(fields.Boolean)
    public = always(fields.Boolean)
    consent = always(fields.Nested, ManagedConsent, null=True)
    consent_state = word(*CONSENTS)
    live = always(fields.Boolean)
    renditions = each(ManagedRendition)
    created_at = instant()
    created_by = always(null=True)
    updated_at = instant()
    etag = fields.String()


class MediaUsages(UsagesTold):
    """Who shows a picture. `logos` are the clinics whose logo it is; `others` counts what the caller may not see."""

    logos = each(fields.String())


@cache
def of_media() -> type[Schema]:
    return made(
        {
            "filter[clinic]": QueryField("A clinic's slug, or `library`."),
            "filter[kind]": Word("Files of this kind.", KINDS),
            "filter[form]": Word("Pictures or documents.", FORMS),
            "filter[consent]": Word("Whose consent stands so.", CONSENTS),
            "filter[missing_alt]": Tag("Pictures without an alternative text in this language.", "es"),
            "filter[live]": Switch("Files that a live text shows, or those that none does."),
            "q": QueryField("Words of the name."),
            **pages(),
        }
    )


@cache
def of_an_upload() -> type[Schema]:
    told = "Of a raw body: "
    return made(
        {
            "clinic": QueryField(told + "whose it is, a clinic's slug; left out, the library's."),
            "name": QueryField(told + "the file's name."),
        }
    )


@cache
def of_a_replacement() -> type[Schema]:
    return made(
        {
            "retract": Switch("Whether the old file is to be gone at once (410), not after an hour."),
            "name": QueryField("Of a raw body: the file's name."),
        }
    )
