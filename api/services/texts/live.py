"""What of a text is live this second, whether or not the publication that made it so has its number yet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import bindparam, select
from sqlalchemy.orm import object_session
from sqlalchemy.orm.attributes import set_committed_value

from api.models import Transition, Variant
from api.services.rows import Objects
from api.services.work import Work

MOVES = ("publish", "unpublish", "withdraw", "recall")
_IN_ORDER = select(Transition.__table__).order_by(Transition.at, Transition.id)
_OF_A_TEXT = Objects(Transition, _IN_ORDER.where(Transition.variant_id == bindparam("variant")))
_OF_AN_ENTRY = Objects(
    Transition,
    _IN_ORDER.join(Variant.__table__, Variant.id == Transition.variant_id)
    .where(Variant.entry_id == bindparam("entry"), Variant.scope == bindparam("scope")),
)  # fmt: skip


def revision(work: Work, variant: Variant) -> int | None:
    """The number of the live revision, None where nothing of the variant is live."""
    said = last(work, variant)
    return said.revision if said is not None and said.move == "publish" else None


def last(work: Work, variant: Variant) -> Transition | None:
    """The transition that is in force this second, None where nothing ever was."""
    if not (found := transitions(variant)):
        return None
    now = work.now() if work.locked else dt.datetime.fromtimestamp(work.database.now(), dt.UTC)
    past = [each for each in found if each.at <= now and each.move in MOVES]
    return max(past, key=_order, default=None)


def read(work: Work, variants: Sequence[Variant]) -> None:
    """Have `transitions` know of several texts of one entry, by one question."""
    first = variants[0]
    found = _OF_AN_ENTRY.all(work.session, entry=first.entry_id, scope=first.scope)
    for each in variants:
        if "transitions" not in vars(each):
            set_committed_value(each, "transitions", [one for one in found if one.variant_id == each.id])


def transitions(variant: Variant) -> list[Transition]:
    """Everything planned and past of a text, in order; what `variant.transitions` holds from now on."""
    known: list[Transition] | None = vars(variant).get("transitions")
    if known is None and (session := object_session(variant)) is not None:
        set_committed_value(variant, "transitions", _OF_A_TEXT.all(session, variant=variant.id))
    return variant.transitions if known is None else known


def _order(transition: Transition) -> tuple[dt.datetime, int]:
    return transition.at, transition.id
