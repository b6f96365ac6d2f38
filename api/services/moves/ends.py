"""Planned ends: a text has one for each stretch up to its next publication, whichever revision it was given with."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import update

from api.models import ReleaseItem, Transition, Variant
from api.services.moves import scheduling
from api.services.texts import live
from api.services.work import Work


def plan(work: Work, variant: Variant, revision: int, start: dt.datetime, until: dt.datetime) -> Transition:
    """Have what shows from `start` on end at `until` (whole seconds); the ends planned for that stretch give way."""
    ahead = [each for each in live.transitions(variant) if each.at > start]
    over = min((each.at for each in ahead if each.move == "publish"), default=None)
    ends = [each for each in ahead if each.move == "unpublish" and (over is None or each.at <= over)]
    scheduling.drop(work, ends)
    end = scheduling.put(work, variant, "unpublish", until, revision)
    for each in list(live.transitions(variant)):
        if each.move == "publish" and each.at == until:
            _put_after(work, variant, each)
    return end


def _put_after(work: Work, variant: Variant, planned: Transition) -> None:
    """What takes over in the second of an end has the last word: of one second, that is what was put last."""
    anew = scheduling.put(work, variant, planned.move, planned.at, planned.revision)
    anew.created_at, anew.created_by = planned.created_at, planned.created_by
    mine = update(ReleaseItem).where(ReleaseItem.transition_id == planned.id).values(transition_id=anew.id)
    work.session.execute(mine, execution_options={"synchronize_session": "fetch"})
    scheduling.drop(work, [planned])
