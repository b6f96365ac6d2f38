"""Keys: create, list, revoke; the key itself is shown once and never kept."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select

from api.errors import not_found
from api.models import LIBRARY, ApiKey
from api.rules import keys as rules
from api.services.work import Work


def create(
    work: Work,
    kind: str,
    name: str,
    *,
    clinics: list[str],
    person_id: str | None = None,
    origins: list[str] | None = None,
    expires_at: dt.datetime | None = None,
) -> tuple[ApiKey, str]:
    """A new key for clinics (ids): (its row, the key to show once)."""
    work.check("keys", LIBRARY)
    secret = rules.make(kind)
    key = ApiKey(
        id=work.new_id("key"),
        kind=kind,
        name=name,
        hint=rules.hint(secret),
        digest=rules.digest(secret),
        clinics=clinics,
        person_id=person_id,
        origins=origins or [],
        created_at=work.now(),
        expires_at=expires_at,
    )
    work.session.add(key)
    work.log("create_key", key.id, kind=kind, name=name, clinics=clinics)
    return key, secret


def revoke(work: Work, key_id: str) -> ApiKey:
    """Refuse a key from now on. Raises not_found."""
    work.check("keys", LIBRARY)
    key = work.session.get(ApiKey, key_id)
    if key is None:
        raise not_found(f"There is no key {key_id}.")
    key.revoked_at = key.revoked_at or work.now()
    work.log("revoke_key", key.id)
    return key


def every(work: Work) -> list[ApiKey]:
    """All keys, newest first; nothing in them gives a key away."""
    return list(work.session.scalars(select(ApiKey).order_by(ApiKey.created_at.desc(), ApiKey.id)))
