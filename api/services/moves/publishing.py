"""Publishing: what takes a text live, and what takes it down."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from sqlalchemy import select, update

from api.errors import CmsError, conflict, invalid_content
from api.models import Entry, Review, Revision, Transition, Variant
from api.rules import workflow
from api.services.moves import ends, scheduling
from api.services.texts import claims, live, slugs
from api.services.texts.facts import facts_of, require
from api.services.work import Work


def publish(
    work: Work,
    variant: Variant,
    *,
    revision: int | None = None,
    at: dt.datetime | None = None,
    until: dt.datetime | None = None,
) -> Transition:
    """Make an approved revision live now or `at` (whole seconds), perhaps `until`; pins that revision.

    An end that is planned stays, whatever is published before it; `until` takes its place. What would show at that
    instant anyway is refused, so that no publication is empty; there `until` alone sets the end.
    """
    chosen = _chosen(variant, revision)
    facts = facts_of(work, variant, chosen)
    require(work, "publish", replace(facts, shown=facts.shown and at is None and until is None))
    claims.require(work, "publish", variant, chosen)
    now = work.now()
    start = _whole_second(at) if at else now
    _check_order(now, start, until, planned=at is not None)
    if _shows_anyway(variant, chosen, start):
        if until is None:
            raise _shown_already(work, variant, chosen)
        return _settled(work, variant, ends.plan(work, variant, chosen.number, start, _whole_second(until)))
    if chosen.slug and slugs.taken_elsewhere(work, variant.entry, variant, chosen.slug):
        detail = f"Another text that the same readers see has the slug {chosen.slug}."
        raise conflict([{"move": "publish", "code": "slug_taken", "detail": detail}])
    transition = scheduling.put(work, variant, "publish", start, chosen.number)
    if until:
        end = ends.plan(work, variant, chosen.number, start, _whole_second(until))
        return _settled(work, variant, transition, until=int(end.at.timestamp()))
    return _settled(work, variant, transition)


def _shows_anyway(variant: Variant, chosen: Revision, start: dt.datetime) -> bool:
    """Whether this revision is what shows at an instant, by what happened and is planned."""
    said = [each for each in live.transitions(variant) if each.at <= start and each.move in live.MOVES]
    last = max(said, key=lambda each: (each.at, each.id), default=None)
    return last is not None and last.move == "publish" and last.revision == chosen.number


def _shown_already(work: Work, variant: Variant, chosen: Revision) -> CmsError:
    if live.revision(work, variant) == chosen.number:
        detail = f"Revision {chosen.number} is live already; `until` sets its end."
        return conflict([{"move": "publish", "code": "already_live", "detail": detail}])
    detail = f"Revision {chosen.number} shows by then already; unschedule it to move it."
    return conflict([{"move": "publish", "code": "already_scheduled", "detail": detail}])


def unschedule(work: Work, variant: Variant, *, revision: int | None = None) -> None:
    """Cancel everything planned ahead for this text, or what was planned with one revision: its start and its end."""
    chosen = _chosen(variant, None)
    work.now()
    require(work, "unschedule", facts_of(work, variant, chosen))
    if not scheduling.cancel(work, variant, revision):
        detail = f"Nothing is scheduled of revision {revision}."
        raise conflict([{"move": "unschedule", "code": "not_scheduled", "detail": detail}])
    slugs.settle(work, variant.entry, variant)
    scheduling.settle(work, variant)
    variant.version += 1
    named = {} if revision is None else {"revision": revision}
    work.log("unschedule", variant.entry_id, locale=variant.locale, scope=variant.scope, **named)


def unpublish(work: Work, variant: Variant) -> Transition:
    """Take the live text away for now: 404, and other languages may stand in for it."""
    require(work, "unpublish", facts_of(work, variant, _chosen(variant, None)))
    return _settled(work, variant, scheduling.put(work, variant, "unpublish", work.now()))


def withdraw(
    work: Work,
    variant: Variant,
    *,
    reason: str | None = None,
    severity: str | None = None,
    replacement: Entry | None = None,
) -> Transition:
    """Take the live text down everywhere at once: 410. With a severity it is a recall."""
    move = "recall" if severity else "withdraw"
    require(work, move, facts_of(work, variant, _chosen(variant, None)))
    now = work.now()
    scheduling.cancel(work, variant)
    replaced_by = replacement.id if replacement else None
    transition = scheduling.put(
        work, variant, move, now, reason=reason, severity=severity, replacement_id=replaced_by
    )
    return _settled(work, variant, transition)


def restore(work: Work, variant: Variant) -> Revision:
    """Make a new draft of a withdrawn text, with no valid approval; the public answer stays 410."""
    last = _chosen(variant, None)
    require(work, "restore", facts_of(work, variant, last))
    now = work.now()
    mine = select(Revision.id).where(Revision.variant_id == variant.id)
    void = update(Review).where(Review.revision_id.in_(mine), Review.revoked_at.is_(None)).values(revoked_at=now)
    work.session.execute(void, execution_options={"synchronize_session": "fetch"})
    draft = Revision(
        variant_id=variant.id,
        number=last.number + 1,
        state=workflow.DRAFT,
        slug=last.slug,
        document=last.document,
        base_revision=last.base_revision,
        digest=last.digest,
        clinical_digest=last.clinical_digest,
        created_at=now,
        created_by=work.actor.person_id,
    )
    variant.revisions.append(draft)
    variant.withdrawn_at = None
    variant.version += 1
    work.log("restore", variant.entry_id, locale=variant.locale, scope=variant.scope, revision=draft.number)
    return draft


def _chosen(variant: Variant, number: int | None) -> Revision:
    if number is None:
        return max(variant.revisions, key=lambda each: each.number)
    for each in variant.revisions:
        if each.number == number:
            return each
    raise invalid_content([{"pointer": "/revision", "code": "invalid", "detail": f"There is no revision {number}."}])


def _settled(work: Work, variant: Variant, transition: Transition, **more: int) -> Transition:
    scheduling.settle(work, variant)
    slugs.settle(work, variant.entry, variant)
    variant.version += 1
    work.log(
        transition.move,
        variant.entry_id,
        locale=variant.locale,
        scope=variant.scope,
        revision=transition.revision,
        at=int(transition.at.timestamp()),
        reason=transition.reason,
        **more,
    )
    return transition


def _whole_second(at: dt.datetime) -> dt.datetime:
    return at.astimezone(dt.UTC).replace(microsecond=0)


def _check_order(now: dt.datetime, start: dt.datetime, until: dt.datetime | None, *, planned: bool) -> None:
    if planned and start <= now:
        raise invalid_content([{"pointer": "/at", "code": "past", "detail": "`at` lies in the past; leave it out."}])
    if until and _whole_second(until) <= start:
        raise invalid_content([{"pointer": "/until", "code": "past", "detail": "`until` must come after the start."}])
