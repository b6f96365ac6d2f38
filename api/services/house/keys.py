"""Keys: create, list, rotate, revoke; the key itself is shown once and never kept."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import select

from api.errors import CmsError, conflict, invalid_content, not_found
from api.models import LIBRARY, ApiKey, Partner, Person, Role
from api.rules import keys as rules
from api.rules.permissions import NEVER_BY_ADMIN, OPERATOR, Actor
from api.services import lookup
from api.services.etags import etag
from api.services.minding import minded, within
from api.services.pages import Rows
from api.services.versions import version_of
from api.services.work import Work

STATES = ("active", "expired", "revoked")
READ_A_CLINIC = ("browser", "server", "preview")


def create(
    work: Work,
    kind: str,
    name: str,
    *,
    clinics: list[str],
    person_id: str | None = None,
    partner_id: str | None = None,
    origins: list[str] | None = None,
    expires_at: dt.datetime | None = None,
    rotated_from: str | None = None,
) -> tuple[ApiKey, str]:
    """A new key for clinics (ids), for the house where none is named: (its row, the key to show once).

    A partner's key is for the clinics of its partner. Whoever makes a key minds keys everywhere it reaches.
    """
    for scope in clinics or [LIBRARY]:
        work.check("keys", scope)
    if kind == "preview" and LIBRARY not in clinics and work.actor.may("keys", LIBRARY):
        clinics = [*clinics, LIBRARY]  # Who minds the whole house lets the key see drafts of the library too.
    secret = rules.make(kind)
    key = ApiKey(
        id=work.new_id("key"),
        kind=kind,
        name=name,
        hint=rules.hint(secret),
        digest=rules.digest(secret),
        clinics=clinics,
        person_id=person_id,
        partner_id=partner_id,
        origins=origins or [],
        created_at=work.now(),
        expires_at=expires_at,
        rotated_from=rotated_from,
    )
    work.session.add(key)
    about = {"kind": kind, "name": name, "clinics": clinics, "person": person_id, "rotated_from": rotated_from}
    about |= {"partner": partner_id} if partner_id else {}
    work.log("create_key", key.id, **about, expires_at=lookup.instant(expires_at), **_where(key))
    return key, secret


def ask_for(work: Work, said: dict[str, Any]) -> tuple[ApiKey, str]:
    """A new key as a body asks for it: {kind, name, clinics (slugs), person, partner, origins, expires_at}."""
    if said["kind"] == "partner":
        return _ask_for_a_partner(work, said)
    clinics, faults = lookup.named_clinics(work, said["clinics"])
    kind, person, expires_at = said["kind"], said["person"], said["expires_at"]
    if kind in READ_A_CLINIC and not said["clinics"]:
        faults.append(_fault("/clinics", "required", f"A {kind} key reads the clinics that it names; name one."))
    if person is not None and kind != "manage":
        faults.append(_fault("/person", "not_allowed", "Only a manage key acts for a person."))
    if said["origins"] and kind != "browser":
        faults.append(_fault("/origins", "not_allowed", "Only a browser key is held to origins."))
    if said["partner"] is not None:
        faults.append(_fault("/partner", "not_allowed", "Only a partner key names a partner."))
    faults += _past(work, expires_at)
    if person is not None and not _works_here(work, person):
        faults.append(_fault("/person", "unknown_reference", "There is no such person at work here."))
    if faults:
        raise invalid_content(faults)
    _check_no_stronger(work, person)
    return create(
        work, kind, said["name"], clinics=clinics, person_id=person, origins=said["origins"], expires_at=expires_at
    )


def _ask_for_a_partner(work: Work, said: dict[str, Any]) -> tuple[ApiKey, str]:
    """A key for a partner's own view: it reaches as far as the partner, and no further."""
    told = "A partner key goes by its partner alone."
    faults = [_fault(f"/{name}", "not_allowed", told) for name in ("clinics", "person", "origins") if said[name]]
    faults += _past(work, said["expires_at"])
    partner = work.session.get(Partner, said["partner"]) if said["partner"] else None
    if said["partner"] is None:
        faults.append(_fault("/partner", "required", "A partner key shows a partner its own view; name the partner."))
    elif partner is None or partner.ended_at is not None or not within(partner.clinics, minded(work, "keys")):
        faults.append(_fault("/partner", "unknown_reference", "There is no such partner."))
    if faults or partner is None:
        raise invalid_content(faults)
    clinics, ends = list(partner.clinics), said["expires_at"]
    return create(work, "partner", said["name"], clinics=clinics, partner_id=partner.id, expires_at=ends)


def _past(work: Work, ends: dt.datetime | None) -> list[dict[str, Any]]:
    if ends is None or ends > work.now():
        return []
    return [_fault("/expires_at", "past", "Give an instant that lies ahead.")]


def _check_no_stronger(work: Work, person_id: str | None) -> None:
    """Refuse a key that may do what its maker may not: an admin would approve as the doctor, by a key in their name.

    The doctor makes such a key, or the operator at the command line.
    """
    if person_id is None or work.actor.id in (OPERATOR.id, person_id):
        return
    work.now()  # Under the house lock, so that nobody is given the role while their key is made.
    held = work.session.execute(select(Role.role, Role.scope).where(Role.person_id == person_id)).all()
    theirs = Actor(person_id, person_id, frozenset((role, scope) for role, scope in held))
    if any(theirs.may(act, scope) and not work.actor.may(act, scope) for _, scope in held for act in NEVER_BY_ADMIN):
        detail = "This person may approve clinical texts: only they, or the command line, make a key in their name."
        raise CmsError("forbidden", detail)


