"""The history of a text: its revisions, how they differ, an old one as a new draft, and who refers to it."""

from __future__ import annotations

from typing import Any

from api.errors import invalid_parameters
from api.manage import paging
from api.manage.asking import Answer, Ask, Route
from api.manage.entries import ENTRY, GUARD, READING, TYPE, WRITING, match, shown, the_text
from api.models import Revision, Variant
from api.openapi.operation import Operation
from api.services.texts import entries, history, past, usages
from schemas.managed import bodies, parameters, replies
from schemas.managed import history as shapes

ONE = f"{ENTRY}/revisions/<number>"


def routes() -> list[Route]:
    """Addresses of a text's history."""
    def declare(summary: str, data: Any, **more: Any) -> Operation:
        given = {"query": parameters.of_a_text(), "errors": READING, **more}
        return Operation(summary, GUARD, reply={}, tag="history", parameters=TYPE, data=data, **given)

    return [
        (f"{ENTRY}/revisions", every, declare("List a text's revisions", shapes.PastRevision, listed=True,
                                              query=shapes.of_a_history())),
        (ONE, one, declare("Read a revision", shapes.WholeRevision)),
        (f"{ONE}/diff", diff, declare("Compare two revisions", shapes.DifferenceTold, query=shapes.of_a_difference())),
        (f"{ONE}/copy", copy, declare("Restore a revision as a new draft", replies.ManagedText, method="POST",
                                      body=bodies.EmptyBody, errors=WRITING, conditional=True)),
        (f"{ENTRY}/usages", used, declare("Find who refers to an entry", shapes.UsagesTold,
                                          query=parameters.none())),
    ]  # fmt: skip


def every(ask: Ask) -> Answer:
    return page_of(ask, the_text(ask))


def page_of(ask: Ask, variant: Variant, *, whole: bool = False) -> Answer:
    """One page of a text's or an overlay's revisions; `meta.people` says who is named by id."""
    after = paging.after(ask)
    found, last = history.revisions(ask.work, variant, after[0] if after else None, paging.size(ask))
    rows = history.told(ask.work, variant, found)
    if whole:
        rows = [{**row, "document": each.document} for row, each in zip(rows, found, strict=True)]
    return Answer(rows, links=paging.links(ask, (last,) if last else None), meta={"people": named(ask, rows)})


def no_more(ask: Ask) -> dict[str, Any]:
    """The links of a list that holds nothing."""
    return paging.links(ask, None)


def named(ask: Ask, rows: list[dict[str, Any]]) -> dict[str, Any]:
    ids = {row["created_by"] for row in rows}
    ids |= {each["by"] for row in rows for each in (*row["reviews"], *row["waivers"])}
    return history.people(ask.work, ids)


def one(ask: Ask) -> Answer:
    variant, found = _chosen(ask)
    row = history.told(ask.work, variant, [found])[0]
    return Answer({**row, "document": found.document}, meta={"people": named(ask, [row])})


def diff(ask: Ask) -> Answer:
    variant, found = _chosen(ask)
    against = ask.query.get("against")
    if against is None:
        return Answer(history.difference(variant, found, history.before(variant, found)))
    other = next((each for each in variant.revisions if each.number == against), None)
    if other is None:
        allowed = sorted(each.number for each in variant.revisions)[-100:]
        fault = {"parameter": "against", "code": "unknown", "detail": f"There is no revision {against}."}
        raise invalid_parameters([{**fault, "allowed": allowed}])
    return Answer(history.difference(variant, found, other))


def copy(ask: Ask) -> Answer:
    variant = match(ask, the_text(ask, archived=False))
    found = history.one(ask.work, variant, ask.path["number"])
    entries.copy(ask.work, variant, found.number)
    return shown(ask, variant)


def used(ask: Ask) -> Answer:
    entry = past.public_entry(ask.work, ask.path["type"], ask.path["id"])
    return Answer(usages.everywhere(ask.work, entry))


def _chosen(ask: Ask) -> tuple[Variant, Revision]:
    variant = the_text(ask)
    return variant, history.one(ask.work, variant, ask.path["number"])
