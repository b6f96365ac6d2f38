"""Redirects that editors write, as they see and change them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from api.errors import conflict, invalid_content, not_found
from api.models import Clinic, Redirect
from api.queries import redirects as read
from api.queries.found import Depends
from api.queries.house import house as known_house
from api.queries.paths import here, normal
from api.queries.reader import Reader
from api.services import lookup, pages
from api.services.etags import etag
from api.services.house import house
from api.services.pages import Rows
from api.services.published import publications
from api.services.texts import documents
from api.services.texts.selecting import visible
from api.services.versions import version_of
from api.services.work import Work
from schemas.clinic import RedirectSchema

HIGHEST = 2**31 - 1


def every(work: Work, asked: dict[str, Any], after: tuple[Any, ...] | None, size: int) -> Rows:
    """What was written for the actor's clinics, in order of clinic and path."""
    found = select(Redirect, Clinic.slug).join(Clinic, Clinic.id == Redirect.clinic_id)
    found = found.where(visible(work.actor, Redirect.clinic_id))
    if slug := asked.get("filter[clinic]"):
        found = found.where(Redirect.clinic_id == lookup.own_clinic(work, slug).id)
    order = (Redirect.clinic_id, Redirect.id)
    return pages.page(work, found, order, after, size, lambda row: {**_told(row[0], row[1]), "etag": tag(row[0])})


def find(work: Work, redirect_id: str) -> Redirect:
    """A redirect of a clinic that the actor works for. Raises not_found."""
    number = int(redirect_id) if redirect_id.isascii() and redirect_id.isdigit() and len(redirect_id) < 11 else 0
    found = work.session.get(Redirect, number) if 0 < number <= HIGHEST else None
    if found is None or not work.actor.sees(found.clinic_id):
        raise not_found("There is no such redirect.")
    return found


def create(work: Work, clinic_slug: str, redirect: dict[str, Any]) -> Redirect:
    """A new redirect. Raises invalid_content (circle), conflict (path_taken)."""
    clinic = lookup.own_clinic(work, clinic_slug)
    work.check("redirects", clinic.id)
    work.now()
    loaded = documents.checked(RedirectSchema(), redirect, "")
    _check(work, clinic, loaded, None)
    return house.put_redirect(work, None, clinic, loaded)


def change(work: Work, found: Redirect, redirect: dict[str, Any]) -> Redirect:
    """Replace a redirect. Raises invalid_content (circle), conflict (path_taken)."""
    work.check("redirects", found.clinic_id)
    loaded = documents.checked(RedirectSchema(), redirect, "")
    clinic = work.session.get_one(Clinic, found.clinic_id)
    _check(work, clinic, loaded, found)
    return house.put_redirect(work, found, clinic, loaded)


def remove(work: Work, found: Redirect) -> None:
    """Take a redirect away."""
    work.check("redirects", found.clinic_id)
    publications.publish_change(work, "redirect", found.clinic_id, [f"r:{found.clinic_id}"])
    work.log("remove_redirect", found.clinic_id, path=found.from_path, to=found.to_path)
    work.session.delete(found)


def shown(work: Work, found: Redirect) -> dict[str, Any]:
    return _told(found, work.session.get_one(Clinic, found.clinic_id).slug)


def tag(found: Redirect) -> str:
    return etag("redirect", str(found.id), version=version_of(found.from_path, found.to_path, found.status))


def _told(found: Redirect, clinic: str) -> dict[str, Any]:
    about = {"id": str(found.id), "clinic": clinic, "from": found.from_path, "to": found.to_path}
    return {**about, "status": found.status, "created_at": lookup.instant(found.created_at)}


def _check(work: Work, clinic: Clinic, loaded: dict[str, Any], found: Redirect | None) -> None:
    """Refuse a path that leads somewhere already, and a way that comes back to where it starts."""
    asked = select(Redirect).where(Redirect.clinic_id == clinic.id)
    others = [each for each in work.session.scalars(asked) if found is None or each.id != found.id]
    start = normal(loaded["from"])
    if any(normal(each.from_path) == start for each in others):
        detail = f"There is a redirect from {loaded['from']} already."
        raise conflict([{"move": "save", "code": "path_taken", "pointer": "/from", "detail": detail}])
    ways = _left_behind(work, clinic) | {normal(each.from_path): _here(clinic, each.to_path) for each in others}
    ways[start] = _here(clinic, loaded["to"])
    seen: list[str] = [start]
    while (at := ways.get(seen[-1])) is not None:
        if at == start:
            detail = f"That leads in a circle: {' → '.join([*seen, at])}."
            raise invalid_content([{"pointer": "/to", "code": "circle", "detail": detail[:500]}])
        if at in seen:
            return
        seen.append(at)


def _left_behind(work: Work, clinic: Clinic) -> dict[str, str]:
    """Where former slugs lead, as readers see it now."""
    with work.database.reading() as connection:
        known = known_house(work.database, connection, clinic.slug)
        if known is None:
            return {}
        reader = Reader(known, known.locales, work.database.now())
        left = read.left_behind(connection, reader, Depends()) | read.of_categories(connection, reader)
    return {normal(path): normal(target) for path, (target, _) in left.items()}


def _here(clinic: Clinic, target: str) -> str:
    return here(clinic.document.get("site_url"), target)
