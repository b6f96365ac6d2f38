"""The queue of medical reviews that are due."""

from __future__ import annotations

from api.manage import paging
from api.manage.asking import Answer, Ask, Route
from api.manage.entries import GUARD, READING
from api.openapi.operation import Operation
from api.services.texts import due
from schemas.managed import records


def routes() -> list[Route]:
    """Addresses of reviews."""
    return [
        ("/reviews/due", every, Operation("List due reviews", GUARD, records.of_due(), {}, "records", READING,
                                          data=records.DueReview, listed=True)),
    ]  # fmt: skip


def every(ask: Ask) -> Answer:
    found = due.every(ask.work, ask.query, paging.after(ask), paging.size(ask))
    return Answer(found.rows, links=paging.links(ask, found.last))
