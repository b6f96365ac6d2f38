"""What a site said at an instant: the same precedence as its readers', over everything that ever happened."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from api.errors import invalid_parameters
from api.models import LIBRARY, AuditEntry, Clinic, Entry, Publication, Revision, Transition, Variant
from api.rules.timeline import Span, timeline
from api.services import lookup
from api.services.lookup import instant
from api.services.published import read_model
from api.services.texts import documents
from api.services.work import Work
from schemas.content import content_type

Told = dict[str, Any]


def asked_entry(work: Work, type_name: str, entry_id: str, clinic_slug: str | None) -> tuple[Entry, Clinic | None]:
    """The entry and the clinic whose site is meant. Raises not_found for what the actor may not see.

    People of a clinic may ask what their own site said of a library entry that has once been public.
    """
    clinic = lookup.own_clinic(work, clinic_slug) if clinic_slug else None
    found = public_entry(work, type_name, entry_id) if clinic else lookup.entry(work, type_name, entry_id)
    if clinic is not None and found.scope not in (LIBRARY, clinic.id):
        raise lookup.absent()
    if clinic is None and found.scope != LIBRARY:
        clinic = work.session.get(Clinic, found.scope)
    return found, clinic


def public_entry(work: Work, type_name: str, entry_id: str) -> Entry:
    """An entry that the actor sees, or one of the library that has once been public. Raises not_found."""
    found = work.session.get(Entry, entry_id)
    if found is None or found.type != type_name or not work.actor.roles:
        raise lookup.absent()
    if not work.actor.sees(found.scope) and not (found.scope == LIBRARY and once_public(work, found)):
        raise lookup.absent()
    return found


def once_public(work: Work, entry: Entry) -> bool:
    """Whether anybody has ever read a text of the entry itself."""
    asked = select(Transition.id).join(Variant, Variant.id == Transition.variant_id).where(
        Variant.entry_id == entry.id, Variant.scope == entry.scope, Transition.move == "publish",
        Transition.at <= work.database.instant(),
    )  # fmt: skip
    return work.session.scalar(asked.limit(1)) is not None


def moment(work: Work, written: str) -> dt.datetime:
    """The whole second that `?at=` names; a day is its 00:00 UTC. Raises invalid_parameters for one ahead."""
    parsed = dt.datetime.fromisoformat(written)
    seconds = int((parsed if parsed.tzinfo else parsed.replace(tzinfo=dt.UTC)).timestamp())
    if not 0 <= seconds <= work.database.now():
        detail = "Ask for an instant between 1970 and now; what will be said is not settled yet."
        raise invalid_parameters([{"parameter": "at", "code": "not_allowed", "detail": detail}])
    return dt.datetime.fromtimestamp(seconds, dt.UTC)


def said(work: Work, entry: Entry, clinic: Clinic | None, locale: str | None, at: dt.datetime) -> Told:
    """{state: live|gone|hidden|absent, …} of an entry at an instant, for a clinic's site or the library itself.

    The clinic's languages are those of then as far as the log has them, else today's: `languages` says which.
    """
    scopes = [LIBRARY, clinic.id] if clinic else [LIBRARY]
    asked = select(Variant).where(Variant.entry_id == entry.id, Variant.scope.in_(scopes))
    variants = list(work.session.scalars(asked))
    spans = timeline(read_model.histories(work, entry, variants))
    seconds = int(at.timestamp())
    there = {(each.locale, each.scope): each for each in spans if each.visible_from <= seconds < each.visible_until}
    languages = _languages(work, clinic, at) if clinic else None
    chain = _chain(clinic, languages, locale) if clinic and languages else [locale or entry.first_locale]
    found = _served(there, chain, clinic)
    told = {"id": entry.id, "type": entry.type, "clinic": clinic.slug if clinic else None, "at": instant(at),
            "requested_locale": chain[0], "languages": languages and languages.of, **_NOTHING}  # fmt: skip
    told |= _of_span(work, entry, {(each.locale, each.scope): each for each in variants}, found)
    return {**told, "publication": _publication(work, entry, scopes, at)}


_NOTHING: Told = {"state": "absent", "locale": None, "slug": None, "revision": None, "overlay_revision": None,
                  "document": None, "withdrawal": None}  # fmt: skip


@dataclass(frozen=True)
class Languages:
    """A clinic's languages, each with those that stand in for it; `of` is `then`, or `today` where no more is known."""

    of: str
    default: str
    fallbacks: dict[str, list[str]]


