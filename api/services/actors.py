"""Who a manage key stands for, and what it may do today."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Connection, bindparam, select

from api.models import ApiKey, Person, Role
from api.queries.typed import Typed
from api.rules.permissions import HOUSE, SERVICE, Actor

_STANDING = Typed(
    select(ApiKey.clinics, ApiKey.person_id, ApiKey.revoked_at, ApiKey.expires_at, Person.deactivated_at,
           Role.role, Role.scope)
    .outerjoin(Person, Person.id == ApiKey.person_id)
    .outerjoin(Role, Role.person_id == Person.id)
    .where(ApiKey.id == bindparam("key"), ApiKey.kind == "manage")
)  # fmt: skip
"""A key, its person, and a row for each of the person's roles."""


def actor_of(connection: Connection, key_id: str, now: dt.datetime) -> Actor | None:
    """The actor behind a manage key as of now; None where the key or its person may do nothing any more.

    Read row by row, past what a session remembers. A key for clinics narrows its person's roles to these.
    """
    found = _STANDING.rows(connection, {"key": key_id})
    key = found[0] if found else None
    if key is None or key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= now):
        return None
    if key.person_id is None:
        held = {(SERVICE, scope) for scope in key.clinics or [HOUSE]}
        return Actor(key_id, None, frozenset(held), key_id)
    if key.deactivated_at is not None:
        return None
    held = {(each.role, each.scope) for each in found if each.role is not None}
    if key.clinics:
        everywhere = {role for role, scope in held if scope == HOUSE}
        held = {(role, scope) for role, scope in held if scope in key.clinics}
        held |= {(role, clinic) for role in everywhere for clinic in key.clinics}
    return Actor(key.person_id, key.person_id, frozenset(held), key_id)
