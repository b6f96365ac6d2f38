"""Logos of clinics: which picture may be one."""

from __future__ import annotations

from typing import Any

from api.errors import invalid_content
from api.models import LIBRARY, Clinic, Media
from api.services.work import Work

Fault = dict[str, Any]


def require(work: Work, clinic: Clinic | None, profile: dict[str, Any]) -> None:
    """Raise invalid_content unless the picture that a profile names may be that clinic's logo, or it names none."""
    media_id = profile.get("logo")
    if media_id is None:
        return
    found = work.session.get(Media, media_id)
    mine = (LIBRARY, clinic.id) if clinic else (LIBRARY,)
    if found is None or found.scope not in mine or found.form != "image":
        raise invalid_content([_fault("unknown_picture", f"There is no picture {media_id}.")])
    faults = [
        _fault("alt_missing", f'The picture has no alternative text in {locale}, which the clinic speaks: '
                              f'PATCH /v1/manage/media/{found.id} {{"alt": {{"{locale}": "…"}}}}')
        for locale in sorted({each["code"] for each in profile["locales"]} - set(found.alt))
    ]  # fmt: skip
    if clinic is None or clinic.document.get("logo") != media_id:
        faults += _of_a_person(work, clinic, found)
    if faults:
        raise invalid_content(faults)


def _of_a_person(work: Work, clinic: Clinic | None, media: Media) -> list[Fault]:
    """A picture of a person needs a consent that holds now and takes this clinic in."""
    if media.ends_at is not None and media.ends_at <= work.now():
        how = "has ended" if media.consent else "is missing"
        return [_fault("consent_missing", f"The picture shows a person, whose consent {how}.")]
    clinics = (media.consent or {}).get("clinics") or []
    if media.shows_person and clinics and (clinic is None or clinic.id not in clinics):
        return [_fault("consent_missing", "The picture shows a person, whose consent leaves this clinic out.")]
    return []


def _fault(code: str, detail: str) -> Fault:
    return {"pointer": "/logo", "code": code, "detail": detail}
