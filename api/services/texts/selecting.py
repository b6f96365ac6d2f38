"""What lists of texts ask alike: the newest and the live revision of each, and which of them is wanted."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, false, func, select, true
from sqlalchemy.orm import aliased

from api.models import LIBRARY, Entry, Revision, Transition, Variant
from api.rules.permissions import Actor
from api.services import lookup
from api.services.texts import live
from api.services.work import Work
from schemas.content import CONTENT_TYPES


def visible(actor: Actor, scope: Any) -> ColumnElement[bool]:
    """Scopes whose drafts the actor may see."""
    if actor.sees(LIBRARY):
        return scope.is_not(None)  # type: ignore[no-any-return]
    return scope.in_(sorted({where for _, where in actor.roles}))  # type: ignore[no-any-return]


def wanted(work: Work, found: Select[Any], asked: dict[str, Any]) -> Select[Any]:
    """Only the texts of one clinic or the library, and of one language, where `asked` names them."""
    if clinic := asked.get("filter[clinic]"):
        # Most of all texts are the library's; a clinic's are so few that they are looked up.
        mine = in_order(Entry.scope == LIBRARY) if clinic == LIBRARY else Entry.scope == lookup.scope(work, clinic)
        found = found.where(mine)
    if locale := asked.get("filter[locale]"):
        found = found.where(Variant.locale == locale)
    return found


def title_of(revision: Any) -> Any:
    """The title in a revision's words, which are long and not read for it."""
    told = [(Entry.type == each.name, revision.document[each.title].as_string()) for each in CONTENT_TYPES]
    return case(*told, else_="").label("title")


def title_beneath() -> Any:
    """The title that an overlay leaves as it is: of the library's text that is held on to, else of the live one."""
    base, public = aliased(Variant), aliased(Revision)
    shown = func.coalesce(Variant.pinned, base.live_revision)
    found = (
        select(title_of(public))
        .join_from(base, public, and_(public.variant_id == base.id, public.number == shown))
        .where(base.entry_id == Variant.entry_id, base.scope == Entry.scope, base.locale == Variant.locale)
        .correlate(Variant, Entry)
    )
    return found.scalar_subquery()


def live_number(work: Work) -> Any:
    """The revision that is live this second, by transitions: no publication has to be numbered first."""
    said = case((Transition.move == "publish", Transition.revision), else_=None)
    past = select(said).where(
        Transition.variant_id == Variant.id, Transition.at <= work.database.instant(), Transition.move.in_(live.MOVES)
    )
    return past.order_by(Transition.at.desc(), Transition.id.desc()).limit(1).correlate(Variant).scalar_subquery()


def live_id(work: Work) -> Any:
    """The same by its id."""
    other = aliased(Revision)
    shown = select(other.id).where(other.variant_id == Variant.id, other.number == live_number(work))
    return shown.correlate(Variant).scalar_subquery()


def in_order(said: ColumnElement[bool]) -> ColumnElement[bool]:
    """A condition that is looked at text by text, in the order of the list, and never makes an order of its own.

    PostgreSQL takes an equation of what it knows nothing of to hold almost nowhere, and SQLite without statistics takes
    any to find ten rows: on the strength of that they join until a page takes ten seconds. A CASE they leave alone.
    """
    return case((said, true()), else_=false())


def own() -> ColumnElement[bool]:
    """An entry's own texts, without what clinics laid over them."""
    return in_order(Variant.scope == Entry.scope)


def state_of(withdrawn_at: Any, live_revision: int | None, number: int, state: str) -> str:
    """withdrawn, else live where the newest revision is the live one, else the newest revision's own."""
    if withdrawn_at is not None:
        return "withdrawn"
    return "live" if live_revision == number else state
