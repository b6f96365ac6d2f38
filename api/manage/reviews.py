"""The queues of the house: reviews that are due, texts that wait for one, and what is planned."""

from __future__ import annotations

from api.manage import paging
from api.manage.asking import Answer, Ask, Route
from api.manage.entries import GUARD, READING
from api.openapi.operation import Operation
from api.services.texts import due, history, queues
from schemas.managed import records


def routes() -> list[Route]:
    """Addresses of queues."""
    return [
        ("/reviews/due", every, Operation("List due reviews", GUARD, records.of_due(), {}, "records", READING,
                                          data=records.DueReview, listed=True)),
        ("/reviews/waiting", waiting, Operation("List what waits for a review", GUARD, records.of_waiting(), {},
                                                "records", READING, data=records.WaitingText, listed=True)),
        ("/planned", planned, Operation("List what is planned", GUARD, records.of_planned(), {}, "records", READING,
                                        data=records.PlannedText, listed=True)),
    ]  # fmt: skip


def every(ask: Ask) -> Answer:
    found = due.every(ask.work, ask.query, paging.after(ask), paging.size(ask))
    return Answer(found.rows, links=paging.links(ask, found.last))


def waiting(ask: Ask) -> Answer:
    found = queues.waiting(ask.work, ask.query, paging.after(ask), paging.size(ask))
    people = history.people(ask.work, {each["created_by"] for each in found.rows})
    return Answer(found.rows, links=paging.links(ask, found.last), meta={"people": people})


def planned(ask: Ask) -> Answer:
    found = queues.planned(ask.work, ask.query, paging.after(ask), paging.size(ask))
    return Answer(found.rows, links=paging.links(ask, found.last))
