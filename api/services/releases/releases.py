"""Releases: several revisions that go live in one transaction, at one instant, or not at all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from api.errors import conflict, invalid_content, not_found
from api.models import Release, Transition, Variant
from api.services.moves import scheduling
from api.services.published import publications, rewriting
from api.services.releases import release_gates, release_items
from api.services.releases.release_items import Text
from api.services.releases.release_plans import DRAFT, LIVE, REVERTED, SCHEDULED, unplanned
from api.services.texts import live, slugs
from api.services.work import Work

STATES = (DRAFT, SCHEDULED, LIVE, REVERTED)
AS_PLANNED: Any = object()
"""Publish at the instant that the release itself names, now where it names none."""


def found(work: Work, release_id: str) -> Release:
    """A release in whose scope the actor holds a role. Raises not_found."""
    release = work.session.get(Release, release_id)
    if release is None or not work.actor.sees(release.scope):
        raise not_found("There is no such release.")
    return release


def state(work: Work, release: Release) -> str:
    """draft, scheduled, live or reverted as of this second: a schedule that has come is live without any worker."""
    now = work.now() if work.locked else work.database.instant()
    come = release.state == SCHEDULED and release.at is not None and release.at <= now
    return LIVE if come else release.state


def create(
    work: Work, scope: str, title: str, named: Sequence[dict[str, Any]], at: dt.datetime | None = None
) -> Release:
    """A draft of a release; `at` is when it is meant to go. Raises invalid_content with every item at fault."""
    work.check("releases", scope)
    items = release_items.found(work, scope, named)
    release = Release(
        id=work.new_id("rel"), scope=scope, title=title, state=DRAFT, at=at, created_at=work.now(),
        created_by=work.actor.person_id, items=items,
    )  # fmt: skip
    work.session.add(release)
    work.log("create_release", release.id, scope=scope, title=title, items=len(items))
    return release


def change(work: Work, release: Release, **changes: Any) -> Release:
    """Change title, at or items ([{type, id, …}], the whole list) of a release that has not been planned yet."""
    work.check("releases", release.scope)
    require_state(work, release, "edit", DRAFT)
    items = release_items.found(work, release.scope, changes["items"]) if "items" in changes else None
    work.now()
    if items is not None:
        release.items.clear()
        work.flush()
        release.items.extend(items)
    release.title = changes.get("title", release.title)
    release.at = changes.get("at", release.at)
    release.version += 1
    work.log("edit_release", release.id, title=release.title, items=len(release.items))
    return release


def delete(work: Work, release: Release) -> None:
    """Throw a draft away. What went live stays on record."""
    work.check("releases", release.scope)
    require_state(work, release, "delete", DRAFT)
    work.log("delete_release", release.id, title=release.title)
    work.session.delete(release)


def publish(work: Work, release: Release, at: dt.datetime | None = AS_PLANNED) -> Release:
    """Take every text live at one instant, now (None) or ahead, or none of them: conflict with every blocker."""
    work.check("releases", release.scope)
    require_state(work, release, "publish", DRAFT, REVERTED)
    now = work.now()
    start = release.at if at is AS_PLANNED and release.state == DRAFT else None if at is AS_PLANNED else at
    if start is not None and start <= now:
        detail = "The instant has passed; send `at` with one ahead, or null for now."
        raise invalid_content([{"pointer": "/at", "code": "past", "detail": detail}])
    texts = release_items.texts(work, release)
    if not texts:
        raise conflict([_blocker("publish", "empty", "The release holds no text.")])
    release_gates.refuse([each for text in texts for each in release_gates.publishing(work, text)])
    before = [live.revision(work, each.variant) for each in texts]
    made = scheduling.put_all(work, start or now, [(each.variant, "publish", each.item.revision, {}) for each in texts])
    for text, transition, was in zip(texts, made, before, strict=True):
        text.item.before, text.item.transition_id = was, transition.id
        text.variant.version += 1
    release_gates.refuse(release_gates.colliding(work, "publish", [(each, each.revision.number) for each in texts]))
    _settle(work, texts)
    release.state, release.at = (SCHEDULED, start) if start else (LIVE, now)
    release.version += 1
    _log(work, "publish", release, texts)
    return release


def unschedule(work: Work, release: Release) -> Release:
    """Cancel a schedule whose instant has not come: all of it, nothing else of its texts."""
    work.check("releases", release.scope)
    work.now()
    require_state(work, release, "unschedule", SCHEDULED)
    scheduling.drop(work, unplanned(work, release))
    work.log("unschedule_release", release.id)
    return release


def revert(work: Work, release: Release) -> Release:
    """Bring back, in one transaction, what was live before: an earlier approved revision, or nothing.

    Raises conflict with every blocker where a text has moved on since, or its earlier revision is approved no more.
    """
    work.check("releases", release.scope)
    now = work.now()
    require_state(work, release, "revert", LIVE)
    publications.mature(work)
    texts = release_items.texts(work, release)
    release_gates.refuse([each for text in texts for each in release_gates.reverting(work, text)])
    scheduling.put_all(work, now, [_way_back(each) for each in texts])
    for text in texts:
        text.variant.version += 1
    back = [(text, shown) for text in texts if (shown := live.revision(work, text.variant)) is not None]
    release_gates.refuse(release_gates.colliding(work, "revert", back))
    _settle(work, texts)
    release.state = REVERTED
    release.version += 1
    _log(work, "revert", release, texts)
    return release


def _way_back(text: Text) -> tuple[Variant, str, int | None, dict[str, Any]]:
    """What was withdrawn before is withdrawn again, with the same words: 410, not 404."""
    earlier: Transition | None = release_items.before(text)
    if earlier is None or earlier.move == "unpublish":
        return text.variant, "unpublish", None, {}
    why = {"reason": earlier.reason, "severity": earlier.severity, "replacement_id": earlier.replacement_id}
    return text.variant, earlier.move, earlier.revision, why


def _settle(work: Work, texts: Sequence[Text]) -> None:
    """Number what takes effect now, hold the addresses, and have every entry's rows rewritten once."""
    publications.mature(work)
    work.flush()
    for text in texts:
        # What takes effect now had its addresses settled when it was numbered.
        if not all(each.effective for each in text.variant.transitions) or text.variant.withdrawn_at is not None:
            slugs.settle(work, text.entry, text.variant)
        rewriting.soon(work, text.entry)


def require_state(work: Work, release: Release, move: str, *wanted: str) -> None:
    """Raise conflict unless the release is in one of these states now."""
    there = state(work, release)
    if there not in wanted:
        detail = f"The release is {there}; {move} needs {' or '.join(wanted)}."
        raise conflict([_blocker(move, "wrong_state", detail)])


def moves(work: Work, release: Release) -> list[str]:
    """What the actor may do with it now."""
    if not work.actor.may("releases", release.scope):
        return []
    return {
        DRAFT: ["publish", "edit", "delete"], SCHEDULED: ["unschedule"], LIVE: ["revert"], REVERTED: ["publish"],
    }[state(work, release)]  # fmt: skip


def _blocker(move: str, code: str, detail: str) -> dict[str, str]:
    return {"move": move, "code": code, "pointer": "", "detail": detail}


def _log(work: Work, verb: str, release: Release, texts: Sequence[Text]) -> None:
    at = int(release.at.timestamp()) if release.at else None
    for text in texts:
        work.log(
            verb, text.entry.id, locale=text.variant.locale, scope=text.variant.scope, revision=text.revision.number,
            at=at, release=release.id,
        )  # fmt: skip
    work.log(f"{verb}_release", release.id, items=len(texts), at=at)
