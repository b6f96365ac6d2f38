"""Where a clinic stands with a library text: what it lays over it, whether it hides it, and what it holds on to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from api.errors import CmsError
from api.models import LIBRARY, Clinic, Entry, Revision, Transition, Variant
from api.rules import timeline
from api.rules.workflow import DRAFT
from api.services import lookup
from api.services.etags import etag
from api.services.published import read_model
from api.services.texts import live, past
from api.services.work import Work

SWITCHES = ("hide", "show", "pin", "follow")
REPEATED = {
    "hide": ("already_hidden", "The clinic hides this entry already."),
    "show": ("not_hidden", "The clinic does not hide this entry."),
    "pin": ("already_pinned", "The clinic holds on to a library text already; let it follow first."),
    "follow": ("not_pinned", "The clinic follows the library already."),
}


@dataclass(frozen=True)
class Standing:
    """A library text in one language as a clinic has it.

    `below` is the library revision under the clinic's words: the pinned or the live one, None while nothing is live.
    """

    base: Variant | None
    own: Variant | None
    everywhere: Variant | None
    below: int | None
    hidden: bool
    pinned: int | None

    @property
    def newest(self) -> Revision | None:
        """The newest version of the clinic's patch."""
        found = self.own.revisions if self.own else []
        return max(found, key=lambda each: each.number, default=None)

    def text_below(self) -> Revision | None:
        """The library's words that the patch lies over."""
        found = self.base.revisions if self.base else []
        return next((each for each in found if each.number == self.below), None)

    def blocker(self, move: str) -> dict[str, str] | None:
        """Why hide, show, pin or follow would change nothing."""
        repeated = {"hide": self.hidden, "show": not self.hidden, "pin": self.pinned is not None,
                    "follow": self.pinned is None}  # fmt: skip
        code, detail = REPEATED[move]
        if not repeated[move]:
            if move != "pin" or self.below is not None:
                return None
            code, detail = "not_live", "The library text is not live."
        return {"move": move, "code": code, "pointer": "", "detail": detail}


def standing(work: Work, entry: Entry, clinic_id: str, locale: str) -> Standing:
    """How things stand this second, by what happened: no publication has to be numbered first."""
    asked = select(Variant).where(
        Variant.entry_id == entry.id, Variant.scope.in_((LIBRARY, clinic_id)), Variant.locale.in_((locale, "*"))
    )
    found = {(each.scope, each.locale): each for each in work.session.scalars(asked)}
    base, own, everywhere = found.get((LIBRARY, locale)), found.get((clinic_id, locale)), found.get((clinic_id, "*"))
    happened = {each.scope: each for each in read_model.histories(work, entry, [each for each in (base, own) if each])}
    now = int((work.now() if work.locked else work.database.instant()).timestamp())
    pinned = timeline.pinned(happened[clinic_id], happened[LIBRARY], now) if base and own else None
    shown = live.revision(work, base) if base else None
    return Standing(base, own, everywhere, None if shown is None else pinned or shown, _hidden(everywhere, now), pinned)


def gone(work: Work, own: Variant) -> bool:
    """Whether the clinic answers 410: its words were withdrawn, and nothing was published since."""
    last = live.last(work, own)
    return last is not None and last.move in ("withdraw", "recall")


def asked_entry(work: Work, type_name: str, entry_id: str, *, archived: bool = True) -> Entry:
    """A library entry that has once been public, or that the actor sees. Raises not_found for any other."""
    found = past.public_entry(work, type_name, entry_id)
    if found.scope != LIBRARY:
        raise lookup.absent()
    if found.archived_at is not None and not archived:
        raise CmsError("conflict", "The entry is archived.", blockers=[lookup.put_away()])
    return found


def asked_locale(work: Work, entry: Entry, locale: str | None) -> str:
    """The language asked for, the entry's first one by default. Raises not_in_locale, naming what the actor sees."""
    texts = select(Variant.locale).where(Variant.entry_id == entry.id, Variant.scope == LIBRARY)
    if not work.actor.sees(LIBRARY):
        texts = texts.join(Transition, Transition.variant_id == Variant.id).where(
            Transition.move == "publish", Transition.at <= work.database.instant()
        )
    there = sorted(set(work.session.scalars(texts)))
    wanted = locale or (entry.first_locale if entry.first_locale in there else there[0])
    if wanted not in there:
        raise CmsError("not_in_locale", f"The library has no text of this entry in {wanted}.", available_locales=there)
    return wanted


def clinics_with(work: Work, entry: Entry) -> list[tuple[Clinic, list[Variant]]]:
    """The clinics that the actor sees and that lay over, hide or pin an entry, each with its variants."""
    asked = (
        select(Variant, Clinic)
        .join(Clinic, Clinic.id == Variant.scope)
        .where(Variant.entry_id == entry.id, Variant.scope != entry.scope)
        .options(selectinload(Variant.revisions), selectinload(Variant.transitions))
        .order_by(Clinic.position, Clinic.id, Variant.locale)
    )
    found: dict[str, tuple[Clinic, list[Variant]]] = {}
    for variant, clinic in work.session.execute(asked):
        if work.actor.sees(clinic.id):
            found.setdefault(clinic.id, (clinic, []))[1].append(variant)
    return list(found.values())


def tag(entry: Entry, clinic_id: str, locale: str, own: Variant | None, everywhere: Variant | None) -> str:
    """The ETag of a clinic's overlay; there is one before the first word, and hide and pin change it too."""
    version = ".".join(str(each.version if each else 0) for each in (own, everywhere))
    return etag("overlay", entry.id, clinic_id, locale, version=version)


def summary(work: Work, entry: Entry, clinic: Clinic, variants: list[Variant], bases: list[Variant]) -> dict[str, Any]:
    """{clinic, hidden, texts: [{locale, state, revision, overlay_revision, pinned, etag}]} of one clinic."""
    now = int((work.now() if work.locked else work.database.instant()).timestamp())
    everywhere = next((each for each in variants if each.locale == "*"), None)
    texts = []
    for own in [each for each in variants if each.locale != "*"]:
        base = next((each for each in bases if each.locale == own.locale), None)
        happened = read_model.histories(work, entry, [each for each in (own, base) if each])
        newest = max(own.revisions, key=lambda each: each.number, default=None)
        texts.append(
            {
                "locale": own.locale,
                "state": state(work, own),
                "revision": newest.number if newest else None,
                "overlay_revision": live.revision(work, own),
                "pinned": timeline.pinned(happened[0], happened[1], now) if base else None,
                "etag": tag(entry, clinic.id, own.locale, own, everywhere),
            }
        )
    return {"clinic": clinic.slug, "hidden": _hidden(everywhere, now), "texts": texts}


def state(work: Work, own: Variant | None) -> str | None:
    """withdrawn, live, or the newest version's own; None where the clinic says nothing of its own."""
    if own is None or not own.revisions:
        return None
    if own.withdrawn_at is not None:
        return "withdrawn"
    newest = max(own.revisions, key=lambda each: each.number)
    shown = live.revision(work, own)
    if shown == newest.number:
        return "live"
    said = newest.document or newest.state != DRAFT or shown is not None or gone(work, own)
    return newest.state if said else None


def _hidden(everywhere: Variant | None, now: int) -> bool:
    moves = everywhere.transitions if everywhere else []
    said = [each for each in moves if each.move in ("hide", "show") and int(each.at.timestamp()) <= now]
    last = max(said, key=lambda each: (each.at, each.id), default=None)
    return last is not None and last.move == "hide"
