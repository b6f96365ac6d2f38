"""Moves: from one state of a text to the next, one text or many."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from api.errors import CmsError, invalid_content, not_found
from api.manage.asking import Answer, Ask, Route
from api.manage.entries import ENTRY, GUARD, TYPE, WRITING, locale_of, match, shown, the_text
from api.models import Entry, Publication, Transition, Variant
from api.openapi.operation import Operation
from api.services import lookup
from api.services.moves import publishing, recalls, reviewing, scheduling, withdrawals
from api.services.texts import claims, showing
from api.services.work import Work
from schemas.managed import bodies, parameters, replies
from schemas.meant import asked_back

Said = dict[str, Any]
TAKES: dict[str, frozenset[str]] = {
    "submit": frozenset({"note"}),
    "approve": frozenset({"note"}),
    "reject": frozenset({"comments", "note"}),
    "waive": frozenset({"code", "reason", "rule", "pointer"}),
    "publish": frozenset({"revision", "at", "until", "note"}),
    "unschedule": frozenset({"revision", "note"}),
    "unpublish": frozenset({"note"}),
    "withdraw": frozenset({"reason", "replacement", "note"}),
    "recall": frozenset({"reason", "replacement", "severity", "confirm", "note"}),
    "restore": frozenset({"note"}),
}
"""What each move may say beside its locale."""
NEEDS = {"waive": ("code", "reason"), "recall": ("severity", "reason")}
WITHDRAWING = ("withdraw", "recall")
OF_CLAIMS = ("rule", "pointer")
"""What `waive` takes, and needs, where its code is `claims`."""
MOVE: dict[str, dict[str, Any]] = {"move": {"type": "string", "enum": list(TAKES)}}


def routes() -> list[Route]:
    """Addresses of moves."""
    return [
        (f"{ENTRY}/moves/<move>", make, Operation(
            "Move a text", GUARD, parameters.of_a_move(), {}, "moves", WRITING, parameters=TYPE | MOVE, method="POST",
            body=bodies.MoveBody, data=replies.ManagedText, conditional=True)),
        ("/moves/<move>", make_many, Operation(
            "Move many texts", GUARD, parameters.none(), {}, "moves", WRITING, parameters=MOVE, method="POST",
            body=bodies.BulkBody, data=replies.BulkResult, listed=True)),
    ]  # fmt: skip


def make(ask: Ask) -> Answer:
    name = known(ask.path["move"])
    check_said(name, ask.body)
    if everywhere := locale_of(ask) == "*":
        if name not in WITHDRAWING:
            detail = "Only withdraw and recall take all languages at once."
            raise invalid_content([{"pointer": "/locale", "code": "not_allowed", "detail": detail}])
        ask.query.pop("locale", None)
        ask.body.pop("locale", None)
    variant = match(ask, the_text(ask, archived=False))
    if everywhere:
        return shown(ask, variant, publication=everywhere_gone(ask.work, variant, name, ask.body))
    return shown(ask, variant, publication=moved(ask.work, variant, name, ask.body))


def moved(work: Work, variant: Variant, name: str, said: Said) -> Said | None:
    """Make one move; the publication if the public sees a change now."""
    work.note = said.get("note")
    made = VERBS[name](work, variant, said)
    if isinstance(made, Transition):
        return publication(work, made)
    found = work.numbered
    mine = found is not None and found.kind in ("review", *WITHDRAWING) and found.entry_id == variant.entry_id
    # A decision of the doctor's shows where the live words are the same, other words of a withdrawal at once.
    return told(found) if mine else None


def publication(work: Work, transition: Transition) -> Said | None:
    work.flush()
    return told(scheduling.publication_of(work, transition))


def told(found: Publication | None) -> Said | None:
    return None if found is None else {"id": found.number, "at": lookup.instant(found.at)}


def everywhere_gone(work: Work, variant: Variant, name: str, said: Said) -> Said | None:
    """Take every live language down in this transaction, or where none is have all that are gone say other words.

    The last of the publications that makes.
    """
    texts = lookup.texts(work, variant.entry)
    live = [each for each in texts if name in showing.possible_now(work, each)]
    gone = [each for each in texts if withdrawals.standing(work, each, name) is not None]
    return [moved(work, each, name, said) for each in live or gone or [variant]][-1]


def make_many(ask: Ask) -> Answer:
    """Each item by itself, once every one is known to be the caller's: an unknown or foreign id refuses the call."""
    name = known(ask.path["move"])
    said = {each: value for each, value in ask.body.items() if each != "items"}
    check_said(name, said)
    found = _all_of(ask)
    results = []
    for item, variant in found:
        problem = _one_of_many(ask, item, variant, name, said)
        results.append(
            {
                "type": variant.entry.type, "id": variant.entry_id, "locale": variant.locale, "moved": problem is None,
                "state": showing.state(ask.work, variant), "etag": showing.tag(variant), "problem": problem,
            }
        )  # fmt: skip
    return Answer(results, meta={"moved": sum(each["moved"] for each in results), "of": len(results)})


