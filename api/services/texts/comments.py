"""Comments: remarks on a text, each on a field by key or on the whole, resolved when they are dealt with."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import and_, or_, select

from api.errors import conflict, invalid_content, not_found
from api.models import Comment, Revision, Variant
from api.rules import differences
from api.services.etags import etag
from api.services.lookup import instant
from api.services.work import Work

Said = dict[str, Any]


def add(work: Work, variant: Variant, pointer: str | None, text: str) -> Comment:
    """Remark on the newest revision. Raises invalid_content for a pointer to nothing."""
    work.check("comment", variant.scope)
    newest = max(variant.revisions, key=lambda each: each.number)
    where = anchored(newest, pointer)
    if where is None:
        raise invalid_content([_fault("/pointer", pointer or "")])
    made = _put(work, variant, newest, where, text)
    work.log("comment", variant.entry_id, locale=variant.locale, scope=variant.scope, comment=made.id)
    return made


def add_all(work: Work, variant: Variant, revision: Revision, said: list[Said]) -> list[Said]:
    """The remarks that come with a rejection, as [{pointer, text}]; every pointer to nothing is refused at once."""
    places = [anchored(revision, each.get("pointer")) for each in said]
    faults = [
        _fault(f"/comments/{number}/pointer", each.get("pointer") or "")
        for number, (each, where) in enumerate(zip(said, places, strict=True)) if where is None
    ]  # fmt: skip
    if faults:
        raise invalid_content(faults)
    found = [{**each, "pointer": where or ""} for each, where in zip(said, places, strict=True)]
    for each in found:
        _put(work, variant, revision, each["pointer"], each["text"])
    return found


def open_on(work: Work, revision: Revision) -> bool:
    """Whether somebody other than its writer has remarked on a revision what is not dealt with yet."""
    asked = select(Comment.id).where(
        Comment.variant_id == revision.variant_id, Comment.revision == revision.number,
        Comment.resolved_at.is_(None), Comment.author_id.is_distinct_from(revision.created_by),
    )  # fmt: skip
    return work.session.scalar(asked.limit(1)) is not None


def of_text(
    work: Work, variant: Variant, after: tuple[Any, ...] | None, size: int, *, resolved: bool | None = None
) -> tuple[list[Comment], tuple[Any, ...] | None]:
    """(one page of comments, newest first; the key to go on from, None at the end)."""
    asked = select(Comment).where(Comment.variant_id == variant.id)
    if resolved is not None:
        asked = asked.where(Comment.resolved_at.is_not(None) if resolved else Comment.resolved_at.is_(None))
    if after is not None:
        at = dt.datetime.fromtimestamp(after[0], dt.UTC)
        asked = asked.where(or_(Comment.created_at < at, and_(Comment.created_at == at, Comment.id < after[1])))
    found = work.session.scalars(asked.order_by(Comment.created_at.desc(), Comment.id.desc()).limit(size + 1)).all()
    page = list(found[:size])
    return page, (int(page[-1].created_at.timestamp()), page[-1].id) if len(found) > size else None


def find(work: Work, comment_id: str) -> tuple[Comment, Variant]:
    """A comment on a text that the actor may see, and that text. Raises not_found."""
    found = work.session.get(Comment, comment_id)
    variant = work.session.get(Variant, found.variant_id) if found else None
    if found is None or variant is None or not work.actor.sees(variant.scope):
        raise not_found("There is no such comment.")
    return found, variant


def settle(work: Work, found: Comment, variant: Variant, *, resolved: bool) -> Comment:
    """Resolve a comment, or open it again. Raises conflict where it is so already."""
    work.check("comment", variant.scope)
    now = work.now()
    work.session.refresh(found)
    if (found.resolved_at is not None) == resolved:
        move, code = ("resolve", "already_resolved") if resolved else ("reopen", "not_resolved")
        detail = f"The comment is {'resolved' if resolved else 'open'} already."
        raise conflict([{"move": move, "code": code, "pointer": "", "detail": detail}])
    found.resolved_at = now if resolved else None
    verb = "resolve_comment" if resolved else "reopen_comment"
    work.log(verb, variant.entry_id, locale=variant.locale, scope=variant.scope, comment=found.id)
    return found


def told(found: Comment) -> Said:
    return {
        "id": found.id,
        "revision": found.revision,
        "pointer": found.pointer or None,
        "text": found.text,
        "by": found.author_id,
        "created_at": instant(found.created_at),
        "resolved_at": instant(found.resolved_at),
        "etag": tag(found),
    }


def tag(found: Comment) -> str:
    return etag("comment", found.id, version=instant(found.resolved_at) or "open")


def anchored(revision: Revision, pointer: str | None) -> str | None:
    """A pointer as it is kept: `/document/sections/risks/body` (`/document` may be left out), "" for the whole text.

    None where it leads to nothing.
    """
    if not pointer:
        return ""
    text = {"slug": revision.slug, "document": revision.document}
    for tried in (pointer, f"/document{pointer}"):
        try:
            differences.place(text, tried)
        except LookupError:
            continue
        return tried if pointer.startswith("/") else None
    return None


def _fault(where: str, pointer: str) -> Said:
    detail = f"The text has nothing at {pointer[:100]}; name repeated parts by key, as /sections/risks/body."
    return {"pointer": where, "code": "unknown", "detail": detail}


def _put(work: Work, variant: Variant, revision: Revision, pointer: str, text: str) -> Comment:
    made = Comment(
        id=work.new_id("cmt"), variant_id=variant.id, revision=revision.number, pointer=pointer, text=text,
        author_id=work.actor.person_id, created_at=work.now(),
    )  # fmt: skip
    work.session.add(made)
    return made
