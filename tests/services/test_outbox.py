"""The outbox: what is owed is claimed by one, kept once, tried again, and set aside when it makes no sense."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import insert, select

from api.db import Database
from api.models import LIBRARY, Promise
from api.rules.permissions import OPERATOR
from api.services.outbox import outbox, outbox_state, promises
from api.services.work import Work, looking, writing
from api.worker import Worker
from tests.builders import (
    a_live_topic,
    a_section,
    a_topic,
    create,
    move,
    publications,
    publish_text,
    revise,
    same_house_elsewhere,
)
from tests.conftest import NOW, House
from tests.managing import Desk

YEAR = 365 * 86_400


def at(seconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(NOW + seconds, dt.UTC)


@pytest.fixture
def other(house: House) -> Iterator[Database]:
    """The same house as another process has it."""
    database = same_house_elsewhere(house)
    yield database
    database.close()


def owe(house: House, kind: str, subject: str, due: int = 0, **payload: Any) -> int:
    """Owe something by hand; its number."""
    row = {"kind": kind, "subject": subject, "payload": payload, "created_at": at(0), "due_at": at(due)}
    with house.database.transaction() as session:
        return session.execute(insert(Promise).values(**row).returning(Promise.id)).scalar_one()


def row(house: House, promise_id: int) -> Any:
    with house.database.reading() as connection:
        return connection.execute(select(Promise.__table__).where(Promise.id == promise_id)).one()


def reviews(house: House, before: int) -> list[tuple[str, str]]:
    """(kind, instant) of each publication since there were so many."""
    return [(each.kind, each.at.isoformat()[:10]) for each in publications(house.database)[before:]]


def scheduled(house: House, slug: str, seconds: int) -> Any:
    text = create(house.database, slug)
    publish_text(house.database, text, at=at(seconds))
    return text


def test_what_is_not_due_is_not_claimed_and_what_is_claimed_is_nobody_elses(house: House, other: Database) -> None:
    scheduled(house, "light-one", 60)
    scheduled(house, "light-two", 60)
    assert outbox.claim(house.database) == []
    for each in (house.database, other):
        each.clock.frozen_at = NOW + 60
    first = outbox.claim(house.database, limit=1)
    second = outbox.claim(other, limit=5)
    assert len(first) == len(second) == 1 and first[0].id != second[0].id
    assert outbox.claim(other) == []


def test_a_claim_that_ran_out_is_taken_over_and_the_first_one_may_no_longer_keep_it(
    house: House, other: Database
) -> None:
    scheduled(house, "light-one", 60)
    before = len(publications(house.database))
    house.at(60)
    [late] = outbox.claim(house.database, lease=30)
    other.clock.frozen_at = NOW + 91
    [mine] = outbox.claim(other, lease=30)
    assert outbox.keep(house.database, late) is False
    assert len(publications(house.database)) == before
    assert outbox.keep(other, mine) is True
    assert len(publications(house.database)) == before + 1
    assert outbox.keep(other, mine) is False


def test_a_kept_promise_and_its_effect_are_one_transaction(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    scheduled(house, "light-one", 60)
    before = len(publications(house.database))
    house.at(60)
    mature = promises.KINDS["mature"]

    def done_and_broken(work: Work, promise: Promise) -> None:
        mature(work, promise)
        raise RuntimeError("the lamp fell over")

    monkeypatch.setitem(promises.KINDS, "mature", done_and_broken)
    [claimed] = outbox.claim(house.database)
    assert outbox.keep(house.database, claimed) is False
    assert len(publications(house.database)) == before
    found = row(house, claimed.id)
    assert (found.kept_at, found.attempts, found.last_error) == (None, 1, "RuntimeError: the lamp fell over")
    assert at(60) < found.leased_until <= at(63)


def test_a_promise_that_always_fails_is_set_aside_seen_and_tried_again_when_told(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(work: Work, promise: Promise) -> None:
        raise RuntimeError("no")

    desk = Desk(house)
    promise_id = owe(house, "lamp", "lamp:1", scope=LIBRARY)
    monkeypatch.setitem(promises.KINDS, "lamp", broken)
    for number in range(1, outbox.TRIES + 1):
        house.at(number * 10_000)
        [claimed] = outbox.claim(house.database)
        assert claimed.attempts == number and not outbox.keep(house.database, claimed)
    assert row(house, promise_id).set_aside_at is not None and outbox.claim(house.database) == []
    told = desk.done("editor", "GET", "/worker")
    [aside] = told["set_aside"]
    assert (aside["id"], aside["kind"], aside["attempts"]) == (promise_id, "lamp", outbox.TRIES)
    assert aside["last_error"] == "RuntimeError: no" and told["due"] == 0
    again = f"/worker/promises/{promise_id}/retry"
    assert desk.ask("editor", "POST", again).status_code == 403
    assert desk.done("admin", "POST", again)["set_aside"] == []
    assert desk.ask("admin", "POST", again).status_code == 409
    kept: list[str] = []
    monkeypatch.setitem(promises.KINDS, "lamp", lambda work, promise: kept.append(promise.subject))
    assert Worker(house.database).once() == 1 and kept == ["lamp:1"]
    assert desk.ask("admin", "POST", again).status_code == 409


@pytest.mark.parametrize("promise_id", ["0", "999999", "x", "-1", "9" * 40, "1.5", "१"])
def test_a_promise_that_never_was_is_not_found(shared_house: House, promise_id: str) -> None:
    assert Desk(shared_house).ask("admin", "POST", f"/worker/promises/{promise_id}/retry").status_code == 404


@pytest.mark.parametrize(
    ("kind", "subject", "payload"),
    [
        ("everything", "all", {}), ("mature", "all", {}), ("mature", "", {}), ("review", "entry:top_x", {}),
        ("review", "entry:top_x", {"scope": "", "locale": "en", "due_on": "2026-11-01", "change": "review_due"}),
        ("review", "all", {"scope": LIBRARY, "locale": "en", "due_on": "2026-11-01", "change": "review_due"}),
        ("review", "entry:top_x", {"scope": LIBRARY, "locale": "en", "due_on": "2026-11-01", "change": "purge"}),
    ],
)  # fmt: skip
def test_ta15_a_promise_without_known_kind_subject_or_scope_is_set_aside_and_does_nothing(
    house: House, kind: str, subject: str, payload: dict[str, Any]
) -> None:
    promise_id, before = owe(house, kind, subject, **payload), len(publications(house.database))
    assert Worker(house.database).once() == 0
    found = row(house, promise_id)
    assert found.set_aside_at is not None and found.kept_at is None and found.last_error
    assert len(publications(house.database)) == before


def test_ta15_a_review_of_another_scope_than_its_entrys_is_set_aside(house: House) -> None:
    text = a_live_topic(house.database, "light-one")
    said = {"scope": "cln_foreign0", "locale": "en", "due_on": "2026-11-01", "change": "review_due"}
    promise_id = owe(house, "review", f"entry:{text.entry_id}", **said)
    assert Worker(house.database).once() == 0
    assert row(house, promise_id).set_aside_at is not None


def test_cc9_a_stale_promise_does_nothing(house: House) -> None:
    before = len(publications(house.database))
    gone = owe(house, "mature", "transition:999999")
    assert Worker(house.database).once() == 1
    assert row(house, gone).kept_at is not None and len(publications(house.database)) == before


def test_cc9_a_worker_whose_clock_runs_ahead_puts_a_promise_back_until_it_is_due(
    house: House, other: Database
) -> None:
    scheduled(house, "light-one", 60)
    before = len(publications(house.database))
    other.clock.frozen_at = NOW + 65
    claims = outbox.claim(other)
    other.clock.frozen_at = NOW + 58
    assert [outbox.keep(other, each) for each in claims] == [False]
    found = row(house, claims[0].id)
    assert (found.due_at, found.leased_until, found.attempts) == (at(60), None, 0)
    other.clock.frozen_at = NOW + 60
    assert Worker(other).once() == 1
    assert len(publications(house.database)) == before + 1


def test_what_was_begun_too_often_without_an_end_is_set_aside(house: House) -> None:
    scheduled(house, "light-one", 60)
    for number in range(outbox.TRIES + 1):
        house.at(60 + number * 100)
        [claimed] = outbox.claim(house.database)
    assert outbox.keep(house.database, claimed) is False
    found = row(house, claimed.id)
    assert found.set_aside_at is not None and "never ended" in found.last_error


def test_the_next_write_keeps_what_was_set_aside_too(house: House) -> None:
    scheduled(house, "light-one", 60)
    with house.database.transaction() as session:
        session.execute(Promise.__table__.update().where(Promise.kind == "mature").values(set_aside_at=at(1)))
    house.at(60)
    with writing(house.database, OPERATOR) as work:
        work.log("test", "library")
    a_live_topic(house.database, "light-two")
    with looking(house.database, OPERATOR) as work:
        assert work.session.scalars(select(Promise.kept_at).where(Promise.kind == "mature")).all() == [at(60)]


def test_claims_that_are_handed_back_were_never_taken(house: House) -> None:
    scheduled(house, "light-one", 60)
    house.at(60)
    claims = outbox.claim(house.database)
    outbox.give_back(house.database, claims)
    assert (row(house, claims[0].id).attempts, row(house, claims[0].id).leased_until) == (0, None)
    assert outbox.claim(house.database) == claims


def test_the_pause_ends_with_what_is_due_next(house: House) -> None:
    scheduled(house, "light-one", 60)
    assert outbox.pause(house.database) == 60
    house.at(59.25)
    assert outbox.pause(house.database) == 0.75
    house.at(61)
    assert (outbox.pause(house.database) or 0) <= 0
    outbox.claim(house.database, lease=30)
    assert outbox.pause(house.database) == 30


def test_a_review_that_falls_due_and_overdue_is_numbered_at_its_day_once(house: House) -> None:
    text = a_live_topic(house.database, "light-one")
    before, worker = len(publications(house.database)), Worker(house.database)
    mine = [f"e:{text.entry_id}", "l:library:topic"]
    house.at(YEAR + 5 * 86_400)
    worker.once()
    new = [each for each in publications(house.database)[before:] if each.entry_id == text.entry_id]
    assert [(each.kind, each.at.isoformat(), each.tags) for each in new] == [
        ("review_due", "2027-11-01T00:00:00+00:00", mine)
    ]
    house.at(YEAR + 40 * 86_400)
    worker.once()
    assert worker.once() == worker.kept
    new = [each for each in publications(house.database)[before:] if each.entry_id == text.entry_id]
    assert [each.kind for each in new] == ["review_due", "review_overdue"]
    numbers = [each.number for each in publications(house.database)]
    assert numbers == list(range(1, len(numbers) + 1))


def test_a_review_that_was_done_anew_or_a_text_that_is_gone_owes_nothing(house: House) -> None:
    renewed, gone = a_live_topic(house.database, "light-one"), a_live_topic(house.database, "light-two")
    move(house.database, "withdraw", gone, "publisher")
    house.at(100 * 86_400)
    revise(house.database, renewed, a_topic(sections=[a_section("overview", "Light meets the skin.")]))
    publish_text(house.database, renewed)
    before = len(publications(house.database))
    house.at(YEAR + 5 * 86_400)
    Worker(house.database).once()
    named = [each.entry_id for each in publications(house.database)[before:]]
    assert renewed.entry_id not in named and gone.entry_id not in named
    house.at(YEAR + 105 * 86_400)
    Worker(house.database).once()
    kinds = [each.kind for each in publications(house.database)[before:] if each.entry_id == renewed.entry_id]
    assert kinds == ["review_due"]


def test_the_last_modification_never_goes_back_when_a_review_is_numbered_late(house: House) -> None:
    a_live_topic(house.database, "light-one")
    house.at(YEAR + 86_400)
    a_live_topic(house.database, "light-two")
    before = house.get("demo-south/topics").headers["Last-Modified"]
    Worker(house.database).once()
    assert house.get("demo-south/topics").headers["Last-Modified"] == before


def test_the_number_of_what_was_set_aside_is_exact_however_many_are_listed(house: House) -> None:
    now = house.database.instant()
    apart = {"kind": "x", "subject": "x", "payload": {}, "created_at": now, "due_at": now, "set_aside_at": now}
    with house.database.transaction() as session:
        session.execute(insert(Promise), [apart] * (outbox_state.SHOWN + 1))
    assert outbox_state.gauges(house.database)["clinic_cms_outbox_set_aside"] == outbox_state.SHOWN + 1
