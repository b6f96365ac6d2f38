"""What of a text is live this second, whether or not the publication that made it so has its number yet."""

from __future__ import annotations

import datetime as dt

from api.models import Transition, Variant
from api.services.work import Work

MOVES = ("publish", "unpublish", "withdraw", "recall")


def revision(work: Work, variant: Variant) -> int | None:
    """The number of the live revision, None where nothing of the variant is live."""
    now = work.now() if work.locked else dt.datetime.fromtimestamp(work.database.now(), dt.UTC)
    past = [each for each in variant.transitions if each.at <= now and each.move in MOVES]
    last = max(past, key=_order, default=None)
    return last.revision if last is not None and last.move == "publish" else None


def _order(transition: Transition) -> tuple[dt.datetime, int]:
    return transition.at, transition.id
