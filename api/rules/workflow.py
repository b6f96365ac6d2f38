"""States of a revision and the moves between them, as a table."""

from __future__ import annotations

from dataclasses import dataclass

from api.rules.permissions import Actor

DRAFT, MEDICAL, IN_REVIEW, APPROVED = "draft", "medical_review", "in_review", "approved"
EDITABLE = (DRAFT, MEDICAL, IN_REVIEW, APPROVED)


@dataclass(frozen=True)
class Move:
    """From which states, to which, and the right it needs."""

    states: tuple[str, ...]
    to: str | None
    right: str


MOVES: dict[str, Move] = {
    "submit": Move((DRAFT,), None, "submit"),
    "approve": Move((MEDICAL, IN_REVIEW), APPROVED, "approve"),
    "reject": Move((MEDICAL, IN_REVIEW, APPROVED), DRAFT, "reject"),
    "waive": Move((DRAFT, MEDICAL, IN_REVIEW), APPROVED, "waive"),
    "publish": Move((APPROVED,), APPROVED, "publish"),
    "unschedule": Move(EDITABLE, None, "unschedule"),
    "unpublish": Move(EDITABLE, None, "unpublish"),
    "withdraw": Move(EDITABLE, None, "withdraw"),
    "recall": Move(EDITABLE, None, "recall"),
    "restore": Move(EDITABLE, DRAFT, "restore"),
}


@dataclass(frozen=True)
class Facts:
    """What the rules must know of a variant, and of the revision a move is about."""

    scope: str
    state: str
    clinical: bool
    live: bool = False
    shown: bool = False
    """Whether this very revision is the live one."""
    withdrawn: bool = False
    scheduled: bool = False
    medically_approved: bool = False
    renewable: bool = False
    """Whether the medical review that it stands on is due, or soon will be."""
    approved: bool = False
    authors: frozenset[str] = frozenset()
    """Who wrote any revision since the last approved one."""
    typo: bool = False
    """Whether the revision differs from the last approved one by no more than a typo."""
    lacking: tuple[tuple[str, str, str], ...] = ()
    """What else it lacks to go live: (code, pointer into the text, detail)."""


def submitted_state(facts: Facts) -> str:
    """Where submit leads: to the doctor if the clinical digest has no valid medical approval, or its review is due."""
    return MEDICAL if facts.clinical and (facts.renewable or not facts.medically_approved) else IN_REVIEW


def right_to(move: str, facts: Facts) -> str:
    """The right that a move needs of a text as it is; a decision in medical review is a doctor's."""
    right = MOVES[move].right
    if right in ("approve", "reject") and facts.state == MEDICAL:
        return f"{right}_medical"
    if right == "waive" and facts.clinical and not facts.medically_approved:
        return "waive_medical"
    return right


def allowed(move: str, actor: Actor, facts: Facts) -> bool:
    """Whether the actor's role permits the move."""
    return actor.may(right_to(move, facts), facts.scope)


def blockers(move: str, actor: Actor, facts: Facts) -> list[dict[str, str]]:
    """Why a move that the role permits is not possible now: [{move, code, pointer?, detail}], empty if it is."""
    found = [*_state_blockers(move, facts), *_approval_blockers(move, actor, facts)]
    named = [{"move": move, "code": code, "detail": detail} for code, detail in found]
    if move == "publish" and facts.state == APPROVED:
        named += [{"move": move, "code": code, "pointer": at, "detail": detail} for code, at, detail in facts.lacking]
    return named


def _state_blockers(move: str, facts: Facts) -> list[tuple[str, str]]:
    rule = MOVES[move]
    if move == "publish" and facts.withdrawn:
        return [("withdrawn", "The text was withdrawn; restore it first, which makes a new draft.")]
    if move == "publish" and facts.shown and (facts.medically_approved or not facts.clinical):
        return [("already_live", "This revision is live already; `until` sets its end, `at` brings it back after one.")]
    if facts.state not in rule.states:
        wanted = " or ".join(rule.states)
        return [("wrong_state", f"The revision is {facts.state}; {move} needs {wanted}.")]
    if move == "reject" and facts.shown:
        return [("live", "This revision is live; unpublish or withdraw it, or write a new one.")]
    needs = {"unpublish": facts.live, "withdraw": facts.live, "recall": facts.live}
    if not needs.get(move, True):
        again = facts.withdrawn and move != "unpublish"
        more = "; another reason or replacement changes what its withdrawal says" if again else ""
        return [("not_live", f"Nothing of this text is live{more}.")]
    if move == "restore" and not facts.withdrawn:
        return [("not_withdrawn", "The text is not withdrawn.")]
    if move == "unschedule" and not facts.scheduled:
        return [("not_scheduled", "Nothing is scheduled.")]
    return []


def _approval_blockers(move: str, actor: Actor, facts: Facts) -> list[tuple[str, str]]:
    if move in ("approve", "waive") and (actor.person_id or actor.id) in facts.authors:
        return [("own_text", "Somebody else must approve a text that you wrote or changed.")]
    if move == "waive" and not facts.typo:
        return [("not_a_typo", "Only a few letters of an approved text may be let pass; submit this for review.")]
    if move != "publish":
        return []
    found = []
    if facts.clinical and not facts.medically_approved:
        found.append(("medical_approval_missing", "A medical reviewer has not approved this clinical text."))
    if not facts.approved:
        found.append(("approval_missing", "Nobody has approved exactly this text."))
    return found
