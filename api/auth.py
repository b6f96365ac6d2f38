"""Who is asking: a key in `Authorization: Bearer`, or anyone."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select

from api.db import Database
from api.errors import CmsError
from api.models import ApiKey
from api.queries.house import House
from api.queries.nearby import no_clinic
from api.queries.typed import Typed
from api.rules import keys

READS = ("browser", "server")
"""The kinds of key that read a private clinic's published content."""


@dataclass(frozen=True)
class Caller:
    """Anyone (`kind` is None), or the bearer of a key for some clinics."""

    kind: str | None = None
    key_id: str | None = None
    clinics: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    person_id: str | None = None

    @property
    def readable(self) -> list[str]:
        """Ids of private clinics this caller may read."""
        return list(self.clinics) if self.kind in READS else []


ANYONE = Caller()
REFUSED = "This key is unknown, expired or revoked."
_KEY = Typed(
    select(ApiKey.id, ApiKey.kind, ApiKey.clinics, ApiKey.origins, ApiKey.person_id, ApiKey.expires_at,
           ApiKey.revoked_at)
    .where(ApiKey.digest == bindparam("digest"))
)  # fmt: skip


def identify(connection: Connection, authorization: str | None, now: int) -> Caller:
    """The caller that the header names. Raises unauthorized for a key that is malformed, unknown, expired or revoked.

    Looked up by digest at every request, so a revoked key is refused at the next one.
    """
    if authorization is None:
        return ANYONE
    row = next(iter(_KEY.rows(connection, {"digest": digest_of(authorization)})), None)
    expired = row is not None and row.expires_at is not None and row.expires_at.timestamp() <= now
    if row is None or row.revoked_at is not None or expired:
        raise unauthorized(REFUSED)
    return Caller(row.kind, row.id, tuple(row.clinics), tuple(row.origins), row.person_id)


def digest_of(authorization: str) -> str:
    """The digest of the key in the header. Raises unauthorized where there is none."""
    scheme, _, token = authorization.partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not keys.well_formed(token):
        raise unauthorized("The Authorization header holds no key of this service: send it as `Bearer ck_…`.")
    return keys.digest(token)


def count_use(database: Database, caller: Caller) -> None:
    """Remember in memory that a key was used now; `usage.flush_key_uses` writes it down. Lost in a crash."""
    if caller.key_id is not None:
        database.memory.setdefault("key_uses", {})[caller.key_id] = database.now()


def require_reader(connection: Connection, caller: Caller, house: House, origin: str | None) -> None:
    """Raise unless the caller may read this clinic. A private clinic answers only its own keys."""
    if not house.private:
        return
    if caller.kind is None:
        raise unauthorized("This clinic is private: send one of its keys.")
    if house.id not in caller.readable:
        raise no_clinic(connection, house.slug)
    if caller.kind == "browser" and caller.origins and origin not in caller.origins:
        detail = "This browser key is for pages of the origins it was made for; a server takes a server key."
        raise CmsError("forbidden", detail)


def unauthorized(detail: str) -> CmsError:
    return CmsError("unauthorized", detail)
