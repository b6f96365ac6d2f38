"""Partners as admins see and change them: sites that embed, and under which terms."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from api.errors import conflict, invalid_content, not_found
from api.models import LIBRARY, ApiKey, Clinic, Entry, Partner
from api.queries.partners import tag as tag_of
from api.rules.overlays import merge
from api.services import lookup
from api.services.etags import etag
from api.services.house import keys
from api.services.minding import minded, within
from api.services.pages import Rows
from api.services.partners.snippets import snippet
from api.services.published import publications
from api.services.texts import documents
from api.services.work import Work
from schemas.managed.partners import PartnerBody

Said = dict[str, Any]
NARROWING = ("origins", "clinics", "types", "topics", "locales")
OTHER_TERMS = ("attribution", "licence", "indexing")


def create(work: Work, said: Said) -> Partner:
    """A new partner, as a body tells of it: `clinics` are slugs. Raises forbidden, invalid_content.

    Whoever makes one minds partners everywhere it reaches.
    """
    told = _checked(work, said)
    made = Partner(id=work.new_id("ptn"), created_at=work.now(), **told, updated_at=work.now())
    work.session.add(made)
    work.flush()
    _publish(work, made, hard=False)
    work.log("create_partner", made.id, name=made.name, **_told_in_the_log(told), **_where(made))
    return made


def patch(work: Work, partner: Partner, changes: Said) -> Partner:
    """Merge changes into a partner (RFC 7396); nothing happens if nothing changed. Raises conflict if it has ended."""
    if partner.ended_at is not None:
        detail = "The partner has ended; make a new one."
        raise conflict([{"move": "save", "code": "ended", "pointer": "", "detail": detail}])
    body = documents.checked(PartnerBody(), merge(_body(work, partner), changes), "")
    told = _checked(work, body)
    changed = [name for name, value in told.items() if getattr(partner, name) != value]
    if not changed:
        return partner
    for name in changed:
        setattr(partner, name, told[name])
    partner.updated_at = work.now()
    for key in _keys(work, partner):
        key.clinics = list(partner.clinics)
    work.flush()
    _publish(work, partner, hard=changed != ["name"])
    about = {name: told[name] for name in changed}
    work.log("change_partner", partner.id, **_told_in_the_log(about), **_where(partner))
    return partner


def end(work: Work, partner: Partner) -> Partner:
    """End a partner: nothing is embedded in its name any more, and its keys are refused. Its usage stays."""
    if partner.ended_at is None:
        partner.ended_at = partner.updated_at = work.now()
        for key in _keys(work, partner):
            keys.revoke(work, key.id)
        work.flush()
        _publish(work, partner, hard=True)
        work.log("end_partner", partner.id, name=partner.name, **_where(partner))
    return partner


def find(work: Work, partner_id: str) -> Partner:
    """A partner that the actor minds. Raises forbidden, not_found."""
    clinics = minded(work, "partners")
    found = work.session.get(Partner, partner_id)
    if found is None or not within(found.clinics, clinics):
        raise not_found("There is no such partner.")
    return found


def every(work: Work) -> list[Partner]:
    """The partners that the actor minds, newest first."""
    clinics = minded(work, "partners")
    found = work.session.scalars(select(Partner).order_by(Partner.created_at.desc(), Partner.id.desc()))
    return [each for each in found if within(each.clinics, clinics)]


def listed(work: Work, asked: Said, after: tuple[Any, ...] | None, size: int, public_url: str) -> Rows:
    """One page of them, narrowed by state and clinic."""
    clinic = asked.get("filter[clinic]")
    scope = lookup.own_clinic(work, clinic).id if clinic else None
    found = [
        each
        for each in every(work)
        if asked.get("filter[state]", state(each)) == state(each)
        and (scope is None or scope in each.clinics)
        and (after is None or _place(each) < tuple(after))
    ]
    last = _place(found[size - 1]) if len(found) > size else None
    return Rows([{**shown(work, each, public_url), "etag": tag(each)} for each in found[:size]], last)


def state(partner: Partner) -> str:
    return "active" if partner.ended_at is None else "ended"


def shown(work: Work, partner: Partner, public_url: str) -> Said:
    """A partner as its keepers see it, with the line of HTML to paste."""
    instants = {name: lookup.instant(getattr(partner, name)) for name in ("created_at", "updated_at", "ended_at")}
    return {**terms(work, partner, public_url), **instants}


def terms(work: Work, partner: Partner, public_url: str) -> Said:
    """What a partner may know of itself."""
    return {
        "id": partner.id,
        "state": state(partner),
        **_body(work, partner),
        "snippet": snippet(work, partner, public_url),
    }


def tag(partner: Partner) -> str:
    return etag("partner", partner.id, version=partner.version)


def _body(work: Work, partner: Partner) -> Said:
    """A partner as a body would tell of it."""
    slugs = lookup.slugs_of_clinics(work)
    about = {name: list(getattr(partner, name)) for name in NARROWING}
    named = [slugs.get(each, each) for each in partner.clinics]
    return {"name": partner.name, **about, "clinics": named, **{name: partner.terms[name] for name in OTHER_TERMS}}


def _checked(work: Work, said: Said) -> Said:
    """The columns that a body makes, each name once. Raises forbidden, invalid_content."""
    minded(work, "partners")
    clinics, faults = lookup.named_clinics(work, said["clinics"])
    if not faults:
        for scope in clinics or [LIBRARY]:
            work.check("partners", scope)
    faults += _unknown_topics(work, said["topics"], clinics)
    faults += _unspoken(work, said["locales"], clinics)
    if faults:
        raise invalid_content(faults)
    lists = {name: list(dict.fromkeys(said[name])) for name in NARROWING if name != "clinics"}
    return {"name": said["name"], "clinics": clinics, **lists, "terms": {name: said[name] for name in OTHER_TERMS}}


def _unknown_topics(work: Work, ids: list[str], clinics: list[str]) -> list[Said]:
    """Topics of the library, or of the partner's own clinics; a foreign one reads like one that never was."""
    asked = select(Entry.id).where(Entry.id.in_(ids), Entry.type == "topic", Entry.archived_at.is_(None))
    if clinics:
        asked = asked.where(Entry.scope.in_([LIBRARY, *clinics]))
    known = set(work.session.scalars(asked)) if ids else set()
    return [
        {"pointer": "/topics", "code": "unknown_reference", "detail": f"There is no topic {each}."}
        for each in dict.fromkeys(ids)
        if each not in known
    ]


