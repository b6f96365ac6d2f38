"""CC9: schedules across their instant, whoever numbers them, cancels them, moves them, or is late."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from api import db
from api.db import Database
from api.errors import CmsError
from api.models import Variant
from api.services.outbox import outbox
from api.worker import Worker
from tests.builders import (
    ROLES,
    create,
    move,
    publications,
    publish_text,
    same_house_elsewhere,
    writing_as,
)
from tests.conftest import NOW, House

SLUG = "light-therapy"
PUBLIC = f"demo-south/topics/{SLUG}"


def at(seconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(NOW + seconds, dt.UTC)


@pytest.fixture
def others(house: House) -> Iterator[list[Database]]:
    """The same house in three more processes."""
    for role in ROLES:
        with writing_as(house.database, role):
            pass
    found = [same_house_elsewhere(house) for _ in range(3)]
    yield found
    for each in found:
        each.close()


def planned(house: House, seconds: int = 60) -> Variant:
    text = create(house.database, SLUG)
    publish_text(house.database, text, at=at(seconds))
    return text


def numbered(house: House, text: Variant) -> list[int]:
    """Seconds after NOW of every publication of a text."""
    mine = [each for each in publications(house.database) if each.entry_id == text.entry_id]
    return [int(each.at.timestamp()) - NOW for each in mine]


def together(*runners: Callable[[], Any]) -> list[Any]:
    """What each returned or raised, all let go at once."""
    gate, outcomes = threading.Barrier(len(runners)), [None] * len(runners)

    def run(number: int) -> None:
        gate.wait()
        try:
            outcomes[number] = runners[number]()
        except Exception as error:
            outcomes[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(runners))]
    for each in threads:
        each.start()
    for each in threads:
        each.join(120)
    return outcomes


def test_cc9_four_workers_number_a_transition_once(house: House, others: list[Database]) -> None:
    text = planned(house)
    everyone = [house.database, *others]
    for each in everyone:
        each.clock.frozen_at = NOW + 60
    outcomes = together(*(Worker(each).once for each in everyone))
    assert not [each for each in outcomes if isinstance(each, Exception)] and sum(outcomes) >= 1
    assert numbered(house, text) == [60]


def test_cc9_clocks_that_differ_by_five_seconds_make_one_transition_at_its_own_instant(
    house: House, others: list[Database]
) -> None:
    text = planned(house)
    for seconds in range(50, 71, 5):
        for number, each in enumerate(others):
            each.clock.frozen_at = NOW + seconds + (number - 1) * 5
        together(*(Worker(each).once for each in others))
    assert numbered(house, text) == [60]


def test_cc9_on_postgresql_workers_go_by_the_databases_clock(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    if house.database.sqlite:
        pytest.skip("SQLite has no clock of its own")
    house.database.clock.frozen_at = None
    ahead = time.time() + 3_600
    monkeypatch.setattr(db, "time", SimpleNamespace(time=lambda: ahead, monotonic=time.monotonic))
    assert house.database.clock.now() == ahead
    with house.database.reading() as connection:
        assert outbox.clock(house.database, connection) < ahead - 1_800


def test_cc9_cancelled_a_second_before_nothing_comes_and_a_late_worker_does_nothing(house: House) -> None:
    text = planned(house)
    house.at(60)
    claims = outbox.claim(house.database)
    house.at(59)
    move(house.database, "unschedule", text, "publisher")
    house.at(60)
    assert [outbox.keep(house.database, each) for each in claims] == [False]
    house.at(3_600)
    assert Worker(house.database).once() == 0
    assert numbered(house, text) == [] and house.get(PUBLIC).status_code == 404


def test_cc9_at_the_second_itself_it_is_live_and_cancelling_is_refused(house: House, others: list[Database]) -> None:
    text = planned(house)
    for each in (house.database, *others):
        each.clock.frozen_at = NOW + 60
    outcomes = together(
        Worker(others[0]).once, lambda: move(others[1], "unschedule", text, "publisher"), Worker(others[2]).once
    )
    refused = outcomes[1]
    assert isinstance(refused, CmsError)
    assert refused.code == "stale" or refused.extra["blockers"][0]["code"] == "not_scheduled"
    assert numbered(house, text) == [60] and house.get(PUBLIC).status_code == 200


def test_cc9_moved_to_another_instant_only_the_new_one_counts(house: House) -> None:
    text = planned(house)
    move(house.database, "unschedule", text, "publisher")
    move(house.database, "publish", text, "publisher", at=at(120))
    house.at(60)
    assert Worker(house.database).once() == 0 and house.get(PUBLIC).status_code == 404
    house.at(119)
    assert house.get(PUBLIC).status_code == 404
    house.at(120)
    assert house.get(PUBLIC).status_code == 200
    assert Worker(house.database).once() == 1 and numbered(house, text) == [120]


def test_what_shows_anyway_is_not_published_again_and_an_end_alone_makes_no_publication(house: House) -> None:
    text = planned(house)
    assert refused(house, text, at=at(60)) == refused(house, text, at=at(90)) == "already_scheduled"
    house.at(60)
    assert refused(house, text) == "already_live"
    assert refused(house, text, at=at(90)) == "already_live"
    assert move(house.database, "publish", text, "publisher", until=at(120)).at == at(120)
    assert refused(house, text) == "already_live"
    assert numbered(house, text) == [60]
    move(house.database, "publish", text, "publisher", at=at(150))
    for seconds, status in ((119, 200), (120, 404), (149, 404), (150, 200)):
        house.at(seconds)
        assert house.get(PUBLIC).status_code == status, seconds
    Worker(house.database).once()
    assert numbered(house, text) == [60, 120, 150]


def refused(house: House, text: Variant, **options: Any) -> str:
    with pytest.raises(CmsError) as told:
        move(house.database, "publish", text, "publisher", **options)
    [blocker] = told.value.extra["blockers"]
    return str(blocker["code"])


def test_cc9_a_worker_that_died_across_the_instant_loses_nothing(house: House, others: list[Database]) -> None:
    text = planned(house)
    house.at(60)
    assert len(outbox.claim(house.database, lease=30)) == 1
    assert house.get(PUBLIC).status_code == 200, "what is shown waits for no worker"
    others[0].clock.frozen_at = NOW + 89
    assert Worker(others[0]).once() == 0
    others[0].clock.frozen_at = NOW + 90
    assert Worker(others[0]).once() == 1
    assert numbered(house, text) == [60]


def test_cc9_a_worker_that_comes_a_day_late_numbers_it_with_its_own_instant(house: House) -> None:
    text = planned(house)
    house.at(86_400)
    assert Worker(house.database).once() == 1
    assert numbered(house, text) == [60]