def _languages(work: Work, clinic: Clinic, at: dt.datetime) -> Languages:
    """Those of the newest profile by then: from the log, or from the profile itself where it has not changed since."""
    asked = select(AuditEntry.details).where(
        AuditEntry.verb == "save_clinic", AuditEntry.subject == clinic.id, AuditEntry.at <= at
    )
    told = work.session.scalar(asked.order_by(AuditEntry.number.desc()).limit(1)) or {}
    if "fallbacks" in told:
        return Languages("then", told["default_locale"], told["fallbacks"])
    now = {each["code"]: each["fallback"] for each in clinic.document["locales"]}
    unchanged = told.get("revision") == clinic.revision
    return Languages("then" if unchanged else "today", clinic.document["default_locale"], now)


def _chain(clinic: Clinic, languages: Languages, locale: str | None) -> list[str]:
    """The language asked for and those that stood in for it; a region that the clinic lacked is its language."""
    parts = (locale or languages.default).split("-")
    for length in range(len(parts), 0, -1):
        if (code := "-".join(parts[:length])) in languages.fallbacks:
            return [code, *languages.fallbacks[code]]
    detail, allowed = f"{clinic.slug} had no language {locale}.", list(languages.fallbacks)
    raise invalid_parameters([{"parameter": "locale", "code": "not_allowed", "detail": detail, "allowed": allowed}])


def _served(there: dict[tuple[str, str], Span], chain: list[str], clinic: Clinic | None) -> Span | None:
    """Hidden before all; then by language, in each the clinic before the library."""
    own = clinic.id if clinic else LIBRARY
    if hidden := there.get(("*", own)):
        return hidden
    return next((span for locale in chain for scope in (own, LIBRARY) if (span := there.get((locale, scope)))), None)


def _of_span(work: Work, entry: Entry, variants: dict[tuple[str, str], Variant], span: Span | None) -> Told:
    if span is None:
        return {}
    if span.state == "hidden":
        return {"state": "hidden"}
    if span.state == "gone":
        return {"state": "gone", "locale": span.locale, "withdrawal": _withdrawal(work, span)}
    base = _revision(variants[span.locale, entry.scope], span.revision)
    document = base.document
    if span.overlay_revision is not None:
        patch = _revision(variants[span.locale, span.scope], span.overlay_revision).document
        document = documents.laid_over(content_type(entry.type), document, patch)
    return {
        "state": "live",
        "locale": span.locale,
        "slug": base.slug,
        "revision": base.number,
        "overlay_revision": span.overlay_revision,
        "document": document,
    }


def _revision(variant: Variant, number: int | None) -> Revision:
    return next(each for each in variant.revisions if each.number == number)


def _withdrawal(work: Work, span: Span) -> Told:
    if not span.by:
        at = dt.datetime.fromtimestamp(span.visible_from, dt.UTC)
        return {"kind": "review_expired", "at": instant(at), "reason": None, "severity": None, "replacement": None}
    made = work.session.get_one(Transition, span.by)
    return {
        "kind": "recalled" if made.move == "recall" else "withdrawn",
        "at": instant(made.at),
        "reason": made.reason,
        "severity": made.severity,
        "replacement": made.replacement_id,
    }


def _publication(work: Work, entry: Entry, scopes: list[str], at: dt.datetime) -> Told | None:
    """The newest change of this entry that the site had seen by then."""
    asked = select(Publication).where(
        Publication.entry_id == entry.id, Publication.scope.in_(scopes), Publication.at <= at
    )
    found = work.session.scalar(asked.order_by(Publication.number.desc()).limit(1))
    return None if found is None else {"id": found.number, "at": instant(found.at)}
