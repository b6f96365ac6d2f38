"""The shape of an error, and what it says of what was taken down."""

from __future__ import annotations

from marshmallow import fields

from schemas.replies import Reply, always, each, instant, whole, word


class Fault(Reply):
    """One thing to change; `parameter` for the query, `pointer` for the body."""

    parameter = fields.String()
    pointer = fields.String()
    code = always()
    detail = always()
    allowed = fields.Raw()


class Replacement(Reply):
    """What to read in place of a text that was taken down."""

    type = always()
    id = always()
    slug = always()
    title = always()
    path = always(null=True)
    url = always(null=True)


class Withdrawal(Reply):
    """Why a text, or the file of a picture, is gone."""

    kind = word("withdrawn", "recalled", "review_expired", "consent_ended", "replaced")
    at = instant()
    reason = always(null=True)
    severity = word("low", "medium", "high", "critical", null=True)
    replacement = always(fields.Nested, Replacement, null=True)


class Problem(Reply):
    """An error (RFC 9457)."""

    type = always(metadata={"format": "uri"})
    title = always()
    status = whole()
    detail = always()
    instance = always()
    code = always()
    request_id = always()
    errors = each(Fault)
    withdrawal = fields.Nested(Withdrawal)
    available_locales = fields.List(fields.String())
