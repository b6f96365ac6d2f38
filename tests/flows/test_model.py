"""A state machine beside a plain model: what is public always equals an approved text, and drafts are nowhere."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.builders import a_section, a_topic
from tests.conftest import NOW, House
from tests.flows.life_model import ROLES, Life
from tests.managing import Desk
from tests.trust.desk import addresses

pytestmark = pytest.mark.either

MOVES = ("submit", "approve", "reject", "publish", "unschedule", "unpublish", "withdraw", "restore")
CANARY = "zebrafinch"
COUNT = itertools.count()


class Machine(RuleBasedStateMachine):
    """One topic, moved by people who pick moves at random."""

    house: House
    desk: Desk

    def __init__(self) -> None:
        super().__init__()
        self.model, self.slug, self.now = Life(), f"topic-{next(COUNT)}", 0
        self.house.at(0)

    @initialize(who=st.sampled_from(("author", "editor")))
    def create(self, who: str) -> None:
        self.model.write(who, self._canary(), self._canary())
        self.path = self.desk.create(self.slug, self._document(), who)

    @rule(who=st.sampled_from(("author", "editor", "admin")), clinical=st.booleans())
    def edit_anything(self, who: str, clinical: bool) -> None:
        self.edit(who, clinical)

    def edit(self, who: str, clinical: bool) -> None:
        self.model.write(who, **{"clinical" if clinical else "words": self._canary()})
        self.desk.done(who, "PUT", self.path, {"slug": self.slug, "document": self._document()})

    @rule(who=st.sampled_from(ROLES), move=st.sampled_from(MOVES))
    def move(self, who: str, move: str) -> None:
        self._try(who, move)

    @rule(ahead=st.integers(1, 50))
    @precondition(lambda self: self.model.revisions and self.model.newest.state == "approved")
    def schedule(self, ahead: int) -> None:
        self._try("publisher", "publish", self.now + ahead)

    @rule()
    @precondition(lambda self: self.model.revisions and self.model.newest.state == "draft")
    def take_through_review(self) -> None:
        self._try("author", "submit")
        self._try("medical_reviewer", "approve")
        self._try("publisher", "publish")
        self.edit("editor", False)
        for move in ("submit", "approve"):
            self._try("editor", move)

    @rule(who=st.sampled_from(("editor", "admin")), doctor=st.sampled_from(("editor", "medical_reviewer")))
    @precondition(lambda self: self.model.revisions and self.model.newest.state == "approved")
    def write_another_and_have_it_approved(self, who: str, doctor: str) -> None:
        self.edit(who, False)
        self._try(who, "submit")
        self._try(who, "approve")
        self._try(doctor, "approve")
        self._try("publisher", "publish")

    @rule(which=st.integers(1, 9))
    @precondition(lambda self: len(self.model.revisions) > 1)
    def publish_an_older_one(self, which: int) -> None:
        self._try("publisher", "publish", revision=min(which, len(self.model.revisions)))

    @rule()
    @precondition(lambda self: self.model.live is not None)
    def withdraw_and_restore(self) -> None:
        self._try("publisher", "withdraw")
        self._try("editor", "restore")
        for earlier in self.model.revisions[-3:]:
            self._try("publisher", "publish", revision=earlier.number)

    @rule(seconds=st.integers(1, 60))
    def wait(self, seconds: int) -> None:
        self.now += seconds
        self.house.at(self.now)
        self.model.tick(self.now)

    @invariant()
    def the_public_sees_what_the_model_says(self) -> None:
        if not self.model.revisions:
            return
        reply = self.house.get(f"demo-south/topics/{self.slug}")
        if self.model.live is None:
            assert reply.status_code == (410 if self.model.gone else 404)
            assert CANARY not in reply.text
            return
        shown, approved = reply.json["data"], self.model.number(self.model.live)
        assert approved.approved and self.model.doctored(approved)
        assert (shown["summary"], shown["revision"]) == (approved.words, approved.number)
        assert approved.clinical in shown["sections"][0]["body"]["value"]
        for other in self.model.revisions:
            assert other.words in (approved.words,) or other.words not in reply.text

    def teardown(self) -> None:
        if not self.model.revisions:
            return
        live = self.model.number(self.model.live) if self.model.live else None
        for address in addresses(self.house):
            text = self.house.get(address).text
            for draft in self.model.revisions:
                assert live and draft.words == live.words or draft.words not in text, address
                assert live and draft.clinical == live.clinical or draft.clinical not in text, address
        if self.model.live is not None:
            self.desk.move("publisher", self.path, "withdraw")

    def _try(self, who: str, move: str, at: int | None = None, revision: int | None = None) -> None:
        may = self.model.can(move, who, revision, at)
        said: dict[str, Any] = {"at": _written(at)} if at is not None else {}
        said |= {"revision": revision} if revision else {}
        said |= {"note": "Not yet."} if move == "reject" else {}
        reply = self.desk.ask(who, "POST", f"{self.path}/moves/{move}", said)
        assert (reply.status_code == 200) == may, (who, move, reply.text)
        assert reply.status_code in (200, 403, 409)
        if may:
            self.model.make(move, who, self.now, at, revision)

    def _canary(self) -> str:
        return f"{CANARY}{next(COUNT)}x"

    def _document(self) -> dict[str, Any]:
        newest = self.model.newest
        return a_topic(summary=newest.words, sections=[a_section("overview", newest.clinical)])


SETTINGS = settings(
    max_examples=5, stateful_step_count=25, deadline=None, database=None, derandomize=True,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


def _written(at: int) -> str:
    return dt.datetime.fromtimestamp(NOW + at, dt.UTC).isoformat()


def test_what_is_published_always_equals_an_approved_text(house: House) -> None:
    here = type("Here", (Machine,), {"house": house, "desk": Desk(house)})
    run_state_machine_as_test(here, settings=SETTINGS)
