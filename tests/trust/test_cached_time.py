"""What changes by itself at an instant (CA23), and what may be shown when nothing newer can be had (CA17)."""

from __future__ import annotations

import calendar
import re
from typing import Any

import pytest

from tests.builders import a_topic
from tests.fronted import Fronted, Processes, lost, told, wait_until, where
from tests.managing import Desk
from tests.racing_fills import READ, rename
from tests.trust.desk import at

ITEM = "demo-south/topics/light-therapy?locale=en"
WITH_IT = (ITEM, "demo-south/topics?locale=en", "demo-north/topics?locale=en", "demo-south/sitemap.xml",
           "demo-south/search?q=light&locale=en", "demo-south/categories?locale=en", "demo-south/navigation?locale=en",
           "demo-south/topics.jsonld?locale=en", "demo-south/resolve?path=/treatments/light-therapy")  # fmt: skip
T = 1_000
STEPS = (0, T - 400, T - 130, T - 60, T - 2, T - 1, T - 0.01, T, T + 0.05, T + 10)


def lifetimes(reply: Any) -> list[int]:
    """s-maxage, and with each stale window added: the seconds for which a shared cache may give a reply."""
    named = dict(re.findall(r"([a-z-]+)=(\d+)", reply.headers["Cache-Control"]))
    fresh = int(named["s-maxage"])
    return [fresh, *(fresh + int(each) for name, each in named.items() if name.startswith("stale"))]


def through(processes: list[Fronted], seconds: tuple[float, ...], change: float) -> None:
    """Move the clock on: each process is right at each step, and no lifetime reaches past the change."""
    for now in seconds:
        processes[0].at(now)
        for there in processes:
            there.fresh(*WITH_IT)
            for address in WITH_IT:
                left = change - now
                most = max(lifetimes(there.get(address)))
                assert left <= 0 or most < left or most == 0, (now, address)


@pytest.fixture
def pair(running: Processes) -> list[Fronted]:
    return [running.start(), running.start()]


def test_ca23_a_publish_planned_after_the_reply_was_stored_comes_at_its_second(pair: list[Fronted]) -> None:
    desk = Desk(pair[0])
    path = desk.create("light-therapy", a_topic(categories=["acne-scars"]))
    for there in pair:
        there.warm(*WITH_IT)
    desk.publish(path, at=at(T).isoformat())
    pair[1].followed()
    through(pair, STEPS, T)
    assert pair[1].get(ITEM).status_code == 200
    assert where(pair[1].get(ITEM)).startswith("hit")


def test_ca23_an_end_that_was_planned_comes_at_its_second(pair: list[Fronted]) -> None:
    desk = Desk(pair[0])
    path = desk.create("light-therapy", a_topic(categories=["acne-scars"]))
    desk.publish(path, until=at(T).isoformat())
    for there in pair:
        there.warm(*WITH_IT)
    through(pair, STEPS, T)
    assert pair[1].get(ITEM).status_code == 404


def test_ca23_a_plan_that_is_given_up_changes_nothing_at_its_second(pair: list[Fronted]) -> None:
    desk = Desk(pair[0])
    path = desk.create("light-therapy")
    desk.publish(path, at=at(T).isoformat())
    for there in pair:
        there.get(ITEM)
        there.warm(*WITH_IT[1:6])
    desk.move("publisher", path, "unschedule")
    pair[1].followed()
    for there in pair:
        there.fresh(*WITH_IT)
        assert max(lifetimes(there.get(WITH_IT[1]))) == 120
    through(pair, (T, T + 1), T)
    assert pair[1].get(ITEM).status_code == 404


def test_ca23_a_review_that_falls_due_is_told_at_its_second(either: Processes) -> None:
    there, address = either.start(), "demo-south/topics/mesotherapy?locale=en"
    due = there.data(address)["data"]["review"]["next_due"]
    day = (calendar.timegm((*map(int, due.split("-")), 0, 0, 0)) - int(at(0).timestamp()))
    for now, status in ((day - 100, "current"), (day - 1, "current"), (day, "due"), (day + 1, "due")):
        there.at(now)
        there.fresh(address)
        assert there.data(address)["data"]["review"]["status"] == status


def test_ca17_what_was_taken_down_is_never_shown_in_an_emergency(
    running: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    there, other = running.start(), running.start()
    desk = Desk(there)
    path = desk.create("light-therapy")
    desk.publish(path)
    for each in (there, other):
        each.warm(ITEM, "demo-south/topics?locale=en", READ)
    desk.move("medical_reviewer", path, "recall", reason="Wrong", severity="high")
    rename(there, "Renamed")
    other.followed()
    for each in (there, other):
        lost(each, monkeypatch)
        for address in (ITEM, "demo-south/topics?locale=en"):
            reply = each.get(address)
            assert (reply.status_code, reply.headers["Retry-After"]) == (503, "1") or reply.status_code == 503
            assert "Light therapy" not in reply.text and reply.headers["Cache-Control"] == "no-store"
        edited = each.get(READ)
        assert edited.status_code == 200 and "detail=stale-if-error" in where(edited)
        assert edited.json["data"]["name"] == "Demo Clinic South"
        assert edited.headers["Cache-Control"] == "public, max-age=0, s-maxage=1"


def test_ca17_nothing_is_shown_past_a_change(either: Processes, monkeypatch: pytest.MonkeyPatch) -> None:
    there = either.start()
    desk = Desk(there)
    desk.publish(desk.create("light-therapy"), until=at(T).isoformat())
    there.warm(ITEM)
    lost(there, monkeypatch)
    there.at(T - 1)
    assert there.get(ITEM).status_code == 200
    there.at(T)
    assert there.get(ITEM).status_code == 503


def test_ca17_nothing_is_shown_past_its_window(either: Processes, monkeypatch: pytest.MonkeyPatch) -> None:
    there = either.start()
    there.warm(READ)
    right = told(there.get(READ))[1]
    lost(there, monkeypatch)
    there.at(86_399)
    assert told(there.get(READ))[1] == right
    there.at(86_401)
    assert there.get(READ).status_code == 503


def test_ca17_a_stale_copy_is_shown_at_once_and_only_until_it_was_made_anew(either: Processes) -> None:
    there = either.start()
    there.warm(READ)
    there.at(500)
    assert there.how(READ) == "hit; detail=stale"
    wait_until(lambda: there.how(READ) == "hit; detail=process")
    there.fresh(READ)


def test_ca17_a_process_that_was_cut_off_is_fresh_once_it_is_back(
    running: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    there, other = running.start(), running.start()
    for each in (there, other):
        each.warm(READ)
    with monkeypatch.context() as patch:
        lost(other, patch)
        rename(there, "Renamed")
        assert "stale-if-error" in other.how(READ)
    other.followed()
    other.fresh(READ)
    assert other.data(READ)["data"]["name"] == "Renamed"
