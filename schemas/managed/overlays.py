"""What management takes and gives of overlays: a clinic's words on a library text, and conflicts about them."""

from __future__ import annotations

from functools import cache

from marshmallow import Schema, fields, validate

from schemas.managed.bodies import Body, JsonObject
from schemas.managed.history import EntryNamed
from schemas.managed.parameters import LOCALE
from schemas.managed.replies import STATES, Blocker, ManagedRevision, ManagedWithdrawal, PlannedMove, PublicationMade
from schemas.query_fields import Number, QueryField, Switch, Tag, Word
from schemas.replies import Reply, always, each, instant, whole, word
from schemas.requests import made
from schemas.strict import Text


class OverlayBody(Body):
    """What the clinic says: a merge patch (RFC 7396) of the library's document, repeated parts by key.

    PUT: the whole patch. PATCH: a merge patch of the patch; null gives the library's word back.
    """

    document = JsonObject(required=True)


class BaseText(Reply):
    """The library's words below the clinic's: those that are live, or that the clinic holds on to."""

    revision = whole()
    slug = always(null=True)
    document = always(fields.Dict)


class PatchRevision(ManagedRevision):
    """One version of the patch, and the library revision that it was written against."""

    base_revision = whole(null=True)


class Origin(Reply):
    """Whose words a field holds. Locked fields are always the library's."""

    path = always()
    source = always(fields.String, data_key="from", metadata={"enum": ["library", "clinic"]})
    locked = always(fields.Boolean)


class OverlayTold(Reply):
    """A library text as a clinic has it. `origin` stands where `explain=origin` asked, `publication` after moves."""

    id = always()
    type = always()
    clinic = always()
    locale = always()
    state = word(*STATES, null=True)
    hidden = always(fields.Boolean)
    pinned = whole(null=True)
    overlay_revision = whole(null=True)
    revision = always(fields.Nested, PatchRevision, null=True)
    base = always(fields.Nested, BaseText, null=True)
    patch = always(fields.Dict)
    document = always(fields.Dict, null=True)
    overridable = each(fields.String())
    scheduled = each(PlannedMove)
    withdrawal = always(fields.Nested, ManagedWithdrawal, null=True)
    conflicts = each(fields.String())
    moves = each(fields.String())
    blockers = each(Blocker)
    origin = fields.List(fields.Nested(Origin))
    publication = fields.Nested(PublicationMade, allow_none=True)


class OverlaidText(Reply):
    """One language of a clinic's overlay; `overlay_revision` is the patch that is live."""

    locale = always()
    state = word(*STATES, null=True)
    revision = whole(null=True)
    overlay_revision = whole(null=True)
    pinned = whole(null=True)
    etag = always()


class ClinicOverlays(Reply):
    """What one clinic does with an entry."""

    clinic = always()
    hidden = always(fields.Boolean)
    texts = each(OverlaidText)


class ConflictListed(Reply):
    """The library changed fields (`paths`) beneath a clinic's words. `patch` is the version of these words."""

    id = always()
    clinic = always()
    entry = always(fields.Nested, EntryNamed)
    locale = always()
    patch = whole()
    base_was = whole()
    base_is = whole()
    paths = each(fields.String())
    opened_at = instant()
    resolved_at = instant(null=True)
    resolution = word("kept", "taken", "mixed", "superseded", null=True)
    etag = always()


class ThreeWays(Reply):
    """One field: what the library said, what it says, and what the clinic says."""

    path = always()
    pointer = always()
    base_was = always(fields.Raw, null=True)
    base_is = always(fields.Raw, null=True)
    clinic = always(fields.Raw, null=True)


class ConflictTold(ConflictListed):
    """A conflict side by side; `draft` is the patch that resolving it wrote."""

    changes = each(ThreeWays)
    draft = whole(null=True)


class ResolveBody(Body):
    """Of each field, by its path or pointer: keep the clinic's words, or take the library's."""

    keep = fields.List(Text(longest=300), load_default=list, validate=validate.Length(max=200))
    take = fields.List(Text(longest=300), load_default=list, validate=validate.Length(max=200))


@cache
def of_an_overlay() -> type[Schema]:
    explain = Word("`origin`: say of each field whose words it holds.", ("origin",))
    return made({"locale": Tag(LOCALE, "en"), "explain": explain})


@cache
def of_conflicts() -> type[Schema]:
    return made(
        {
            "filter[clinic]": QueryField("A clinic's slug."),
            "filter[open]": Switch("Open ones only, or resolved ones only."),
            "page[size]": Number("Items of a page; left out, 20.", 1, 100),
            "page[after]": QueryField("The cursor of `links.next`."),
        }
    )
