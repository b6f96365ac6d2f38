"""People as admins see and change them: of the house all, of a clinic those who work there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import func, select

from api.errors import CmsError, conflict, invalid_content, not_found
from api.models import LIBRARY, Clinic, Entry, Person, Review, Revision, Role, Share, Variant
from api.rules.overlays import merge
from api.rules.permissions import MAY, NEVER_BY_ADMIN, OPERATOR
from api.services import lookup, pages
from api.services.etags import etag
from api.services.house import house, keys
from api.services.minding import minded
from api.services.pages import Rows
from api.services.previews import shares
from api.services.published import publications, rewriting
from api.services.texts import documents
from api.services.versions import version_of
from api.services.work import Work
from schemas.person import PersonSchema

Said = dict[str, Any]
ABOUT = ("email", "name", "title", "credentials", "demo")


def every(work: Work, asked: Said, after: tuple[Any, ...] | None, size: int) -> Rows:
    """Who works here, by e-mail; narrowed by role, clinic, state and words of name or e-mail."""
    clinics = minded(work, "people")
    found = select(Person)
    if clinics is not None:
        found = found.where(Person.roles.any(Role.scope.in_(clinics)))
    if role := asked.get("filter[role]"):
        here = Role.role == role
        found = found.where(Person.roles.any(here if clinics is None else here & Role.scope.in_(clinics)))
    if clinic := asked.get("filter[clinic]"):
        scope = lookup.scope(work, None if clinic == LIBRARY else clinic)
        seen = clinics is None or scope in clinics
        found = found.where(Person.roles.any(Role.scope == scope) if seen else Person.id.is_(None))
    if stands := asked.get("filter[state]"):
        active = Person.deactivated_at.is_(None)
        found = found.where(active if stands == "active" else ~active)
    if words := asked.get("q"):
        found = found.where(
            Person.email.icontains(words, autoescape=True) | Person.name.icontains(words, autoescape=True)
        )
    return pages.page(
        work, found, (Person.email, Person.id), after, size, lambda row: {**shown(work, row[0]), "etag": tag(row[0])}
    )


def find(work: Work, person_id: str) -> Person:
    """Somebody the actor minds. Raises forbidden, not_found."""
    clinics = minded(work, "people")
    found = work.session.get(Person, person_id)
    if found is None or clinics is not None and not any(role.scope in clinics for role in found.roles):
        raise not_found("There is no such person.")
    return found


def by_email(work: Work, email: str) -> Person:
    """Somebody by e-mail address. Raises forbidden, not_found."""
    found = work.session.scalar(select(Person).where(func.lower(Person.email) == email.lower()))
    if found is None:
        raise not_found(f"There is nobody with the e-mail {email[:254]}.")
    return find(work, found.id)


def invite(work: Work, about: Said, roles: list[Said]) -> Person:
    """Somebody new, or a new place for somebody who works elsewhere in the house. Raises conflict (email_taken)."""
    clinics = minded(work, "people")
    held = _held(work, roles)
    if clinics is not None and not held:
        raise invalid_content([_fault("/roles", "required", "Name the role that the person is to have.")])
    there = work.session.scalar(select(Person).where(func.lower(Person.email) == about["email"].lower()))
    if there is not None and (clinics is None or any(role.scope in clinics for role in there.roles)):
        detail = f"{there.email} is here already as {there.id}; change the roles there."
        raise conflict([{"move": "invite", "code": "email_taken", "pointer": "/email", "detail": detail}])
    if there is not None:
        _check_no_keys(work, there, held)
    return house.invite(work, about, held)


def change(work: Work, found: Person, changes: Said) -> Person:
    """Merge changes into what is known of somebody (house only), and replace the roles that the actor minds."""
    roles = changes.pop("roles", None)
    if changes:
        work.check("people", LIBRARY)
        _rewrite(work, found, changes)
    if roles is not None:
        _replace_roles(work, found, _held(work, roles))
    return found


def deactivate(work: Work, found: Person) -> Person:
    """Refuse somebody, all keys that act for them and their share links from now on. Raises conflict (last_admin)."""
    work.check("people", LIBRARY)
    if found.deactivated_at is None:
        _check_an_admin_is_left(work, found, "deactivate")
        found.deactivated_at = work.now()
        work.log("deactivate", found.id)
        theirs = select(Share).where(Share.created_by == found.id, Share.expires_at > work.now()).order_by(Share.id)
        for link in work.session.scalars(theirs).all():
            shares.revoke(work, link)
    return found


def reactivate(work: Work, found: Person) -> Person:
    """Let somebody in again, with the roles they had; keys that were revoked stay so."""
    work.check("people", LIBRARY)
    if found.deactivated_at is not None:
        found.deactivated_at = None
        work.now()
        work.log("reactivate", found.id)
    return found


def shown(work: Work, found: Person) -> Said:
    """Somebody with the roles that the actor may know of: [{role, clinic}], clinic null for the house."""
    clinics = minded(work, "people")
    return {
        "id": found.id,
        **{name: getattr(found, name) for name in ABOUT},
        "roles": roles_told(work, {(each.role, each.scope) for each in found.roles}, clinics),
        "state": "active" if found.deactivated_at is None else "deactivated",
        "created_at": lookup.instant(found.created_at),
        "deactivated_at": lookup.instant(found.deactivated_at),
    }


def roles_told(work: Work, held: set[tuple[str, str]], clinics: frozenset[str] | None) -> list[Said]:
    """Roles as callers name them, those of the house first."""
    slugs = dict(work.session.execute(select(Clinic.id, Clinic.slug)).all())
    seen = [(role, slugs.get(scope)) for role, scope in held if clinics is None or scope in clinics]
    return [{"role": role, "clinic": slug} for role, slug in sorted(seen, key=lambda each: (each[1] or "", each[0]))]


def tag(found: Person) -> str:
    held = sorted((each.role, each.scope) for each in found.roles)
    about = [getattr(found, name) for name in ABOUT]
    return etag("person", found.id, version=version_of(about, held, found.deactivated_at))


def _rewrite(work: Work, found: Person, changes: Said) -> None:
    before = {name: getattr(found, name) for name in ABOUT}
    loaded = documents.checked(PersonSchema(), merge(before, changes), "")
    loaded["email"] = loaded["email"].lower()
    asked = select(Person.id).where(func.lower(Person.email) == loaded["email"], Person.id != found.id)
    if work.session.scalar(asked) is not None:
        detail = "Somebody else has this e-mail address."
        raise conflict([{"move": "save", "code": "email_taken", "pointer": "/email", "detail": detail}])
    changed = sorted(name for name in ABOUT if loaded[name] != before[name])
    for name in changed:
        setattr(found, name, loaded[name])
    if changed:
        work.log("change_person", found.id, changed=changed)
    if set(changed) - {"email"}:
        _tell_readers(work, found)


def _tell_readers(work: Work, found: Person) -> None:
    """What a reviewer is called stands beside each text they reviewed."""
    asked = select(Entry).join(Variant).join(Revision, Revision.variant_id == Variant.id).join(Review).where(
        Review.reviewer_id == found.id, Review.kind == "medical", Review.decision == "approved"
    )  # fmt: skip
    work.flush()
    reviewed = list(work.session.scalars(asked.distinct()))
    rewriting.together(work, reviewed)
    if reviewed:
        tags = sorted({tag for entry in reviewed for tag in publications.tags_of(entry, entry.scope)})
        publications.publish_change(work, "person", LIBRARY, tags)


def _replace_roles(work: Work, found: Person, wanted: list[tuple[str, str]]) -> None:
    clinics = minded(work, "people")
    mine = [each for each in found.roles if clinics is None or each.scope in clinics]
    had, wants = {(each.role, each.scope) for each in mine}, set(wanted)
    if had == wants:
        return
    if found.id == work.actor.person_id and wants - had:
        raise CmsError("forbidden", "Nobody gives themselves a role; another admin does.")
    _check_no_keys(work, found, wants - had)
    if ("admin", LIBRARY) in had - wants:
        _check_an_admin_is_left(work, found, "save")
    for each in mine:
        if (each.role, each.scope) not in wants:
            found.roles.remove(each)
    found.roles += [Role(role=role, scope=scope) for role, scope in sorted(wants - had)]
    work.flush()
    scopes = sorted({scope for _, scope in had ^ wants})
    told = {name: sorted(f"{role}@{scope}" for role, scope in roles)
            for name, roles in (("given", wants - had), ("taken", had - wants))}  # fmt: skip
    work.log("change_roles", found.id, **told, **({"scope": scopes[0]} if len(scopes) == 1 else {}))


def _held(work: Work, roles: list[Said]) -> list[tuple[str, str]]:
    """Roles of a body as (role, scope). Raises invalid_content for unknown clinics, forbidden for others' ones."""
    ids = {slug: id_ for id_, slug in work.session.execute(select(Clinic.id, Clinic.slug)) if work.actor.sees(id_)}
    unknown = sorted({each["clinic"] for each in roles if each["clinic"] not in (None, *ids)})
    if unknown:
        raise invalid_content([_fault("/roles", "unknown_reference", f"There is no clinic {x}.") for x in unknown])
    held = [(each["role"], LIBRARY if each["clinic"] is None else ids[each["clinic"]]) for each in roles]
    for _, scope in held:
        if not work.actor.may("people", scope):
            raise CmsError("forbidden", "You may only give roles in clinics of which you are an admin.")
    return sorted(set(held))