def _unspoken(work: Work, locales: list[str], clinics: list[str]) -> list[Said]:
    """Languages that none of the clinics has: nothing would ever be shown in them."""
    asked = select(Clinic.document)
    if clinics:
        asked = asked.where(Clinic.id.in_(clinics))
    spoken = {each["code"] for profile in work.session.scalars(asked) for each in profile["locales"]} if locales else ()
    return [
        {"pointer": "/locales", "code": "not_allowed", "detail": f"None of the clinics has texts in {each}.",
         "allowed": sorted(spoken)}
        for each in dict.fromkeys(locales)
        if each not in spoken
    ]  # fmt: skip


def _publish(work: Work, partner: Partner, *, hard: bool) -> None:
    """Whatever was made in its name is old; `hard`: it must not be shown any more, whatever else fails."""
    tags = [tag_of(partner.id)]
    publications.publish_change(work, "partner", LIBRARY, tags)
    work.purge(tags, hard=hard)


def _keys(work: Work, partner: Partner) -> Iterable[ApiKey]:
    return work.session.scalars(select(ApiKey).where(ApiKey.partner_id == partner.id)).all()


def _where(partner: Partner) -> dict[str, str]:
    """The one scope a line of the log is about, if it is one."""
    return {"scope": partner.clinics[0]} if len(partner.clinics) == 1 else {}


def _told_in_the_log(columns: Said) -> Said:
    return {name: value for name, value in columns.items() if name != "name"}


def _place(partner: Partner) -> tuple[int, str]:
    return int(partner.created_at.timestamp()), partner.id
