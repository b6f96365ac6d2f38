"""What keeps a release from going live, or from being taken back: one list of blockers over all of its texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from api.errors import CmsError
from api.models import Revision, Transition
from api.rules import workflow
from api.services.releases import release_items
from api.services.releases.release_items import Blockers, Text
from api.services.texts import claims, live, slugs
from api.services.texts.facts import facts_of
from api.services.work import Work


def publishing(work: Work, text: Text) -> Blockers:
    """Why one text may not go live as it stands. Whoever may release in a scope may publish each text there."""
    if text.entry.archived_at is not None:
        return [blocker(work, text, "publish", "archived", "The entry is archived.")]
    found = _approvals(work, text, text.revision)
    found += _claims(work, text, text.revision)
    return [blocker(work, text, each["move"], each["code"], each["detail"]) for each in found]


def colliding(work: Work, move: str, shown: Sequence[tuple[Text, int]]) -> Blockers:
    """Which texts would meet another one under the slug of the revision that shows; asked when transitions are put."""
    found = []
    for text, number in shown:
        slug = next(each.slug for each in text.variant.revisions if each.number == number)
        if slug and slugs.taken_elsewhere(work, text.entry, text.variant, slug):
            detail = f"Another text that the same readers see has the slug {slug}."
            found.append(blocker(work, text, move, "slug_taken", detail))
    return found


def reverting(work: Work, text: Text) -> Blockers:
    """Why what was live before one text can't come back."""
    own = next((each for each in text.variant.transitions if each.id == text.item.transition_id), None)
    if own is None or live.last(work, text.variant) is not own:
        detail = f"Revision {text.item.revision} is not what is live now; it has moved on since."
        return [blocker(work, text, "revert", "moved_on", detail)]
    now = work.now() if work.locked else work.database.instant()
    if any(each.at > now for each in text.variant.transitions):
        return [blocker(work, text, "revert", "scheduled", "Something of it is scheduled: unschedule it first.")]
    earlier = release_items.before(text)
    if earlier is None or earlier.move != "publish":
        return []
    return _still_approved(work, text, earlier)


def _still_approved(work: Work, text: Text, earlier: Transition) -> Blockers:
    revision = next(each for each in text.variant.revisions if each.number == earlier.revision)
    found = _approvals(work, text, revision)
    found += _claims(work, text, revision)
    return [
        blocker(work, text, "revert", each["code"], f"Revision {revision.number}: {each['detail']}")
        for each in found
    ]


def _approvals(work: Work, text: Text, revision: Revision) -> list[dict[str, str]]:
    """What a revision lacks to be live; that it is live already stops no release, since the others wait for it."""
    facts = facts_of(work, text.variant, revision)
    return workflow.blockers("publish", work.actor, replace(facts, shown=False))


def _claims(work: Work, text: Text, revision: Revision) -> list[dict[str, str]]:
    """What the claims check has against a text; the pointer of a release's blocker names its item."""
    found = claims.blockers("publish", claims.standing(work, text.variant, revision))
    return [{**each, "detail": f"{each['pointer']}: {each['detail']}"} for each in found]


def refuse(blockers: Blockers) -> None:
    """Raise conflict with all of them, if there are any."""
    if blockers:
        first = blockers[0]
        entries = len({(each["id"], each["locale"], each["clinic"]) for each in blockers})
        detail = f"{entries} of its texts can't: {first['type']} {first['id']}: {first['detail']}"
        raise CmsError("conflict", detail, blockers=blockers)


def blocker(work: Work, text: Text, move: str, code: str, detail: str) -> dict[str, Any]:
    """One blocker: why, at which item, and of which text."""
    about = {"move": move, "code": code, "pointer": f"/items/{text.item.position}", "detail": detail}
    return {**about, **release_items.named(work, text)}
