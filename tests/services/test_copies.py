"""Shared caches are told what a commit made old: all of it, tried again until they heard, and told twice."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from api.cache import surrogates
from api.edges import asking
from api.edges.varnish import Varnish
from api.models import LIBRARY, Clinic, Promise
from api.rules.permissions import OPERATOR
from api.services.house import house as verbs
from api.services.outbox import copies, outbox, outbox_state
from api.services.work import Work, looking, writing
from api.worker import Worker
from tests.builders import a_live_topic, a_topic, approve_text, clinic_id, move, publish_text, revise
from tests.conftest import House, application
from tests.edges.recording import Recorder, recording
from tests.fronted import LONG, wait_until

pytestmark = pytest.mark.either

EDGE = "varnish+http://edge.test:6081"


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Recorder]:
    monkeypatch.setattr(asking, "TIMEOUT", LONG)
    with recording() as found:
        yield found


@pytest.fixture
def edged(house: House) -> House:
    """A house in front of which a cache stands."""
    Worker(house.database).once()
    house.database.copies = (EDGE,)
    return house


def worker(house: House, recorder: Recorder) -> Worker:
    return Worker(house.database, outside=copies.Copies({EDGE: Varnish(recorder.address)}))


def owed(house: House, kind: str = copies.PURGE) -> list[Any]:
    with house.database.reading() as connection:
        return list(connection.execute(select(Promise.__table__).where(Promise.kind == kind).order_by(Promise.id)))


def clinics(house: House) -> list[str]:
    with house.database.reading() as connection:
        return list(connection.scalars(select(Clinic.id)))


def test_a_publish_drops_what_a_reply_carries_and_the_large_replies_of_every_clinic(
    edged: House, recorder: Recorder
) -> None:
    text = a_live_topic(edged.database, "light-therapy")
    worker(edged, recorder).once()
    carried = set(edged.get("demo-south/topics/light-therapy").headers["Surrogate-Key"].split())
    listed = set(edged.get("demo-north/topics").headers["Surrogate-Key"].split())
    recorder.asked.clear()
    edged.at(100)
    revise(edged.database, text, a_topic(title="Light, newly told"))
    publish_text(edged.database, text)
    assert worker(edged, recorder).once() >= 1
    [asked] = recorder.asked
    words = set(asked.words)
    assert words & carried and words & listed
    assert {surrogates.coarse(each) for each in clinics(edged)} <= words
    assert surrogates.word("*") not in words


def test_a_clinics_own_text_drops_nothing_of_other_clinics(edged: House, recorder: Recorder) -> None:
    south, north = clinic_id(edged.database, "demo-south"), clinic_id(edged.database, "demo-north")
    a_live_topic(edged.database, "our-own", scope=south)
    worker(edged, recorder).once()
    words = {word for asked in recorder.asked for word in asked.words}
    assert surrogates.coarse(south) in words and surrogates.coarse(north) not in words
    for address in ("demo-north/topics", "demo-north", "demo-north/topics/mesotherapy"):
        assert not words & set(edged.get(address).headers["Surrogate-Key"].split()), address


def test_a_clinic_that_becomes_private_or_goes_leaves_the_list_of_clinics_at_once(
    edged: House, recorder: Recorder
) -> None:
    carried = set(edged.get("/v1/clinics").headers["Surrogate-Key"].split())

    def dropped(change: Callable[[Work, Clinic], object]) -> bool:
        recorder.asked.clear()
        with writing(edged.database, OPERATOR) as work:
            change(work, work.session.scalars(select(Clinic).where(Clinic.slug == "demo-north")).one())
        worker(edged, recorder).once()
        return any(carried & set(asked.words) for asked in recorder.asked)

    assert dropped(lambda work, clinic: verbs.put_clinic(work, clinic, {**clinic.document, "private": True}))
    assert dropped(verbs.remove_clinic)
    assert [each["slug"] for each in edged.get("/v1/clinics").json["data"]] == ["demo-south"]


def test_each_purge_is_told_now_and_again_after_what_was_on_its_way_has_come(edged: House, recorder: Recorder) -> None:
    a_live_topic(edged.database, "light-therapy")
    first, second = owed(edged)
    assert first.payload == second.payload and second.due_at - first.due_at == copies.AGAIN
    assert worker(edged, recorder).once() == 1
    edged.at(copies.AGAIN.seconds)
    assert worker(edged, recorder).once() == 1
    assert recorder.asked[0].words == recorder.asked[1].words


def test_many_purges_at_once_are_one_request(edged: House, recorder: Recorder) -> None:
    for number in range(5):
        a_live_topic(edged.database, f"light-{number}")
    assert worker(edged, recorder).once() == 5
    assert len(recorder.asked) == 1


def test_more_than_a_provider_takes_goes_in_batches_and_far_more_as_everything(
    edged: House, recorder: Recorder
) -> None:
    told = copies.Copies({EDGE: Varnish(recorder.address, batch=100)})
    for count, requests in ((250, 3), (600, 1), (2_000, 1)):
        recorder.asked.clear()
        tags = frozenset(f"v:cln_1:ent_{number}" for number in range(count))
        told.tell(edged.database, copies.PURGE, EDGE, [copies.Purged(tags, 1)])
        assert len(recorder.asked) == requests and all(len(each.words) <= 100 for each in recorder.asked)
        if requests == 1:
            assert recorder.asked[0].words == [surrogates.word("*")]
        else:
            assert {surrogates.word(tag) for tag in tags} < {word for each in recorder.asked for word in each.words}


def test_what_names_no_clinic_drops_the_large_replies_of_all(edged: House, recorder: Recorder) -> None:
    told = copies.Copies({EDGE: Varnish(recorder.address)})
    south = clinic_id(edged.database, "demo-south")
    both = [copies.Purged(frozenset({"p:ptn_1"}), 1), copies.Purged(frozenset({f"c:{south}"}), 2)]
    for purges in (both[:1], both):
        recorder.asked.clear()
        told.tell(edged.database, copies.PURGE, EDGE, purges)
        assert {surrogates.coarse(each) for each in clinics(edged)} < set(recorder.asked[0].words)


def test_a_failure_is_tried_again_later_and_heard_once(edged: House, recorder: Recorder) -> None:
    recorder.answers = [503, 500]
    a_live_topic(edged.database, "light-therapy")
    for seconds, heard in ((0, 1), (1, 1), (4, 2), (14, 3), (60, 3)):
        edged.at(seconds)
        worker(edged, recorder).once()
        assert len(recorder.asked) >= heard
    first, second = owed(edged)
    assert first.kept_at and second.kept_at and first.last_error is None


def test_an_edge_that_never_does_it_is_set_aside_and_shown(edged: House, recorder: Recorder) -> None:
    recorder.answers = [403] * 1_000
    a_live_topic(edged.database, "light-therapy")
    for round_ in range(outbox.TRIES + 2):
        edged.at(round_ * 5_000)
        worker(edged, recorder).once()
    assert all(each.set_aside_at and "403" in each.last_error for each in owed(edged))
    with looking(edged.database, OPERATOR) as work:
        told = outbox_state.state(work)["set_aside"]
    assert {(each["kind"], each["subject"]) for each in told} == {("purge_edge", EDGE)}


def test_an_edge_that_says_nothing_holds_nobody_up(
    edged: House, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder.hang = threading.Event()
    for number in range(3):
        a_live_topic(edged.database, f"light-{number}")
    working = threading.Thread(target=worker(edged, recorder).once)
    working.start()
    wait_until(lambda: bool(recorder.asked))
    a_live_topic(edged.database, "meanwhile")
    assert working.is_alive(), "no lock is held while an edge is asked"
    recorder.hang.set()
    working.join(60)
    assert not working.is_alive() and len(recorder.asked) == 2, "what is owed together is one request"
    recorder.hang.clear()
    edged.at(copies.AGAIN.seconds)
    monkeypatch.setattr(asking, "TIMEOUT", 0.2)
    assert worker(edged, recorder).once() == 0, "it is not waited for, and not asked again at once"
    wait_until(lambda: len(recorder.asked) == 3)
    assert any("can't be asked" in (each.last_error or "") for each in owed(edged))


def test_an_edge_that_is_no_longer_named_is_owed_nothing(edged: House, recorder: Recorder) -> None:
    a_live_topic(edged.database, "light-therapy")
    assert Worker(edged.database).once() == 1
    assert recorder.asked == []


def test_a_house_with_no_copies_owes_nothing(house: House) -> None:
    a_live_topic(house.database, "light-therapy")
    assert owed(house) == []


@pytest.mark.parametrize("payload", [{}, {"tags": "e:1", "clock": 1}, {"tags": [1], "clock": 1}, {"tags": ["e:1"]}, []])
def test_a_promise_that_makes_no_sense_is_set_aside_at_once(edged: House, recorder: Recorder, payload: Any) -> None:
    with writing(edged.database, OPERATOR) as work:
        now = work.now()
        work.session.add(Promise(kind=copies.PURGE, subject=EDGE, payload=payload, created_at=now, due_at=now))
    assert worker(edged, recorder).once() == 0
    [row] = owed(edged)
    assert row.set_aside_at and row.last_error and recorder.asked == []


def test_a_schedule_that_has_come_is_told_too(edged: House, recorder: Recorder) -> None:
    text = a_live_topic(edged.database, "light-therapy")
    revise(edged.database, text, a_topic(title="Light at noon"))
    approve_text(edged.database, text)
    move(edged.database, "publish", text, "publisher", at=edged.database.instant().replace(minute=30))
    edged.at(60)
    worker(edged, recorder).once()
    recorder.asked.clear()
    edged.at(1_800)
    worker(edged, recorder).once()
    assert surrogates.word(f"l:{LIBRARY}:topic") in {word for asked in recorder.asked for word in asked.words}


def test_replies_carry_their_tags_for_cloudflare_where_it_is_named(house: House) -> None:
    settings = house.app.extensions["config"]
    assert "Cache-Tag" not in house.get("demo-south/topics").headers
    fronted = application(replace(settings, edge=("cloudflare:abc123",)), house.database).test_client()
    headers = fronted.get("/v1/clinics/demo-south/topics").headers
    assert headers["Cache-Tag"].split(",") == headers["Surrogate-Key"].split()
