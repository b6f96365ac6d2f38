"""Who minds what of the house: all of it, or some clinics; and writing under the lock, so that no edit is lost."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from api.models import LIBRARY
from api.rules.permissions import Actor
from api.services.work import Work, require_standing


def minded(work: Work, act: str) -> frozenset[str] | None:
    """The clinics (ids) in which the actor may do it; None for the whole house. Raises forbidden for nowhere."""
    if work.actor.may(act, LIBRARY):
        return None
    clinics = frozenset(scope for scope in scopes(work.actor) if work.actor.may(act, scope))
    if not clinics:
        work.check(act, LIBRARY)
    return clinics


def within(scopes: Collection[str], clinics: frozenset[str] | None) -> bool:
    """Whether what is for these scopes, of the whole house if none is named, lies within what somebody minds."""
    return clinics is None or bool(scopes) and set(scopes) <= clinics


def scopes(actor: Actor) -> frozenset[str]:
    """Where the actor holds any role."""
    return frozenset(scope for _, scope in actor.roles)


def hold(work: Work) -> None:
    """Take the house lock before what is to be changed is read, so that If-Match is checked on what is there.

    From here on the actor may change its own roles or key: that it still stood was settled now, and nobody else can
    change that before the commit.
    """
    work.now()
    require_standing(work)
    work.actor = replace(work.actor, key_id=None)
