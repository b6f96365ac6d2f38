"""Rows by prepared statements: the same objects as through the ORM, in the same transaction."""

from __future__ import annotations

import contextlib

from sqlalchemy import bindparam, inspect, select

from api.models import AuditEntry, Entry, Revision, Variant
from api.rules.permissions import OPERATOR
from api.services import lookup
from api.services.rows import Objects
from api.services.texts.facts import newest_of
from api.services.work import Work, writing
from tests.builders import create
from tests.conftest import House

NUMBERED = Objects(Revision, select(Revision.__table__).where(Revision.variant_id == bindparam("variant")))


def fail_after_logging(work: Work, verb: str) -> None:
    with contextlib.suppress(ZeroDivisionError), work.attempt():
        work.log(verb, "undone")
        raise ZeroDivisionError


def test_an_object_holds_what_the_orm_reads_and_is_the_same_one(house: House) -> None:
    text = create(house.database, "same-object")
    with writing(house.database, OPERATOR) as work:
        prepared = newest_of(work.session.get_one(Variant, text.id))
        told = {column.key: getattr(prepared, column.key) for column in inspect(Revision).columns}
        assert work.session.get(Revision, prepared.id) is prepared and prepared in work.session
        assert not work.session.dirty and prepared.variant.id == text.id
        work.session.expire(prepared)
        assert {name: getattr(prepared, name) for name in told} == told


def test_an_object_known_without_its_words_gets_them_and_keeps_what_was_changed(house: House) -> None:
    text = create(house.database, "known-already")
    with writing(house.database, OPERATOR) as work:
        known = work.session.scalars(select(Revision).where(Revision.variant_id == text.id)).one()
        assert "document" in inspect(known).unloaded
        known.note = "Changed, and not yet written."
        with work.session.no_autoflush:
            (found,) = NUMBERED.all(work.session, variant=text.id)
        assert found is known and known.note == "Changed, and not yet written."
        assert "document" not in inspect(known).unloaded
    with writing(house.database, OPERATOR) as work:
        assert newest_of(work.session.get_one(Variant, text.id)).note == "Changed, and not yet written."


def test_a_prepared_read_sees_what_the_session_was_told_before(house: House) -> None:
    text = create(house.database, "told-before")
    with writing(house.database, OPERATOR) as work:
        entry = work.session.get_one(Entry, text.entry_id)
        entry.type = "guide"
        assert lookup.entry(work, "guide", entry.id) is entry


def test_a_part_that_failed_takes_its_prepared_writes_back(house: House) -> None:
    with writing(house.database, OPERATOR) as work:
        work.log("one", "kept")
        fail_after_logging(work, "two")
        work.log("three", "kept")
    with writing(house.database, OPERATOR) as work:
        newest = select(AuditEntry).order_by(AuditEntry.number.desc()).limit(2)
        last, before = work.session.scalars(newest)
        assert (before.verb, last.verb, last.previous_hash) == ("one", "three", before.hash)


def test_a_savepoint_holds_prepared_writes_that_come_first_in_it(house: House) -> None:
    with writing(house.database, OPERATOR) as work:
        fail_after_logging(work, "first")
    with writing(house.database, OPERATOR) as work:
        assert work.last_logged("first") == {}
        assert work.session.scalar(select(AuditEntry.number).where(AuditEntry.verb == "first")) is None
