"""What was taken down and who was seen to show it still: questions that partners and operators share."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, and_, select, type_coerce
from sqlalchemy.orm import aliased

from api.models import EmbedView, Entry, PartnerAck, Transition, Variant

MOVES = ("withdraw", "recall")
KINDS = {"withdraw": "withdrawn", "recall": "recalled"}
GRACE = 60
"""Seconds in which an open page notices: what was seen within them was on its way."""


def shown_until() -> Any:
    """The number of the revision that a withdrawal took down."""
    before = aliased(Transition)
    asked = select(before.revision).where(
        before.variant_id == Transition.variant_id, before.move == "publish", before.at <= Transition.at,
        before.id < Transition.id,
    )
    return asked.order_by(before.at.desc(), before.id.desc()).limit(1).correlate(Transition).scalar_subquery()


def still_shown() -> ColumnElement[bool]:
    """Of EmbedView, Transition and Variant side by side: it was seen after it was taken down, unconfirmed since."""
    ack = aliased(PartnerAck)
    confirmed = select(ack.transition_id).where(
        ack.partner_id == EmbedView.partner_id, ack.transition_id == Transition.id, ack.at >= EmbedView.seen_at
    )
    return and_(
        Transition.variant_id == Variant.id,
        Transition.move.in_(MOVES),
        Variant.entry_id == EmbedView.entry_id,
        Variant.locale == EmbedView.locale,
        Variant.scope == Entry.scope,
        Entry.id == Variant.entry_id,
        type_coerce(EmbedView.seen_at, BigInteger) > type_coerce(Transition.at, BigInteger) + GRACE,
        EmbedView.revision <= shown_until(),
        ~confirmed.correlate(EmbedView, Transition).exists(),
    )


def is_still_shown() -> ColumnElement[bool]:
    """Of EmbedView alone: whether there is a withdrawal that it came after."""
    within = select(Transition.id).select_from(Transition, Variant, Entry).where(still_shown())
    return within.correlate(EmbedView).exists()


def taken_down(*more: Any) -> Select[Any]:
    """Withdrawals of texts of the library and of clinics, each with its text and entry."""
    columns = (
        Transition.id, Transition.move, Transition.at, Transition.reason, Transition.severity,
        Transition.replacement_id, Transition.variant_id, Variant.locale, Entry.id.label("entry_id"), Entry.type,
        Entry.scope, shown_until().label("revision"),
    )  # fmt: skip
    asked = select(*columns, *more).join(Variant, Variant.id == Transition.variant_id)
    return asked.join(Entry, Entry.id == Variant.entry_id).where(
        Transition.move.in_(MOVES), Variant.scope == Entry.scope
    )
