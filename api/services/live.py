"""What of a text is live this second, whether or not the publication that made it so has its number yet."""

from __future__ import annotations

import datetime as dt

from api.models import Transition, Variant
from api.services.work import Work

MOVES = ("publish", "unpublish", "withdraw", "recall")


def revision(work: Work, variant: Variant) -> int | None:
    """The number of the live revision, None where nothing of the variant is live."""
    said = last(work, variant)
    return said.revision if said is not None and said.move == "publish" else None


def last(work: Work, variant: Variant) -> Transition | None:
    """The transition that is in force this second, None where nothing ever was."""
    now = work.now() if work.locked else dt.datetime.fromtimestamp(work.database.now(), dt.UTC)
    past = [each for each in variant.transitions if each.at <= now and each.move in MOVES]
    return max(past, key=_order, default=None)


def _order(transition: Transition) -> tuple[dt.datetime, int]:
    return transition.at, transition.id
