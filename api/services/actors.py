"""Who a manage key stands for, and what it may do today."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.models import ApiKey, Person, Role
from api.rules.permissions import HOUSE, SERVICE, Actor


def actor_of(session: Session, key_id: str, now: dt.datetime) -> Actor | None:
    """The actor behind a manage key as of now; None where the key or its person may do nothing any more.

    Read row by row, past what the session remembers. A key for clinics narrows its person's roles to these.
    """
    asked = select(ApiKey.clinics, ApiKey.person_id, ApiKey.revoked_at, ApiKey.expires_at)
    key = session.execute(asked.where(ApiKey.id == key_id, ApiKey.kind == "manage")).one_or_none()
    if key is None or key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= now):
        return None
    if key.person_id is None:
        held = {(SERVICE, scope) for scope in key.clinics or [HOUSE]}
        return Actor(key_id, None, frozenset(held), key_id)
    left = session.execute(select(Person.deactivated_at).where(Person.id == key.person_id)).one_or_none()
    if left is None or left.deactivated_at is not None:
        return None
    roles = session.execute(select(Role.role, Role.scope).where(Role.person_id == key.person_id)).all()
    held = {(role, scope) for role, scope in roles}
    if key.clinics:
        everywhere = {role for role, scope in held if scope == HOUSE}
        held = {(role, scope) for role, scope in held if scope in key.clinics}
        held |= {(role, clinic) for role in everywhere for clinic in key.clinics}
    return Actor(key.person_id, key.person_id, frozenset(held), key_id)
