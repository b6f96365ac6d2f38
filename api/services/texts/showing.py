"""A text as those who write see it: its newest revision, its state, and what may be done with it now."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, select

from api.models import ReleaseItem, Revision, Variant
from api.queries.typed import Typed
from api.rules import workflow
from api.services import lookup
from api.services.etags import etag
from api.services.lookup import Text, instant
from api.services.rows import Objects, rows
from api.services.texts import claims, live
from api.services.texts.facts import facts_of, newest_of
from api.services.work import Work

Shown = dict[str, Any]
_HEADS = Objects(
    Revision,
    select(*(each for each in Revision.__table__.c if each.key != "document"))
    .join(Variant.__table__, Revision.id == lookup.NEWEST)
    .where(Variant.entry_id == bindparam("entry"), Variant.scope == bindparam("scope")),
)
_ALIKE = Typed(
    select(Revision.number).where(Revision.variant_id == bindparam("variant"), Revision.digest == bindparam("digest"))
)
BASE_MOVES = ("submit", "approve", "reject", "waive", "publish", "unschedule", "unpublish", "withdraw", "recall",
              "restore")  # fmt: skip


def text(work: Work, there: Text) -> Shown:
    """The reply to everything that reads or changes one text."""
    variant, newest = there.variant, there.newest
    entry = variant.entry
    moves, blockers = possible(work, variant, newest)
    return {
        "id": entry.id,
        "type": entry.type,
        "clinic": lookup.clinic_slug(work, entry.scope),
        "external_key": entry.external_key,
        "slug": newest.slug,
        "locale": variant.locale,
        "state": state(work, variant, newest),
        "revision": revision(newest),
        "live_revision": live.revision(work, variant),
        "scheduled": scheduled(work, variant),
        "withdrawal": withdrawal(work, variant),
        "archived_at": instant(entry.archived_at),
        "document": newest.document,
        "moves": moves,
        "blockers": blockers,
        "translations": translations(work, there),
    }


def state(work: Work, variant: Variant, newest: Revision | None = None) -> str:
    """withdrawn, else live where the newest revision is the live one, else the newest revision's own."""
    newest = newest or newest_of(variant)
    if variant.withdrawn_at is not None:
        return "withdrawn"
    return "live" if live.revision(work, variant) == newest.number else newest.state


def revision(found: Revision) -> Shown:
    return {
        "number": found.number,
        "state": found.state,
        "digest": found.digest,
        "clinical_digest": found.clinical_digest,
        "note": found.note,
        "created_at": instant(found.created_at),
        "created_by": found.created_by,
    }


def scheduled(work: Work, variant: Variant) -> list[Shown]:
    """What is planned ahead: [{move, revision, at, release}]."""
    now = work.now() if work.locked else work.database.instant()
    if not (ahead := [each for each in live.transitions(variant) if each.at > now]):
        return []
    mine = select(ReleaseItem.transition_id, ReleaseItem.release_id).where(ReleaseItem.variant_id == variant.id)
    releases = {row.transition_id: row.release_id for row in work.session.execute(mine)}
    return [
        {"move": each.move, "revision": each.revision, "at": instant(each.at), "release": releases.get(each.id)}
        for each in ahead
    ]


def withdrawal(work: Work, variant: Variant) -> Shown | None:
    """Why and when the text was withdrawn, for as long as the public answer is 410: until the next publish."""
    last = live.last(work, variant)
    if last is None or last.move not in ("withdraw", "recall"):
        return None
    return {
        "kind": "recalled" if last.move == "recall" else "withdrawn",
        "at": instant(last.at),
        "reason": last.reason,
        "severity": last.severity,
        "replacement": last.replacement_id,
    }


def possible(work: Work, variant: Variant, newest: Revision) -> tuple[list[str], list[Shown]]:
    """(moves the actor may make now, why the others that the actor's roles allow are blocked)."""
    if variant.entry.archived_at is not None:
        return [], []
    facts = facts_of(work, variant, newest)
    moves, blocked = [], []
    for move in BASE_MOVES:
        if not workflow.allowed(move, work.actor, facts):
            continue
        found = workflow.blockers(move, work.actor, facts)
        blocked += [{"pointer": "", **each} for each in found]
        if not found:
            moves.append(move)
    return with_claims(work, variant, newest, moves, blocked)


def with_claims(
    work: Work, variant: Variant, newest: Revision, moves: list[str], blocked: list[Shown]
) -> tuple[list[str], list[Shown]]:
    """Moves and blockers once the claims check has been asked; whoever may let one of its findings pass may waive."""
    if not (gated := [each for each in claims.GATED if each in moves]) and not work.actor.may("waive", variant.scope) \
            and not work.actor.may("waive_medical", variant.scope):  # fmt: skip
        return moves, blocked
    if not (found := claims.standing(work, variant, newest)):
        return moves, blocked
    left = [each for each in moves if each not in gated]
    blocked = blocked + [each for move in gated for each in claims.blockers(move, found)]
    if "waive" not in left and claims.may_waive(work, variant, found):
        return [*left, "waive"], [each for each in blocked if each["move"] != "waive"]
    return left, blocked


def possible_now(work: Work, variant: Variant) -> list[str]:
    return possible(work, variant, newest_of(variant))[0]


def translations(work: Work, there: Text) -> list[Shown]:
    """Every language of the entry itself: [{locale, state, live_revision, source_changed}], the first one first."""
    first = there.variant.entry.first_locale
    found = sorted(there.languages, key=lambda each: (each.locale != first, each.locale))
    newest = _newest_of_all(work, there)
    source = found[0] if found[0].locale == first else None
    current = _like_now(work, newest[source.id]) if source is not None and len(found) > 1 else set()
    return [
        {
            "locale": each.locale,
            "state": state(work, each, newest[each.id]),
            "live_revision": live.revision(work, each),
            "source_changed": source not in (None, each) and newest[each.id].base_revision not in current,
        }
        for each in found
    ]


def _newest_of_all(work: Work, there: Text) -> dict[int, Revision]:
    """The newest revision of each language by its id, without the words of the others; their transitions with it."""
    known = {there.variant.id: there.newest}
    if len(there.languages) == 1:
        return known
    live.read(work, there.languages)
    variant = there.variant
    heads = _HEADS.all(work.session, entry=variant.entry_id, scope=variant.scope)
    return {each.variant_id: each for each in heads} | known


def _like_now(work: Work, newest: Revision) -> set[int]:
    """The revisions of a text that say what its newest one does: what renders one of these is not behind."""
    found = rows(work.session, _ALIKE, variant=newest.variant_id, digest=newest.digest)
    return {each.number for each in found}


def current(work: Work, variant: Variant) -> Shown:
    """What somebody whose tag is stale is told of what is there now."""
    newest = newest_of(variant)
    return {
        "revision": newest.number,
        "state": state(work, variant),
        "changed_at": instant(newest.created_at),
        "changed_by": newest.created_by,
    }


def tag(variant: Variant) -> str:
    """The ETag of one text."""
    return etag("variant", variant.entry_id, variant.scope, variant.locale, version=variant.version)
