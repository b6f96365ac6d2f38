"""Permissions: which role may do what, for the house and for one clinic."""

from __future__ import annotations

import pytest

from api.rules.permissions import ANYONE, HOUSE, MAY, NEVER_BY_ADMIN, OPERATOR, ROLES, Actor
from tests.builders import an_actor

CONTRACT: dict[str, set[str]] = {
    **dict.fromkeys(("create", "edit", "translate", "submit"), {"author", "editor"}),
    "comment": {"author", "editor", "medical_reviewer"},
    "approve_medical": {"medical_reviewer"},
    "reject_medical": {"medical_reviewer"},
    "approve": {"editor", "medical_reviewer"},
    "reject": {"editor", "medical_reviewer"},
    **dict.fromkeys(("publish", "unschedule", "unpublish"), {"publisher"}),
    "withdraw": {"publisher", "medical_reviewer"},
    "recall": {"medical_reviewer", "admin"},
    **dict.fromkeys(("restore", "overlay", "hide", "show", "pin", "follow", "archive"), {"editor"}),
    **dict.fromkeys(("categories", "redirects"), {"editor"}),
    **dict.fromkeys(("clinics", "people", "keys"), {"admin"}),
}


@pytest.mark.parametrize("act", CONTRACT)
@pytest.mark.parametrize("role", ROLES)
def test_a_role_allows_what_the_contract_says(act: str, role: str) -> None:
    wanted = role in CONTRACT[act] or (role == "admin" and act not in NEVER_BY_ADMIN)
    assert an_actor(role).may(act, HOUSE) == wanted


def test_every_role_named_for_an_act_is_a_role() -> None:
    assert {role for roles in MAY.values() for role in roles} <= set(ROLES)


@pytest.mark.parametrize("act", CONTRACT)
def test_anyone_may_do_nothing_and_the_operator_approves_nothing_medical(act: str) -> None:
    assert not ANYONE.may(act, HOUSE)
    assert OPERATOR.may(act, HOUSE) == (act != "approve_medical")


def test_a_role_for_a_clinic_ends_at_that_clinic() -> None:
    editor = an_actor("editor", scope="cln_1")
    assert editor.may("create", "cln_1")
    assert not editor.may("create", "cln_2")
    assert not editor.may("create", HOUSE)


def test_a_role_for_the_house_reaches_every_clinic() -> None:
    assert an_actor("editor").may("overlay", "cln_1")


def test_an_admin_of_one_clinic_is_no_admin_of_the_house() -> None:
    assert not an_actor("admin", scope="cln_1").may("clinics", HOUSE)


def test_roles_of_different_scopes_do_not_mix() -> None:
    both = Actor("a", "a", frozenset({("publisher", "cln_1"), ("editor", "cln_2")}))
    assert both.may("publish", "cln_1") and not both.may("publish", "cln_2")
    assert both.may("edit", "cln_2") and not both.may("edit", "cln_1")
