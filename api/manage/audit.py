"""The audit log: read, filtered and verified; nothing in the API changes it."""

from __future__ import annotations

from api.manage import paging
from api.manage.asking import Answer, Ask, Route
from api.manage.entries import GUARD, READING
from api.openapi.operation import Operation
from api.services.house import trail
from schemas.managed import parameters, records


def routes() -> list[Route]:
    """Addresses of the audit log."""
    return [
        ("/audit", every, Operation("List the audit log", GUARD, records.of_audit(), {}, "records", READING,
                                    data=records.AuditLine, listed=True)),
        ("/audit/verify", verify, Operation("Verify the audit log", GUARD, parameters.none(), {}, "records", READING,
                                            data=records.AuditVerified)),
    ]  # fmt: skip


def every(ask: Ask) -> Answer:
    found = trail.lines(ask.work, ask.query, paging.after(ask), paging.size(ask))
    return Answer(found.rows, links=paging.links(ask, found.last))


def verify(ask: Ask) -> Answer:
    return Answer(trail.verified(ask.work))
