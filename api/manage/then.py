"""What a site said at an instant: the answer to `?at=`."""

from __future__ import annotations

from api.errors import invalid_parameters
from api.manage.asking import Answer, Ask
from api.services import lookup
from api.services.texts import past


def said(ask: Ask) -> Answer | None:
    """What was said then; None where the text as it stands today is asked for."""
    work, query = ask.work, ask.query
    if "at" not in query:
        if "clinic" in query:
            detail = "`clinic` says on whose site, and goes with `at`."
            raise invalid_parameters([{"parameter": "clinic", "code": "not_allowed", "detail": detail}])
        return None
    kind = lookup.kind(ask.path["type"])
    entry, clinic = past.asked_entry(work, kind.name, ask.path["id"], query.get("clinic"))
    return Answer(past.said(work, entry, clinic, query.get("locale"), past.moment(work, query["at"][0])))
