"""The purge log (CA15): it is written by the commit itself, so nobody who was away can have missed a line."""

from __future__ import annotations

import threading
import time

import pytest
from sqlalchemy import func, select

from api.cache import coherence as following
from api.models import Purge
from api.rules.permissions import OPERATOR
from api.services.processes import listeners, purges
from api.services.work import writing
from tests.conftest import House
from tests.fronted import LONG, Fronted, Processes, lost, wait_until, where
from tests.managing import Desk
from tests.racing_fills import READ, rename
from tests.trust.desk import clinic_id

pytestmark = pytest.mark.either


def lines(house: House) -> int:
    with house.database.reading() as connection:
        return int(connection.scalar(select(func.count()).select_from(Purge)) or 0)


def test_ca15_the_line_is_in_the_commit_and_needs_nobody_to_be_told(running: Processes) -> None:
    there, other = running.start(), running.start()
    for each in (there, other):
        each.warm(READ)
    before = lines(there)
    # The writer dies between its commit and telling anyone.
    there.database.followers.clear()
    rename(there, "Renamed")
    assert lines(there) > before
    for each in (other, there):
        each.followed()
        assert each.data(READ)["data"]["name"] == "Renamed"


def test_ca15_what_was_rolled_back_makes_nothing_old(running: Processes) -> None:
    there = running.start()
    there.warm(READ)
    kept, before = there.kept(READ), lines(there)
    with pytest.raises(ZeroDivisionError):
        broken_off(there, clinic_id(there, "demo-south"))
    with writing(there.database, OPERATOR) as work:
        work.purge(["e:nothing_kept"])
    there.followed()  # Whatever was told before that, too.
    assert (there.kept(READ), lines(there)) == (kept, before + 1)


def broken_off(there: House, clinic: str) -> None:
    """A write that has told all of what it makes old, and fails before its commit."""
    with writing(there.database, OPERATOR) as work:
        work.purge([f"c:{clinic}"])
        purges.tick(work.database, work.session, work.now(), ["*"], hard=True)
        raise ZeroDivisionError


def test_ca15_a_change_is_seen_in_the_other_process_though_what_it_looked_at_last_holds_for_long(
    running: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(following, "IN_TOUCH_SECONDS", {"sqlite": 86_400.0, "postgresql": 86_400.0})
        there, other = running.start(), running.start()
    for number in range(10):
        other.get(READ)
        rename(there, f"Name {number}")
        # No reader looks for itself: the watch tells.
        wait_until(lambda name=f"Name {number}": other.data(READ)["data"]["name"] == name)  # type: ignore[misc]


def test_ca15_a_watch_that_lost_its_connection_reads_what_it_missed(
    running: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    there, other = running.start(), running.start()
    other.warm(READ, "demo-north")
    with monkeypatch.context() as patch:
        lost(other, patch)
        wait_until(lambda: not other.built.coherence.readable)
        for number in range(3):
            rename(there, f"Name {number}")
        assert "stale-if-error" in other.how("demo-north")
    wait_until(lambda: other.built.coherence.readable)
    assert other.data(READ)["data"]["name"] == "Name 2"
    assert where(other.get("demo-north")) == "hit; detail=process"
    other.fresh(READ, "demo-north")


def test_ca15_what_is_kept_is_not_given_out_of_touch_where_the_application_can_answer(
    alone: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = alone.start()
    there.warm(READ)
    with monkeypatch.context() as patch:
        out_of_touch(there, patch)
        assert there.get("demo-south/topics").headers["Cache-Status"] == "clinic-cms; fwd=miss"
        assert there.kept("demo-south/topics") is None
    wait_until(lambda: there.built.coherence.readable)
    there.fresh(READ, "demo-south/topics")


def test_ca15_who_waits_for_anothers_look_is_not_given_what_was_replaced(
    alone: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = alone.start()
    there.warm(READ)
    rename(there, "Renamed")
    wait_until(lambda: there.kept(READ) is None)
    coherence = there.built.coherence
    monkeypatch.setattr(coherence, "unchanged", lambda _: None)
    monkeypatch.setattr(following, "OUT_OF_TOUCH_SECONDS", LONG)
    held, done = threading.Event(), threading.Event()

    def look_for_long() -> None:
        with coherence._lock:
            coherence._touched, coherence.readable_until = time.monotonic(), 0.0
            held.set()
            done.wait(0.3)

    slow = threading.Thread(target=look_for_long)
    slow.start()
    held.wait()
    assert there.data(READ)["data"]["name"] == "Renamed"
    done.set()
    slow.join()


def out_of_touch(there: Fronted, patch: pytest.MonkeyPatch) -> None:
    """From here on looking at the log tells nothing."""
    watch, looked = there.built._threads["watch"], threading.Event()

    def look(*_: object) -> None:
        if threading.current_thread() is watch:
            looked.set()

    patch.setattr(there.built.coherence, "unchanged", look)
    patch.setattr(there.built.coherence, "catch_up", look)
    # A look that was under way may still have told that it is in touch.
    assert looked.wait(2 * LONG)
    with there.built.coherence._lock:
        there.built.coherence.readable_until = 0.0


def test_ca15_everything_can_be_forgotten_everywhere_and_nothing_from_before_is_believed(running: Processes) -> None:
    there, other = running.start(), running.start()
    addresses = (READ, "demo-north", "demo-south/topics")
    for each in (there, other):
        each.warm(*addresses)
    with writing(there.database, OPERATOR) as work:
        work.purge(["*"])
    for each in (there, other):
        each.followed()
        assert not each.built.tier.entries
    assert [there.how(each) for each in addresses] == ["fwd=miss; stored"] * 3
    there.fresh(*addresses)


def test_ca15_a_withdrawal_is_confirmed_by_every_process_or_names_who_did_not(
    running: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    there, other = running.start(), running.start()
    desk = Desk(there)
    address = "demo-south/topics/light-therapy?locale=en"
    path = desk.create("light-therapy")
    for confirming in (True, False):
        desk.publish(path)
        other.followed()
        other.warm(address)
        if not confirming:
            cut_off(other)
        with monkeypatch.context() as patch:
            if not confirming:
                patch.setattr(listeners, "WAIT_SECONDS", 0.2)
            reply = desk.ask("medical_reviewer", "POST", f"{path}/moves/withdraw", {"reason": "Out of date"})
        assert reply.status_code == 200
        missing = reply.json.get("meta", {}).get("unconfirmed", [])
        assert other.built.id in missing if not confirming else missing == []
        assert there.get(address).status_code == 410
        if confirming:
            # Whoever confirmed shows it no more, without any waiting.
            assert other.get(address).status_code == 410
        desk.move("editor", path, "restore")


def cut_off(there: Fronted) -> None:
    """The process goes on, and neither follows nor says so: its threads have ended, and it took no leave."""
    built = there.built
    built._stop.set()
    built._beat.set()
    built.refreshing.end()
    for each in built._threads.values():
        each.join(2 * LONG)
        assert not each.is_alive()


def test_ca15_who_has_ended_is_not_waited_for(alone: Processes) -> None:
    there, other = alone.start(), alone.start()
    desk = Desk(there)
    path = desk.create("light-therapy")
    desk.publish(path)
    other.built.stop()
    reply = desk.ask("medical_reviewer", "POST", f"{path}/moves/withdraw", {"reason": "Out of date"})
    assert reply.status_code == 200 and "unconfirmed" not in reply.json.get("meta", {})
