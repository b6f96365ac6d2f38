"""What a page says of itself when it shows something: the text and its revision, and nothing of the visitor."""

from __future__ import annotations

from marshmallow import fields, validate

from schemas.managed.bodies import Body
from schemas.managed.partners import MODES
from schemas.strict import Choice, Slug, Whole

ID = validate.Regexp(r"[a-z]{1,8}_[0-9a-z]{8}\Z")
MORE_AT_MOST = 99
"""Texts beside the first: a list of questions holds 100."""


class BeaconBody(Body):
    """Closed, and without a member for free words: a page can't tell us more than this if it wanted to.

    `also` is the revision of each other text of that type, by id, where the embed shows a list.
    """

    partner = fields.String(allow_none=True, load_default=None, validate=validate.Regexp(r"ptn_[0-9a-z]{8}\Z"))
    clinic = Slug(required=True)
    type = fields.String(required=True, validate=validate.Regexp(r"[a-z]{1,40}\Z"))
    id = fields.String(required=True, validate=ID)
    locale = fields.String(
        required=True, validate=validate.Regexp(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?\Z")
    )
    revision = Whole(required=True, least=1)
    mode = Choice(MODES, required=True)
    also = fields.Dict(
        keys=fields.String(validate=ID), values=Whole(least=1), load_default=dict,
        validate=validate.Length(max=MORE_AT_MOST),
    )  # fmt: skip
