"""Publications: numbered without gaps in the order of what took effect, with stamps and a kept promise each."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import select

from api.models import Promise, Stamp, Transition
from api.rules.permissions import OPERATOR
from api.services.moves import scheduling
from api.services.published import publications as service
from api.services.work import writing
from tests.builders import (
    a_live_topic,
    a_topic,
    clinic_id,
    create,
    move,
    publications,
    publish_text,
    revise,
    same_house_elsewhere,
)
from tests.conftest import NOW, House

SLUG = "light-therapy"


def at(seconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(NOW + seconds, dt.UTC)


def stamps(house: House) -> dict[str, tuple[int, dt.datetime, int]]:
    with house.database.reading() as connection:
        return {row.tag: (row.number, row.at, row.clock) for row in connection.execute(select(Stamp.__table__))}


def promises(house: House) -> list[Any]:
    """What is owed for schedules, or was; reviews that fall due owe their own."""
    with house.database.reading() as connection:
        asked = select(Promise.__table__).where(Promise.kind == "mature")
        return list(connection.execute(asked.order_by(Promise.id)))


def new_ones(house: House, before: int) -> list[tuple[str, int]]:
    """(kind, seconds after NOW) of each publication since there were so many."""
    return [(each.kind, int(each.at.timestamp()) - NOW) for each in publications(house.database)[before:]]


def test_numbers_begin_at_one_and_have_no_gaps(house: House) -> None:
    a_live_topic(house.database, SLUG)
    numbers = [each.number for each in publications(house.database)]
    assert numbers == list(range(1, len(numbers) + 1))


def test_a_draft_and_its_review_are_no_publications(house: House) -> None:
    before = len(publications(house.database))
    text = create(house.database, SLUG)
    move(house.database, "submit", text, "author")
    move(house.database, "approve", text, "medical_reviewer")
    assert new_ones(house, before) == []
    move(house.database, "publish", text, "publisher")
    assert new_ones(house, before) == [("publish", 0)]


def test_a_publication_stamps_the_entry_and_its_list(house: House) -> None:
    text = a_live_topic(house.database, SLUG)
    last = publications(house.database)[-1]
    assert set(last.tags) == {f"e:{text.entry_id}", "l:library:topic"}
    for tag in last.tags:
        assert stamps(house)[tag] == (last.number, last.at, last.number)


def test_a_clinics_own_change_stamps_that_clinic_alone(house: House) -> None:
    north = clinic_id(house.database, "demo-north")
    text = a_live_topic(house.database, SLUG, scope=north)
    assert set(publications(house.database)[-1].tags) == {f"e:{text.entry_id}", f"l:{north}:topic"}


def test_a_schedule_owes_its_number_and_the_next_write_pays_it_in_order(house: House) -> None:
    before = len(publications(house.database))
    publish_text(house.database, create(house.database, SLUG), at=at(60), until=at(120))
    assert new_ones(house, before) == []
    assert [each.kept_at for each in promises(house)[-2:]] == [None, None]
    house.at(300)
    a_live_topic(house.database, "another")
    assert new_ones(house, before) == [("publish", 60), ("unpublish", 120), ("publish", 300)]
    assert [each.kept_at for each in promises(house)[-2:]] == [at(300), at(300)]


def test_a_matured_schedule_is_stamped_with_its_own_instant(house: House) -> None:
    text = create(house.database, SLUG)
    publish_text(house.database, text, at=at(60))
    house.at(90)
    with writing(house.database, OPERATOR) as work:
        assert service.mature(work) == 1
        assert service.mature(work) == 0
    assert stamps(house)[f"e:{text.entry_id}"][1] == at(60)


def test_a_transition_is_numbered_once_and_knows_its_publication(house: House) -> None:
    publish_text(house.database, create(house.database, SLUG), at=at(60))
    asked = select(Transition).order_by(Transition.id.desc()).limit(1)
    with writing(house.database, OPERATOR) as work:
        assert scheduling.publication_of(work, work.session.scalars(asked).one()) is None
    house.at(60)
    with writing(house.database, OPERATOR) as work:
        service.mature(work)
        transition = work.session.scalars(asked).one()
        found = scheduling.publication_of(work, transition)
        assert transition.effective and found is not None and found.at == at(60)


def test_what_is_cancelled_owes_nothing(house: House) -> None:
    text = create(house.database, SLUG)
    owed = len(promises(house))
    publish_text(house.database, text, at=at(60), until=at(120))
    move(house.database, "unschedule", text, "publisher")
    assert len(promises(house)) == owed


def test_visibility_does_not_wait_for_the_number(house: House) -> None:
    before = len(publications(house.database))
    publish_text(house.database, create(house.database, SLUG), at=at(60))
    house.at(60)
    assert house.get(f"demo-south/topics/{SLUG}").status_code == 200
    assert new_ones(house, before) == []


def test_the_last_modification_is_the_instant_it_went_live_though_nobody_counted_it(house: House) -> None:
    publish_text(house.database, create(house.database, SLUG), at=at(60))
    house.at(61)
    assert house.get(f"demo-south/topics/{SLUG}").headers["Last-Modified"] == "Sun, 01 Nov 2026 08:01:00 GMT"


def test_a_second_process_goes_on_with_the_next_number(house: House) -> None:
    a_live_topic(house.database, SLUG)
    other = same_house_elsewhere(house)
    try:
        a_live_topic(other, "another")
    finally:
        other.close()
    numbers = [each.number for each in publications(house.database)]
    assert numbers == list(range(1, len(numbers) + 1))


def test_publishing_a_planned_text_earlier_keeps_the_plan(house: House) -> None:
    text = create(house.database, SLUG)
    publish_text(house.database, text, at=at(60))
    revise(house.database, text, a_topic(title="Now"))
    publish_text(house.database, text)
    assert house.data(f"demo-south/topics/{SLUG}")["data"]["title"] == "Now"
    house.at(60)
    assert house.data(f"demo-south/topics/{SLUG}")["data"]["title"] == "Light therapy"
