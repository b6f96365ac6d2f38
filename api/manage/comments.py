"""Comments on a text: read, written, resolved and opened again."""

from __future__ import annotations

from typing import Any

from api.manage import paging
from api.manage.asking import Answer, Ask, Route
from api.manage.entries import CREATING, ENTRY, GUARD, READING, TYPE, WRITING, the_text
from api.models import Comment, Variant
from api.openapi.operation import Operation
from api.services.texts import comments, history
from schemas.managed import bodies, parameters
from schemas.managed import history as shapes


def routes() -> list[Route]:
    """Addresses of comments."""
    def declare(summary: str, method: str = "GET", **more: Any) -> Operation:
        return Operation(summary, GUARD, reply={}, tag="comments", method=method, data=shapes.CommentTold, **more)

    settle: dict[str, Any] = {
        "query": parameters.none(), "errors": WRITING, "body": bodies.EmptyBody, "conditional": True
    }  # fmt: skip
    return [
        (f"{ENTRY}/comments", every, declare("List a text's comments", query=shapes.of_comments(), errors=READING,
                                             parameters=TYPE, listed=True)),
        (f"{ENTRY}/comments", add, declare("Comment on a text", "POST", query=parameters.of_a_text(), status=201,
                                           errors=CREATING, parameters=TYPE, body=bodies.CommentBody)),
        ("/comments/<id>/resolve", resolve, declare("Resolve a comment", "POST", **settle)),
        ("/comments/<id>/reopen", reopen, declare("Reopen a comment", "POST", **settle)),
    ]  # fmt: skip


def every(ask: Ask) -> Answer:
    return page_of(ask, the_text(ask))


def page_of(ask: Ask, variant: Variant) -> Answer:
    """One page of a text's or an overlay's comments; `meta.people` says who is named by id."""
    found, last = comments.of_text(
        ask.work, variant, paging.after(ask), paging.size(ask), resolved=ask.query.get("filter[resolved]")
    )
    people = history.people(ask.work, {each.author_id for each in found})
    return Answer([comments.told(each) for each in found], links=paging.links(ask, last), meta={"people": people})


def add(ask: Ask) -> Answer:
    return added(ask, the_text(ask, archived=False))


def added(ask: Ask, variant: Variant) -> Answer:
    return _told(comments.add(ask.work, variant, ask.body["pointer"], ask.body["text"]), 201)


def resolve(ask: Ask) -> Answer:
    return _settled(ask, resolved=True)


def reopen(ask: Ask) -> Answer:
    return _settled(ask, resolved=False)


def _settled(ask: Ask, *, resolved: bool) -> Answer:
    found, variant = comments.find(ask.work, ask.path["id"])
    ask.require(comments.tag(found), lambda: {"resolved_at": comments.told(found)["resolved_at"]})
    return _told(comments.settle(ask.work, found, variant, resolved=resolved), 200)


def _told(found: Comment, status: int) -> Answer:
    return Answer(comments.told(found), status, comments.tag(found))
