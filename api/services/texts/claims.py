"""Claims: what a stored text says that it must not, where that stands against a move, and what was let pass."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import select

from api.errors import CmsError, conflict, invalid_content
from api.models import LIBRARY, ClaimWaiver, Clinic, Revision, Transition, Variant
from api.queries.typed import Typed
from api.rules import differences
from api.rules.claims.documents import Anchored, findings
from api.rules.claims.packs import GENERAL, jurisdictions, spoken
from api.services.lookup import instant
from api.services.overlays import overlaid
from api.services.rows import rows
from api.services.texts import documents, facts
from api.services.work import Work
from schemas.content import content_type
from schemas.meant import asked_back

Shown = dict[str, Any]
GATED = ("submit", "publish")
"""Moves that a finding of severity block stands against."""
MOST = 20
"""How many blockers are told."""
_JURISDICTION = Clinic.document["jurisdiction"].as_string()
_STRICT = Typed(
    select(Clinic.id, _JURISDICTION.label("jurisdiction"), Clinic.document["locales"].label("locales"))
    .where(_JURISDICTION != GENERAL)
)  # fmt: skip


class Whole:
    """A whole text as readers see it, told from others by digests, so that what was found in it may be remembered."""

    def __init__(self, document: dict[str, Any], *digests: str) -> None:
        self.document: dict[str, Any] | None = document
        self.digests = digests

    def __hash__(self) -> int:
        return hash(self.digests)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Whole) and self.digests == other.digests


def known(jurisdiction: str) -> str:
    """A jurisdiction that there are rules for. Raises invalid_content naming them."""
    if jurisdiction in (allowed := jurisdictions()):
        return jurisdiction
    detail = f"There are no rules for {jurisdiction}.{asked_back(jurisdiction, allowed)}"
    raise invalid_content([{"pointer": "/jurisdiction", "code": "unknown", "detail": detail, "allowed": list(allowed)}])


def of_text(work: Work, variant: Variant, revision: Revision, where: Sequence[str] | None = None) -> list[Anchored]:
    """What one revision says that it must not, where it is shown; an overlay's with the library's words beneath."""
    text = _whole(work, variant, revision)
    if text is None or spoken(variant.locale) is None:
        return []
    return _found(variant.entry.type, text, variant.locale, tuple(where or held_to(work, variant)))


def held_to(work: Work, variant: Variant) -> tuple[str, ...]:
    """The jurisdictions whose rules a text is held to: of the clinic, or for the library of each clinic that shows it.

    A clinic that hides the entry, or does not speak the language, does not show it.
    """
    if variant.scope != LIBRARY:
        clinic = work.session.get(Clinic, variant.scope)
        return (_jurisdiction(clinic.document) if clinic else GENERAL,)
    strict = [each for each in _strict(work) if variant.locale in {locale["code"] for locale in each.locales}]
    hiding = _hiding(work, variant.entry_id, [each.id for each in strict])
    return (GENERAL, *sorted({each.jurisdiction for each in strict if each.id not in hiding}))


def standing(work: Work, variant: Variant, revision: Revision) -> list[Anchored]:
    """Findings of severity block that nobody let pass."""
    found = [each for each in of_text(work, variant, revision) if each.blocking]
    passed = waivers(work, variant) if found else {}
    return [each for each in found if (each.rule, each.pointer, each.rests_on) not in passed]


def blockers(move: str, found: Sequence[Anchored]) -> list[dict[str, str]]:
    """Findings as what stands against a move: [{move, code, pointer, detail}]."""
    return [{"move": move, "code": "claims", "pointer": each.pointer, "detail": _detail(each)} for each in found[:MOST]]


def require(work: Work, move: str, variant: Variant, revision: Revision) -> None:
    """Raise conflict where a finding stands against the move."""
    if found := standing(work, variant, revision):
        raise conflict(blockers(move, found))


def waivers(work: Work, variant: Variant) -> dict[tuple[str, str, str], ClaimWaiver]:
    """What was let pass, by (rule, pointer, digest); beneath an overlay what the library let pass too."""
    mine = [variant.id]
    if variant.scope != variant.entry.scope:
        below = select(Variant.id).where(
            Variant.entry_id == variant.entry_id, Variant.scope == LIBRARY, Variant.locale == variant.locale
        )
        mine += work.session.scalars(below)
    asked = select(ClaimWaiver).where(ClaimWaiver.variant_id.in_(mine)).order_by(ClaimWaiver.id)
    return {(each.rule, each.pointer, each.digest): each for each in work.session.scalars(asked)}


def waive(work: Work, variant: Variant, rule: str, pointer: str, reason: str) -> ClaimWaiver:
    """Let a finding pass in the newest revision, by name and reason, until the words that it rests on change.

    Clinical words only by a medical reviewer, and nobody what they wrote. Raises forbidden, conflict, invalid_content.
    """
    revision = facts.newest_of(variant)
    if not _may_waive(work, variant, pointer):
        raise CmsError("forbidden", "Your roles do not allow to let a claim pass here; clinical ones pass a doctor.")
    found = standing(work, variant, revision)
    chosen = next((each for each in found if (each.rule, each.pointer) == (rule, pointer)), None)
    if chosen is None:
        detail = f"The claims check has nothing of {rule} against this field that could be let pass."
        allowed = sorted({f"{each.rule} {each.pointer}" for each in found})[:MOST]
        raise invalid_content([{"pointer": "/rule", "code": "unknown", "detail": detail, "allowed": allowed}])
    if (work.actor.person_id or work.actor.id) in facts.authors_of(work, variant, revision):
        detail = "Somebody else must let pass what you wrote or changed."
        raise conflict([{"move": "waive", "code": "own_text", "pointer": pointer, "detail": detail}])
    made = ClaimWaiver(
        variant_id=variant.id, revision=revision.number, rule=rule, pointer=pointer, digest=chosen.rests_on,
        reason=reason, person_id=work.actor.person_id, at=work.now(),
    )  # fmt: skip
    work.session.add(made)
    variant.version += 1
    work.log(
        "waive_claim", variant.entry_id, locale=variant.locale, scope=variant.scope, revision=revision.number,
        rule=rule, pointer=pointer, digest=chosen.rests_on, reason=reason,
    )  # fmt: skip
    return made


def may_waive(work: Work, variant: Variant, found: Iterable[Anchored]) -> bool:
    """Whether the actor could let any of these findings pass."""
    return any(_may_waive(work, variant, each.pointer) for each in found)


def told(work: Work, variant: Variant, revision: Revision, jurisdiction: str | None = None) -> Shown:
    """Everything that was found in a revision, with what was let pass and by whom."""
    where = (jurisdiction,) if jurisdiction else held_to(work, variant)
    found = of_text(work, variant, revision, where)
    passed = waivers(work, variant) if found else {}
    listed = [_told(each, passed.get((each.rule, each.pointer, each.rests_on))) for each in found]
    return {
        "revision": revision.number,
        "locale": variant.locale,
        "jurisdictions": list(where),
        "checked": spoken(variant.locale) is not None,
        "blocking": sum(each["severity"] == "block" and each["waived"] is None for each in listed),
        "findings": listed,
    }


def _told(found: Anchored, passed: ClaimWaiver | None) -> Shown:
    waived = passed and {
        "by": passed.person_id, "at": instant(passed.at), "reason": passed.reason, "revision": passed.revision
    }  # fmt: skip
    about = found.finding
    return {
        "id": found.rule,
        "severity": about.rule.severity,
        "reason": about.reason,
        "source": about.rule.source,
        "suggestion": about.suggestion,
        "start": about.start,
        "end": about.end,
        "jurisdiction": about.rule.jurisdiction,
        "pointer": found.pointer,
        "words": found.words,
        "waived": waived,
    }


def _detail(each: Anchored) -> str:
    return f"{each.rule}, “{each.words}” at {each.finding.start} to {each.finding.end}: {each.finding.reason}"


@lru_cache(maxsize=1024)
def _found(type_name: str, text: Whole, locale: str, where: tuple[str, ...]) -> list[Anchored]:
    document, text.document = text.document, None  # What was found is remembered, not the text.
    return findings(content_type(type_name), document or {}, locale, where)


def _whole(work: Work, variant: Variant, revision: Revision) -> Whole | None:
    """The whole text as readers would see it; None for an overlay with nothing beneath."""
    if variant.scope == variant.entry.scope:
        return Whole(revision.document, revision.digest)
    there = overlaid.standing(work, variant.entry, variant.scope, variant.locale)
    written_of = [each for each in there.base.revisions if each.number == revision.base_revision] if there.base else []
    below = there.text_below() or next(iter(written_of), None)
    if below is None:
        return None
    merged = documents.laid_over(content_type(variant.entry.type), below.document, revision.document)
    return Whole(merged, below.digest, revision.digest)


def _may_waive(work: Work, variant: Variant, pointer: str) -> bool:
    kind = content_type(variant.entry.type)
    if work.actor.may("waive_medical", variant.scope):
        return True
    return not differences.clinical(kind, pointer) and work.actor.may("waive", variant.scope)


def _jurisdiction(profile: dict[str, Any]) -> str:
    return str(profile.get("jurisdiction") or GENERAL)


def _strict(work: Work) -> list[Any]:
    """(id, jurisdiction, locales) of clinics whose jurisdiction has rules of its own; asked once in a unit of work."""
    kept: dict[str, Any] = work.session.info
    if "strict_clinics" not in kept:
        kept["strict_clinics"] = rows(work.session, _STRICT)
    found: list[Any] = kept["strict_clinics"]
    return found


def _hiding(work: Work, entry_id: str, clinics: list[str]) -> set[str]:
    """Which of these clinics hide the entry now."""
    if not clinics:
        return set()
    now = work.now() if work.locked else work.database.instant()
    asked = (
        select(Variant.scope, Transition.move)
        .join(Transition, Transition.variant_id == Variant.id)
        .where(Variant.entry_id == entry_id, Variant.locale == "*", Variant.scope.in_(clinics))
        .where(Transition.move.in_(("hide", "show")), Transition.at <= now)
        .order_by(Transition.at, Transition.id)
    )
    last: dict[str, str] = dict(work.session.execute(asked).all())
    return {scope for scope, move in last.items() if move == "hide"}
