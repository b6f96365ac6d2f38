"""Who a manage key stands for, and what it may do today."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, select

from api.models import ApiKey, Person, Role
from api.queries.typed import Typed
from api.rules.permissions import HOUSE, SERVICE, Actor

_HOLDERS = (
    select(ApiKey.id, ApiKey.kind, ApiKey.clinics, ApiKey.person_id, ApiKey.revoked_at, ApiKey.expires_at,
           Person.deactivated_at, Role.role, Role.scope)
    .outerjoin(Person, Person.id == ApiKey.person_id)
    .outerjoin(Role, Role.person_id == Person.id)
)  # fmt: skip
"""A key, its person, and a row for each of the person's roles."""
_BY_ID, _BY_DIGEST = (Typed(_HOLDERS.where(each == bindparam("key"))) for each in (ApiKey.id, ApiKey.digest))


@dataclass(frozen=True)
class Holder:
    """Who bears a key: of which kind it is, and for whom it acts, None where it is no manage key or may do nothing."""

    key_id: str
    kind: str
    actor: Actor | None


def holder(connection: Connection, digest: str, now: dt.datetime) -> Holder | None:
    """Who bears the key of this digest; None where it is unknown, expired or revoked.

    Looked up at every request, so a revoked key is refused at the next one.
    """
    found = _BY_DIGEST.rows(connection, {"key": digest})
    return Holder(found[0].id, found[0].kind, _actor(found)) if found and _stands(found[0], now) else None


def actor_of(connection: Connection, key_id: str, now: dt.datetime) -> Actor | None:
    """The actor behind a manage key as of now; None where the key or its person may do nothing any more.

    Read row by row, past what a session remembers. A key for clinics narrows its person's roles to these.
    """
    found = _BY_ID.rows(connection, {"key": key_id})
    return _actor(found) if found and _stands(found[0], now) else None


def _stands(key: Any, now: dt.datetime) -> bool:
    return key.revoked_at is None and (key.expires_at is None or key.expires_at > now)


def _actor(found: list[Any]) -> Actor | None:
    key = found[0]
    if key.kind != "manage":
        return None
    if key.person_id is None:
        held = {(SERVICE, scope) for scope in key.clinics or [HOUSE]}
        return Actor(key.id, None, frozenset(held), key.id)
    if key.deactivated_at is not None:
        return None
    held = {(each.role, each.scope) for each in found if each.role is not None}
    if key.clinics:
        everywhere = {role for role, scope in held if scope == HOUSE}
        held = {(role, scope) for role, scope in held if scope in key.clinics}
        held |= {(role, clinic) for role in everywhere for clinic in key.clinics}
    return Actor(key.person_id, key.person_id, frozenset(held), key.id)