def _check_no_keys(work: Work, found: Person, gained: Iterable[tuple[str, str]]) -> None:
    """Nobody becomes a doctor while a key stands in their name: whoever knows that key would approve as the doctor.

    Who made it does not count: a key in an admin's name makes others in that name.
    """
    approving = {role for act in NEVER_BY_ADMIN for role in MAY[act]}
    if work.actor.id == OPERATOR.id or not approving & {role for role, _ in gained}:
        return
    work.now()
    if known := keys.standing(work, found):
        named = ", ".join(each.id for each in keys.every(work) if each.id in known) or "them"
        detail = f"Keys act in this person's name, and others may know them; revoke {named} first."
        raise conflict([{"move": "save", "code": "has_keys", "pointer": "/roles", "detail": detail}])


def _check_an_admin_is_left(work: Work, found: Person, move: str) -> None:
    """The house lock is held by now, so two admins can't take the role from each other at once."""
    others = select(func.count(Person.id)).join(Role).where(
        Role.role == "admin", Role.scope == LIBRARY, Person.deactivated_at.is_(None), Person.id != found.id
    )  # fmt: skip
    is_one = found.deactivated_at is None and any((each.role, each.scope) == ("admin", LIBRARY) for each in found.roles)
    if is_one and not work.session.scalar(others):
        detail = "This is the last admin of the house; make somebody else one first."
        raise conflict([{"move": move, "code": "last_admin", "pointer": "", "detail": detail}])


def _fault(pointer: str, code: str, detail: str) -> Said:
    return {"pointer": pointer, "code": code, "detail": detail}
