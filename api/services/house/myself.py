"""Who asks: for whom the key acts, with which roles, until when."""

from __future__ import annotations

from typing import Any

from api.models import ApiKey, Person
from api.services.house import keys, people
from api.services.work import Work


def shown(work: Work) -> dict[str, Any]:
    """{person, roles, key} of the actor, as of now."""
    actor = work.actor
    person = work.session.get(Person, actor.person_id) if actor.person_id else None
    key = work.session.get_one(ApiKey, actor.key_id)
    about = {name: getattr(person, name) for name in ("id", "email", "name", "title")} if person else None
    return {"person": about, "roles": people.roles_told(work, set(actor.roles), None), "key": keys.shown(work, key)}
