"""The texts of a release: found by what a body names, and loaded with all that a decision needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload, undefer

from api.errors import invalid_content
from api.models import LIBRARY, Clinic, Entry, Release, ReleaseItem, Revision, Variant
from api.services.texts import live
from api.services.texts.selecting import title_beneath
from api.services.work import Work
from schemas.content import content_type

Named = dict[str, Any]
Blockers = list[dict[str, Any]]


@dataclass(frozen=True)
class Text:
    """One item with its text and the revision that it takes live."""

    item: ReleaseItem
    variant: Variant
    revision: Revision

    @property
    def entry(self) -> Entry:
        return self.variant.entry

    @property
    def overlay(self) -> bool:
        return self.variant.scope != self.entry.scope


def found(work: Work, scope: str, named: Sequence[Named]) -> list[ReleaseItem]:
    """New items for what a body names: [{type, id, locale?, clinic?, revision?}].

    Raises invalid_content with every fault. A text that the actor may not see reads like one that never was.
    """
    ids = {each["id"] for each in named}
    asked = select(Variant).join(Entry).where(Entry.id.in_(ids), Entry.archived_at.is_(None))
    variants = work.session.scalars(asked.options(selectinload(Variant.revisions), joinedload(Variant.entry))).all()
    places = {(each.entry_id, each.scope, each.locale): each for each in variants}
    entries = {each.entry_id: each.entry for each in variants}
    clinics = _clinics(work, named)
    items: list[ReleaseItem] = []
    faults: list[Named] = []
    for number, each in enumerate(named):
        variant = places.get(_place(entries, clinics, each))
        revision, fault = _revision(work, scope, variant, each)
        if fault is None and any(item.variant_id == variant.id for item in items if variant):
            fault = ("", "twice", "This text stands in the release already.")
        if fault is not None or variant is None or revision is None:
            pointer, code, detail = fault or _UNKNOWN
            faults.append({"pointer": f"/items/{number}{pointer}", "code": code, "detail": detail})
            continue
        items.append(ReleaseItem(variant_id=variant.id, revision=revision, position=number))
    if faults:
        raise invalid_content(faults)
    return items


_UNKNOWN = ("", "unknown_text", "There is no such text.")


def _clinics(work: Work, named: Sequence[Named]) -> dict[str, str]:
    """Ids by slug of the clinics that items name and the actor may see."""
    slugs = {each["clinic"] for each in named if each.get("clinic")}
    rows = work.session.execute(select(Clinic.slug, Clinic.id).where(Clinic.slug.in_(slugs)))
    return {slug: clinic_id for slug, clinic_id in rows if work.actor.sees(clinic_id)}


def _place(entries: dict[str, Entry], clinics: dict[str, str], named: Named) -> tuple[str, str, str]:
    """(entry, scope, locale) that an item names; a clinic on a library entry names its overlay."""
    entry = entries.get(named["id"])
    if entry is None or entry.type != named["type"]:
        return "", "", ""
    scope = clinics.get(named["clinic"], "") if named.get("clinic") else entry.scope
    return entry.id, scope, named.get("locale") or entry.first_locale


def _revision(
    work: Work, scope: str, variant: Variant | None, named: Named
) -> tuple[int | None, tuple[str, str, str] | None]:
    """(the revision that an item takes live: the newest unless it names one, what is wrong)."""
    if variant is None or not work.actor.sees(variant.scope) or not variant.revisions:
        return None, _UNKNOWN
    if scope not in (LIBRARY, variant.scope):
        return None, ("", "wrong_scope", "A release of a clinic holds only that clinic's texts.")
    numbers = {each.number for each in variant.revisions}
    wanted = named.get("revision") or max(numbers)
    if wanted not in numbers:
        return None, ("/revision", "invalid", f"There is no revision {wanted}.")
    return wanted, None


def texts(work: Work, release: Release) -> list[Text]:
    """Every item with its text as it stands now, in order."""
    ids = [each.variant_id for each in release.items]
    asked = (
        select(Variant)
        .where(Variant.id.in_(ids))
        .options(
            joinedload(Variant.entry),
            selectinload(Variant.revisions).selectinload(Revision.reviews),
            selectinload(Variant.transitions),
        )
        .execution_options(populate_existing=True)
    )
    work.session.flush()
    there = {each.id: each for each in work.session.scalars(asked)}
    made = []
    for item in release.items:
        if (variant := there.get(item.variant_id)) is None:
            continue
        revision = next(each for each in variant.revisions if each.number == item.revision)
        made.append(Text(item, variant, revision))
    _read_words(work, made)
    return made


def _read_words(work: Work, texts: Sequence[Text]) -> None:
    """The words of the revisions that go live, in a few statements."""
    for start in range(0, len(texts), 500):
        ids = [each.revision.id for each in texts[start : start + 500]]
        work.session.scalars(select(Revision).where(Revision.id.in_(ids)).options(undefer(Revision.document))).all()


def named(work: Work, text: Text) -> Named:
    """How replies name an item: {type, id, locale, clinic}; clinic as its slug where the text is a clinic's."""
    clinic = None if text.variant.scope == LIBRARY else work.session.get_one(Clinic, text.variant.scope).slug
    return {"type": text.entry.type, "id": text.entry.id, "locale": text.variant.locale, "clinic": clinic}


def titles(work: Work, texts: Sequence[Text]) -> dict[int, str | None]:
    """The title of each text by its item, as its readers would see it: an overlay may leave the library's as it is.

    That is the title that goes live beside it, else the one that is live or held on to; null where nothing is yet.
    """
    own = {each.item.id: each.revision.document.get(content_type(each.entry.type).title) for each in texts}
    bare = [each for each in texts if each.overlay and own[each.item.id] is None]
    beneath: dict[int, str | None] = {}
    for start in range(0, len(bare), 500):
        ids = [each.variant.id for each in bare[start : start + 500]]
        asked = select(Variant.id, title_beneath()).join(Entry, Entry.id == Variant.entry_id)
        beneath |= {row[0]: row[1] for row in work.session.execute(asked.where(Variant.id.in_(ids)))}
    beside = {(each.entry.id, each.variant.locale): own[each.item.id] for each in texts if not each.overlay}
    for each in bare:
        with_it = None if each.variant.pinned else beside.get((each.entry.id, each.variant.locale))
        own[each.item.id] = with_it or beneath[each.variant.id]
    return own


def shown(work: Work, text: Text, title: str | None) -> Named:
    """What replies tell of an item, by the title that `titles` gives it."""
    return {
        **named(work, text),
        "revision": text.revision.number,
        "state": text.revision.state,
        "slug": text.revision.slug,
        "title": title,
        "newest_revision": max(each.number for each in text.variant.revisions),
        "live_revision": live.revision(work, text.variant),
        "before": shown_before(work, text),
    }


def shown_before(work: Work, text: Text) -> int | None:
    """The revision that was live before the release, or is live now where it has not gone yet."""
    if text.item.transition_id is None:
        return text.item.before if text.item.before is not None else live.revision(work, text.variant)
    last = before(text)
    return last.revision if last is not None and last.move == "publish" else None


def before(text: Text) -> Any:
    """The transition that was in force just before the item's own, None where nothing was ever shown."""
    own = next((each for each in text.variant.transitions if each.id == text.item.transition_id), None)
    if own is None:
        return None
    earlier = [
        each for each in text.variant.transitions if each.move in live.MOVES and (each.at, each.id) < (own.at, own.id)
    ]
    return max(earlier, key=lambda each: (each.at, each.id), default=None)