def standing(work: Work, person: Person) -> list[str]:
    """Ids of the keys in somebody's name that still open."""
    asked = select(ApiKey).where(ApiKey.person_id == person.id, ApiKey.revoked_at.is_(None))
    return [each.id for each in work.session.scalars(asked.order_by(ApiKey.id)) if state(work, each) == "active"]


def revoke(work: Work, key_id: str) -> ApiKey:
    """Refuse a key from now on. Raises not_found."""
    key = find(work, key_id)
    if key.revoked_at is None:
        key.revoked_at = work.now()
        work.log("revoke_key", key.id, **_where(key))
    return key


def rotate(work: Work, key: ApiKey, overlap_seconds: int) -> tuple[ApiKey, str]:
    """A new key with the same rights and the same length of life; the old one ends after the overlap.

    Raises conflict for a key that is of no use any more.
    """
    minded(work, "keys")
    _check_no_stronger(work, key.person_id)
    now = work.now()
    if (stands := state(work, key)) != "active":
        raise conflict([{"move": "rotate", "code": stands, "pointer": "", "detail": f"The key is {stands}."}])
    life = None if key.expires_at is None else now + (key.expires_at - key.created_at)
    made = create(
        work, key.kind, key.name, clinics=list(key.clinics), person_id=key.person_id,
        partner_id=key.partner_id, origins=list(key.origins), expires_at=life, rotated_from=key.id,
    )  # fmt: skip
    ends = now + dt.timedelta(seconds=overlap_seconds)
    key.expires_at = ends if key.expires_at is None else min(key.expires_at, ends)
    work.log("rotate_key", key.id, to=made[0].id, ends_at=lookup.instant(key.expires_at), **_where(key))
    return made


def find(work: Work, key_id: str) -> ApiKey:
    """A key that the actor minds. Raises forbidden, not_found."""
    clinics = minded(work, "keys")
    key = work.session.get(ApiKey, key_id)
    if key is None or not within(key.clinics, clinics):
        raise not_found(f"There is no key {key_id[:40]}.")
    return key


def every(work: Work) -> list[ApiKey]:
    """The keys the actor minds, newest first; nothing in them gives a key away."""
    clinics = minded(work, "keys")
    found = work.session.scalars(select(ApiKey).order_by(ApiKey.created_at.desc(), ApiKey.id.desc()))
    return [key for key in found if within(key.clinics, clinics)]


def listed(work: Work, asked: dict[str, Any], after: tuple[Any, ...] | None, size: int) -> Rows:
    """One page of them, narrowed by kind, state, clinic and person."""
    clinic = asked.get("filter[clinic]")
    scope = lookup.own_clinic(work, clinic).id if clinic else None
    found = [
        key
        for key in every(work)
        if asked.get("filter[kind]", key.kind) == key.kind
        and asked.get("filter[person]", key.person_id) == key.person_id
        and asked.get("filter[state]", state(work, key)) == state(work, key)
        and (scope is None or scope in key.clinics)
        and (after is None or _place(key) < tuple(after))
    ]
    last = _place(found[size - 1]) if len(found) > size else None
    slugs = lookup.slugs_of_clinics(work)
    return Rows([{**_told(work, key, slugs), "etag": tag(key)} for key in found[:size]], last)


def state(work: Work, key: ApiKey) -> str:
    """active, expired or revoked, as of now."""
    if key.revoked_at is not None:
        return "revoked"
    return "expired" if key.expires_at is not None and key.expires_at <= work.database.instant() else "active"


def shown(work: Work, key: ApiKey) -> dict[str, Any]:
    """A key as its keepers see it: neither the key nor its digest is in it."""
    return _told(work, key, lookup.slugs_of_clinics(work))


def tag(key: ApiKey) -> str:
    return etag("key", key.id, version=version_of(key.revoked_at, key.expires_at))


def _told(work: Work, key: ApiKey, slugs: dict[str, str]) -> dict[str, Any]:
    instants = ("created_at", "expires_at", "revoked_at", "last_used_at")
    return {
        "id": key.id,
        "kind": key.kind,
        "name": key.name,
        "hint": key.hint,
        "clinics": [slugs.get(each, each) for each in key.clinics if each != LIBRARY],
        "library": LIBRARY in key.clinics,
        "person": key.person_id,
        "partner": key.partner_id,
        "origins": key.origins,
        "state": state(work, key),
        **{name: lookup.instant(getattr(key, name)) for name in instants},
        "rotated_from": key.rotated_from,
    }


def _place(key: ApiKey) -> tuple[int, str]:
    return int(key.created_at.timestamp()), key.id


def _where(key: ApiKey) -> dict[str, str]:
    """The one scope a line of the log is about, if it is one."""
    return {"scope": key.clinics[0]} if len(key.clinics) == 1 else {}


def _works_here(work: Work, person_id: str) -> bool:
    """Whether somebody is active, and visible to who makes the key."""
    clinics = minded(work, "keys")
    asked = select(Person.id).where(Person.id == person_id, Person.deactivated_at.is_(None))
    if clinics is not None:
        asked = asked.where(Person.roles.any(Role.scope.in_(clinics)))
    return work.session.scalar(asked) is not None


def _fault(pointer: str, code: str, detail: str) -> dict[str, Any]:
    return {"pointer": pointer, "code": code, "detail": detail}
