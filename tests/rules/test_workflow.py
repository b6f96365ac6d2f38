"""The workflow: every row of the contract's table, who may, from where, and what stands in the way."""

from __future__ import annotations

import pytest

from api.rules.permissions import HOUSE, ROLES
from api.rules.workflow import APPROVED, DRAFT, IN_REVIEW, MEDICAL, MOVES, Facts, allowed, blockers, submitted_state
from tests.builders import an_actor

STATES = (DRAFT, MEDICAL, IN_REVIEW, APPROVED)
WHO: dict[str, dict[str, set[str]]] = {
    "submit": {"any": {"author", "editor", "admin"}},
    "approve": {MEDICAL: {"medical_reviewer"}, "any": {"editor", "medical_reviewer", "admin"}},
    "reject": {MEDICAL: {"medical_reviewer", "admin"}, "any": {"editor", "medical_reviewer", "admin"}},
    "waive": {"any": {"editor", "admin"}},
    "publish": {"any": {"publisher", "admin"}},
    "unschedule": {"any": {"publisher", "admin"}},
    "unpublish": {"any": {"publisher", "admin"}},
    "withdraw": {"any": {"publisher", "medical_reviewer", "admin"}},
    "recall": {"any": {"medical_reviewer", "admin"}},
    "restore": {"any": {"editor", "admin"}},
}
FROM: dict[str, set[str]] = {
    "submit": {DRAFT}, "approve": {MEDICAL, IN_REVIEW}, "reject": {MEDICAL, IN_REVIEW, APPROVED}, "publish": {APPROVED},
    "waive": {DRAFT, MEDICAL, IN_REVIEW},
}  # fmt: skip


def facts(state: str = APPROVED, **changed: object) -> Facts:
    """A text with everything in order: clinical, approved by the doctor, live, scheduled."""
    good = {"clinical": True, "live": True, "scheduled": True, "medically_approved": True, "approved": True}
    return Facts(HOUSE, state, **{**good, **changed})  # type: ignore[arg-type]


def codes(move: str, given: Facts, who: str = "editor") -> list[str]:
    return [each["code"] for each in blockers(move, an_actor(who), given)]


def test_the_table_holds_exactly_the_moves_of_the_contract() -> None:
    assert set(MOVES) == set(WHO)


@pytest.mark.parametrize("move", WHO)
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("state", STATES)
def test_a_move_needs_one_of_its_roles(move: str, role: str, state: str) -> None:
    wanted = WHO[move].get(state, WHO[move]["any"])
    assert allowed(move, an_actor(role), facts(state)) == (role in wanted)


def test_only_a_doctor_lets_a_typo_in_clinical_words_pass() -> None:
    unapproved = facts(DRAFT, medically_approved=False, typo=True)
    may = {role for role in ROLES if allowed("waive", an_actor(role), unapproved)}
    assert may == {"medical_reviewer"}


@pytest.mark.parametrize("move", FROM)
@pytest.mark.parametrize("state", STATES)
def test_a_move_starts_from_its_states_alone(move: str, state: str) -> None:
    assert ("wrong_state" in codes(move, facts(state))) == (state not in FROM[move])


@pytest.mark.parametrize("move", ["unpublish", "withdraw", "recall", "unschedule"])
@pytest.mark.parametrize("state", STATES)
def test_taking_down_minds_what_is_live_and_not_the_newest_revision(move: str, state: str) -> None:
    assert codes(move, facts(state)) == []
    missing = facts(state, live=False, scheduled=False)
    assert codes(move, missing) == ["not_scheduled" if move == "unschedule" else "not_live"]


@pytest.mark.parametrize(
    ("clinical", "medically_approved", "leads_to"),
    [(True, False, MEDICAL), (True, True, IN_REVIEW), (False, False, IN_REVIEW)],
)
def test_submit_leads_to_the_doctor_only_with_clinical_words_nobody_approved(
    clinical: bool, medically_approved: bool, leads_to: str
) -> None:
    assert submitted_state(facts(DRAFT, clinical=clinical, medically_approved=medically_approved)) == leads_to


def test_publish_names_every_approval_that_is_missing() -> None:
    assert codes("publish", facts(medically_approved=False)) == ["medical_approval_missing"]
    assert codes("publish", facts(approved=False)) == ["approval_missing"]
    assert codes("publish", facts(clinical=False, medically_approved=False)) == []
    assert codes("publish", facts(medically_approved=False, approved=False)) == [
        "medical_approval_missing", "approval_missing"
    ]  # fmt: skip


def test_a_withdrawn_text_is_restored_before_it_is_published() -> None:
    assert codes("publish", facts(withdrawn=True, live=False))[0] == "withdrawn"
    assert codes("restore", facts(withdrawn=True, live=False)) == []
    assert codes("restore", facts()) == ["not_withdrawn"]


@pytest.mark.parametrize("role", ["editor", "medical_reviewer", "admin"])
@pytest.mark.parametrize("state", [MEDICAL, IN_REVIEW])
def test_nobody_approves_what_they_wrote_since_the_last_approval(role: str, state: str) -> None:
    me = an_actor(role)
    mine, others = facts(state, authors=frozenset({me.id})), facts(state, authors=frozenset({"prs_other"}))
    assert [each["code"] for each in blockers("approve", me, mine)] == ["own_text"]
    assert blockers("approve", me, others) == []


def test_an_admin_never_approves_out_of_medical_review() -> None:
    assert not allowed("approve", an_actor("admin"), facts(MEDICAL))
    assert allowed("approve", an_actor("admin"), facts(IN_REVIEW))


def test_what_is_live_is_taken_down_or_replaced_but_not_rejected() -> None:
    assert codes("reject", facts(shown=True)) == ["live"]
    assert codes("reject", facts(DRAFT, shown=True)) == ["wrong_state"]


def test_every_blocker_says_which_move_it_stops_and_why() -> None:
    found = blockers("publish", an_actor("publisher"), facts(DRAFT, approved=False))
    assert all(set(each) == {"move", "code", "detail"} and each["move"] == "publish" for each in found)
    assert len(found) == 2
