"""The worker as the house sees it: how far it is, what it could not do, and another try for that."""

from __future__ import annotations

from api.manage.asking import Answer, Ask, Route
from api.models import LIBRARY
from api.openapi.operation import Operation
from api.services.outbox import outbox_state
from schemas.managed import parameters
from schemas.managed import releases as shapes


def routes() -> list[Route]:
    """Addresses of the worker."""
    return [
        ("/worker", read, Operation("Read the worker's state", "manage", parameters.none(), {}, "worker", (401, 403),
                                    data=shapes.WorkerState)),
        ("/worker/promises/<id>/retry", retry, Operation(
            "Retry a promise", "manage", parameters.none(), {}, "worker", (401, 403, 404, 409), method="POST",
            data=shapes.WorkerState)),
    ]  # fmt: skip


def read(ask: Ask) -> Answer:
    ask.work.check("worker", LIBRARY)
    return Answer(outbox_state.state(ask.work))


def retry(ask: Ask) -> Answer:
    ask.work.check("retry", LIBRARY)
    outbox_state.retry(ask.work, ask.path["id"])
    ask.work.flush()
    return Answer(outbox_state.state(ask.work))