def _all_of(ask: Ask) -> list[tuple[Said, Variant]]:
    found, missing = [], []
    for number, item in enumerate(ask.body["items"]):
        try:
            entry = lookup.entry(ask.work, item["type"], item["id"])
            found.append((item, lookup.variant(ask.work, entry, item.get("locale"))))
        except CmsError:
            missing.append({"pointer": f"/items/{number}", "code": "not_found", "detail": "There is no such text."})
    if missing:
        refused = not_found("One of the texts is not there; nothing was moved.")
        refused.faults = missing
        raise refused
    return found


def _one_of_many(ask: Ask, item: Said, variant: Variant, name: str, said: Said) -> Said | None:
    try:
        if item["etag"] != showing.tag(variant):
            raise CmsError("stale", "This was changed since you read it.")
        if variant.entry.archived_at is not None:
            raise CmsError("conflict", "The entry is archived.")
        with ask.work.attempt():
            moved(ask.work, variant, name, said)
            ask.work.flush()
    except CmsError as error:
        ask.work.session.expire(variant)
        return {"code": error.code, "detail": error.detail, "errors": error.faults, **error.extra}
    return None


def known(name: str) -> str:
    if name not in TAKES:
        raise not_found(f"There is no move {name}; there are {', '.join(TAKES)}.{asked_back(name, TAKES)}")
    return name


def check_said(name: str, said: Said, takes: frozenset[str] | None = None) -> None:
    """Raise invalid_content for what this move does not take, or needs and lacks."""
    takes = TAKES[name] if takes is None else takes
    faults = [
        {"pointer": f"/{each}", "code": "not_allowed", "detail": f"{name} does not take {each}.",
         "allowed": sorted(takes)}
        for each in said if each not in takes | {"locale"}
    ]  # fmt: skip
    needed = [each for each in NEEDS.get(name, ()) if not said.get(each)]
    if name == "waive" and said.get("code") == "claims":
        needed += [each for each in OF_CLAIMS if not said.get(each)]
    elif name == "waive":
        faults += [{"pointer": f"/{each}", "code": "not_allowed", "detail": f"Only a waiver of claims takes {each}."}
                   for each in OF_CLAIMS if each in said]  # fmt: skip
    faults += [{"pointer": f"/{each}", "code": "required", "detail": f"{name} needs {each}."} for each in needed]
    if faults:
        raise invalid_content(faults)


def replacement(work: Work, variant: Variant, said: Said) -> Entry | None:
    """The entry that a withdrawal points its readers to."""
    if (named := said.get("replacement")) is None:
        return None
    found = work.session.get(Entry, named["id"])
    seen = found is not None and found.type == named["type"] and found.scope in ("library", variant.scope)
    if found is None or not seen or found.archived_at is not None or found.id == variant.entry_id:
        detail = f"There is no {named['type'][:40]} {named['id'][:40]} that could stand in its place."
        raise invalid_content([{"pointer": "/replacement", "code": "unknown_reference", "detail": detail}])
    return found


def _publish(work: Work, variant: Variant, said: Said) -> Transition:
    return publishing.publish(work, variant, revision=said.get("revision"), at=said.get("at"), until=said.get("until"))


def _waive(work: Work, variant: Variant, said: Said) -> Any:
    if said["code"] == "claims":
        return claims.waive(work, variant, said["rule"], said["pointer"], said["reason"])
    return reviewing.waive(work, variant, said["code"], said["reason"])


def _withdraw(work: Work, variant: Variant, said: Said) -> Transition | None:
    stands_in = replacement(work, variant, said)
    if withdrawals.reword(work, variant, "withdraw", _words(said, stands_in)):
        return None
    return publishing.withdraw(work, variant, reason=said.get("reason"), replacement=stands_in)


def _words(said: Said, stands_in: Entry | None) -> Said:
    """What a withdrawal is to say, as far as it is said."""
    words = {name: said[name] for name in ("reason", "severity") if name in said}
    return words | ({"replacement_id": stands_in and stands_in.id} if "replacement" in said else {})


def _recall(work: Work, variant: Variant, said: Said) -> Transition | None:
    stands_in = replacement(work, variant, said)
    if said.get("confirm") is not None:
        withdrawals.asked_again(work, variant)
    if withdrawals.reword(work, variant, "recall", _words(said, stands_in)):
        return None
    return recalls.recall(
        work, variant, severity=said["severity"], reason=said["reason"], replacement=stands_in,
        confirm=said.get("confirm"),
    )  # fmt: skip


VERBS: dict[str, Callable[[Work, Variant, Said], Any]] = {
    "submit": lambda work, variant, said: reviewing.submit(work, variant, said.get("note")),
    "approve": lambda work, variant, said: reviewing.approve(work, variant, said.get("note")),
    "reject": lambda work, variant, said: reviewing.reject(work, variant, said.get("comments", []), said.get("note")),
    "waive": _waive,
    "publish": _publish,
    "unschedule": lambda work, variant, said: publishing.unschedule(work, variant, revision=said.get("revision")),
    "unpublish": lambda work, variant, said: publishing.unpublish(work, variant),
    "withdraw": _withdraw,
    "recall": _recall,
    "restore": lambda work, variant, said: publishing.restore(work, variant),
}
