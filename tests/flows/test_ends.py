"""The end of what shows: planned with one revision, kept or moved by those that follow."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import House
from tests.managing import Desk
from tests.releasing import released

pytestmark = pytest.mark.either

NINE, TEN, ELEVEN, NOON = (f"2026-11-01T{hour:02}:00:00Z" for hour in (9, 10, 11, 12))
"""One to four hours after NOW."""
HOUR = 3_600
SLUG = "light-therapy"


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def live(desk: Desk, **said: Any) -> str:
    path = desk.create(SLUG)
    desk.publish(path, **said)
    return path


def rewritten(desk: Desk, path: str, summary: str = "Said anew.") -> str:
    """The next revision, approved: other words, none of them clinical."""
    desk.done("author", "PATCH", path, {"document": {"summary": summary}})
    desk.move("author", path, "submit")
    desk.move("editor", path, "approve")
    return path


def shown(house: House, hours: int) -> list[int | None]:
    """Which revision readers see at the start of each of so many hours, None where there is none."""
    seen: list[int | None] = []
    for hour in range(1, hours + 1):
        house.at(hour * HOUR)
        reply = house.get(f"demo-south/topics/{SLUG}?fields[topic]=title")
        seen.append(reply.json["data"]["revision"] if reply.status_code == 200 else None)
    return seen


def test_an_end_stays_when_a_newer_revision_goes_live_before_it(house: House, desk: Desk) -> None:
    path = rewritten(desk, live(desk, until=TEN))
    told = desk.move("publisher", path, "publish")
    assert told["scheduled"] == [{"move": "unpublish", "revision": 1, "at": TEN, "release": None}]
    assert shown(house, 3) == [2, None, None]


@pytest.mark.parametrize("said", [{}, {"at": NINE}])
def test_an_end_that_is_given_with_a_newer_revision_takes_the_place_of_the_older_one(
    house: House, desk: Desk, said: dict[str, str]
) -> None:
    path = rewritten(desk, live(desk, until=TEN))
    told = desk.move("publisher", path, "publish", until=ELEVEN, **said)
    ends = [each for each in told["scheduled"] if each["move"] == "unpublish"]
    assert ends == [{"move": "unpublish", "revision": 2, "at": ELEVEN, "release": None}]
    assert shown(house, 3) == [2, 2, None]


def test_the_audit_log_tells_when_a_publication_was_to_end(desk: Desk) -> None:
    path = live(desk, until=TEN)
    lines = desk.done("admin", "GET", f"/audit?filter[subject]={path.rpartition('/')[2]}&filter[verb]=publish")
    assert [each["details"]["until"] - each["details"]["at"] for each in lines] == [2 * HOUR]


def test_the_end_of_what_is_live_is_moved_by_until_alone(house: House, desk: Desk) -> None:
    path = live(desk, until=NINE)
    told = desk.move("publisher", path, "publish", until=ELEVEN)
    assert told["scheduled"] == [{"move": "unpublish", "revision": 1, "at": ELEVEN, "release": None}]
    assert shown(house, 3) == [1, 1, None]


def test_the_end_of_what_is_live_leaves_a_later_publication_and_its_end_as_they_are(house: House, desk: Desk) -> None:
    path = rewritten(desk, live(desk))
    desk.move("publisher", path, "publish", at=TEN, until=NOON)
    desk.move("publisher", path, "publish", revision=1, until=NINE)
    assert shown(house, 4) == [None, 2, 2, None]


def test_what_takes_over_in_the_second_of_an_end_shows_whichever_was_planned_first(house: House, desk: Desk) -> None:
    path = rewritten(desk, live(desk))
    release = released(desk, path, at=TEN)
    desk.move("publisher", release, "publish")
    desk.done("publisher", "GET", path)
    told = desk.move("publisher", path, "publish", revision=1, until=TEN)
    assert [(each["move"], each["revision"]) for each in told["scheduled"]] == [("unpublish", 1), ("publish", 2)]
    assert shown(house, 3) == [1, 2, 2]
    assert desk.done("publisher", "GET", path)["live_revision"] == 2
    assert desk.done("publisher", "GET", release)["state"] == "live"


def test_what_was_planned_with_one_revision_is_unscheduled_alone(house: House, desk: Desk) -> None:
    path = rewritten(desk, live(desk, until=NOON))
    desk.move("publisher", path, "publish", at=NINE)
    refused = desk.ask("publisher", "POST", f"{path}/moves/unschedule", {"revision": 3})
    assert refused.json["blockers"][0]["detail"] == "Nothing is scheduled of revision 3."
    told = desk.move("publisher", path, "unschedule", revision=2)
    assert told["scheduled"] == [{"move": "unpublish", "revision": 1, "at": NOON, "release": None}]
    assert shown(house, 4) == [1, 1, 1, None]


def test_the_time_of_a_zone_names_an_instant_of_the_past_too(house: House, desk: Desk) -> None:
    path = live(desk, at="2026-11-01T09:01[Europe/Madrid]")
    house.at(600)
    for at, state in (("2026-11-01T09:05[Europe/Madrid]", "live"), ("2026-11-01T09:00[Europe/Madrid]", "absent")):
        assert desk.done("author", "GET", f"{path}?at={at}")["state"] == state
    refused = desk.ask("author", "GET", f"{path}?at=2026-10-25T02:30[Europe/Madrid]")
    assert (refused.status_code, refused.json["errors"][0]["parameter"]) == (400, "at")
    assert "happens twice" in refused.json["errors"][0]["detail"]
