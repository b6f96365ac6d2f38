"""The audit log: every verb leaves its line, and a line that was changed is found."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import delete, func, select, update

from api.models import AuditEntry
from api.rules.permissions import OPERATOR
from api.services import audit
from api.services.work import writing
from tests.builders import a_live_topic, create
from tests.conftest import House


def verified(house: House) -> int | None:
    with writing(house.database, OPERATOR) as work:
        return audit.verify(work.session)


def tampered(house: House, statement: Any) -> None:
    with house.database.transaction() as session:
        session.execute(statement)


def lines(house: House) -> list[Any]:
    with house.database.reading() as connection:
        return list(connection.execute(select(AuditEntry.__table__).order_by(AuditEntry.number)))


def test_the_log_of_the_seed_is_whole(house: House) -> None:
    assert verified(house) is None


def test_each_verb_of_a_life_leaves_one_line_by_who_made_it(house: House) -> None:
    before = len(lines(house))
    text = a_live_topic(house.database, "light-therapy")
    told = [(each.verb, each.actor) for each in lines(house)[before:]]
    assert told == [
        ("create", "prs_author"), ("submit", "prs_author"), ("approve", "prs_medical_reviewer"),
        ("publish", "prs_publisher"),
    ]  # fmt: skip
    assert {each.subject for each in lines(house)[before:]} == {text.entry_id}


def test_numbers_have_no_gaps_and_each_line_names_the_one_before(house: House) -> None:
    a_live_topic(house.database, "light-therapy")
    told = lines(house)
    assert [each.number for each in told] == list(range(1, len(told) + 1))
    assert [each.previous_hash for each in told[1:]] == [each.hash for each in told[:-1]]


def test_a_write_that_fails_leaves_no_line(house: House) -> None:
    before = len(lines(house))
    with pytest.raises(ZeroDivisionError):
        _log_and_fail(house)
    assert len(lines(house)) == before and verified(house) is None


def _log_and_fail(house: House) -> None:
    with writing(house.database, OPERATOR) as work:
        work.log("nothing", "nobody")
        raise ZeroDivisionError


@pytest.mark.parametrize(
    "changed",
    [{"actor": "prs_somebody_else"}, {"verb": "other"}, {"subject": "other"}, {"details": {"no": "thing"}},
     {"hash": "0" * 64}, {"previous_hash": "f" * 64}],
    ids=lambda changed: next(iter(changed)),
)  # fmt: skip
def test_a_changed_line_is_found(house: House, changed: dict[str, Any]) -> None:
    tampered(house, update(AuditEntry).where(AuditEntry.number == 5).values(**changed))
    assert verified(house) == 5


def test_a_line_taken_out_is_found(house: House) -> None:
    tampered(house, delete(AuditEntry).where(AuditEntry.number == 7))
    assert verified(house) == 7


def test_the_log_goes_on_after_the_last_line(house: House) -> None:
    with house.database.reading() as connection:
        last = connection.scalar(select(func.max(AuditEntry.number)))
    create(house.database, "light-therapy")
    assert lines(house)[-1].number == last + 1 and verified(house) is None
