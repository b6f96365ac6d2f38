"""What management gives out of a text and its life."""

from __future__ import annotations

from marshmallow import fields

from schemas.replies import Reply, always, each, instant, whole, word

STATES = ("draft", "medical_review", "in_review", "approved", "live", "withdrawn")


class ManagedRevision(Reply):
    """One immutable version. Digests are `sha256:` and 64 hexadecimal digits."""

    number = whole()
    state = word("draft", "medical_review", "in_review", "approved")
    digest = always()
    clinical_digest = always()
    note = always(null=True)
    created_at = instant()
    created_by = always(null=True)


class PlannedMove(Reply):
    move = always()
    revision = whole(null=True)
    at = instant()
    release = always(null=True)


class ManagedWithdrawal(Reply):
    kind = word("withdrawn", "recalled")
    at = instant()
    reason = always(null=True)
    severity = always(null=True)
    replacement = always(null=True)


class Blocker(Reply):
    """Why a move is not possible now."""

    move = always()
    code = always()
    pointer = always()
    detail = always()


class TranslationState(Reply):
    locale = always()
    state = word(*STATES)
    live_revision = whole(null=True)
    source_changed = always(fields.Boolean)


class PublicationMade(Reply):
    """The numbered change of what the public sees."""

    id = whole()
    at = instant()


class ManagedText(Reply):
    """One text of an entry with its newest revision. `publication` stands in replies to moves alone."""

    id = always()
    type = always()
    clinic = always(null=True)
    external_key = always(null=True)
    slug = always(null=True)
    locale = always()
    state = word(*STATES)
    revision = always(fields.Nested, ManagedRevision)
    live_revision = whole(null=True)
    scheduled = each(PlannedMove)
    withdrawal = always(fields.Nested, ManagedWithdrawal, null=True)
    archived_at = instant(null=True)
    document = always(fields.Dict)
    moves = each(fields.String())
    blockers = each(Blocker)
    translations = each(TranslationState)
    publication = fields.Nested(PublicationMade, allow_none=True)


class ListedText(Reply):
    """One text in a list."""

    id = always()
    type = always()
    clinic = always(null=True)
    external_key = always(null=True)
    slug = always(null=True)
    title = always()
    locale = always()
    state = word(*STATES)
    revision = whole()
    live_revision = whole(null=True)
    archived_at = instant(null=True)
    updated_at = instant()
    etag = always()


class BulkResult(Reply):
    """What came of one item of a bulk move."""

    type = always()
    id = always()
    locale = always()
    moved = always(fields.Boolean)
    state = word(*STATES)
    etag = always()
    problem = always(fields.Dict, null=True)
