"""What was taken down vanishes from Redis too: its bytes, in every version of the code, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import select

from api.app import create_app
from api.cache.codec import Codec, Cut
from api.cache.redis_tier import BEGINNING, RedisTier
from api.cache.stored import Stored
from api.models import Promise
from api.rules.permissions import OPERATOR
from api.services.outbox import copies, outbox
from api.services.work import writing
from api.worker import Worker
from tests.builders import a_live_topic, move
from tests.conftest import House
from tests.fronted import patient
from tests.processes import free_port

pytestmark = pytest.mark.either

SECRET = b"0123456789abcdef0123456789abcdef"
TOPIC = "/v1/clinics/demo-south/topics/light-therapy"
LIST = "/v1/clinics/demo-south/topics"
OTHER = "/v1/clinics/demo-south/faqs"


@pytest.fixture
def store(redis_url: str) -> Iterator[Redis]:
    client = Redis.from_url(redis_url)
    client.flushall()
    yield client
    client.close()


@pytest.fixture
def shared(house: House, redis_url: str) -> Iterator[House]:
    """A house that keeps its replies in Redis too, followed at each commit."""
    Worker(house.database).once()
    settings = replace(house.app.extensions["config"], redis_url=redis_url)
    house.database.copies = settings.copies
    with patient():
        app = create_app(settings, house.database)
        yield House(app, house.database, app.test_client())
        app.extensions["front"].stop()


def erasing(house: House) -> Worker:
    return Worker(house.database, outside=copies.of(house.app.extensions["config"]))


def kept(store: Redis) -> list[bytes]:
    """The values that replies are kept in."""
    names = [name for name in store.scan_iter("cc:*") if not name.endswith(b":lock") and b":limit:" not in name]
    return [value for name in names if isinstance(value := store.get(name), bytes)]


def entry(tags: set[str], clock: int, body: bytes = b"{}") -> Stored:
    head = [("Content-Type", "application/json")]
    return Stored(("/p", ""), "cln_1", frozenset(tags), None, clock, "200 OK", head, '"x"', "", body, 1.0)


def owed(house: House) -> list[Any]:
    with house.database.reading() as connection:
        asked = select(Promise.__table__).where(Promise.kind == copies.ERASE, Promise.kept_at.is_(None))
        return list(connection.execute(asked.order_by(Promise.id)))


def test_a_withdrawn_text_leaves_no_byte_in_redis_and_the_rest_stays(shared: House, store: Redis) -> None:
    text = a_live_topic(shared.database, "light-therapy")
    for address in (TOPIC, LIST, OTHER):
        assert shared.get(address).status_code == 200
    assert len(kept(store)) == 3 and any(b"What light may do" in value for value in kept(store))
    assert owed(shared) == [], "what was only replaced is owed no erasing"
    move(shared.database, "withdraw", text, "publisher", reason="Wrong.")
    assert [each.due_at - owed(shared)[0].due_at for each in owed(shared)][1] == copies.AGAIN
    assert erasing(shared).once() == 1
    assert len(kept(store)) == 1 and not any(b"What light may do" in value for value in kept(store))
    assert shared.get(OTHER).status_code == 200 and shared.get(TOPIC).status_code == 410
    shared.at(5)
    assert erasing(shared).once() == 1
    assert len(kept(store)) == 2, "what was made after the withdrawal stays"


def test_a_lost_redis_is_tried_until_it_is_back(shared: House, store: Redis, redis_url: str) -> None:
    text = a_live_topic(shared.database, "light-therapy")
    shared.get(TOPIC)
    move(shared.database, "withdraw", text, "publisher", reason="Wrong.")
    nowhere = RedisTier(f"redis://127.0.0.1:{free_port()}/0")
    lost = Worker(shared.database, outside=copies.Copies(shared=nowhere, codec=Codec(SECRET, "")))
    for round_ in range(2 * outbox.TRIES):
        shared.at(10 * round_)
        assert lost.once() == 0
    assert len(owed(shared)) == 2 and all("Redis" in each.last_error for each in owed(shared))
    shared.at(1_000)
    assert erasing(shared).once() == 2 and owed(shared) == []
    assert not any(b"What light may do" in value for value in kept(store))


def test_everything_purged_is_everything_erased(shared: House, store: Redis) -> None:
    for address in (LIST, OTHER):
        shared.get(address)
    assert len(kept(store)) == 2
    with writing(shared.database, OPERATOR) as work:
        work.purge(["*"])
        work.now()
    erasing(shared).once()
    assert kept(store) == []


def test_only_what_is_older_ours_and_tagged_is_erased(store: Redis, redis_url: str) -> None:
    """Large heads are read whole, other versions of the code are known, and other people's values are left alone."""
    mine, earlier, foreign = Codec(SECRET, "v2"), Codec(SECRET, "v1"), Codec(b"x" * 32, "v2")
    many = {f"e:{number}" for number in range(2_000)}
    doomed = {"cc:a": mine.packed(entry({"e:1"}, 6)), "cc:b": earlier.packed(entry({"e:1", "e:2"}, 1)),
              "cc:c": mine.packed(entry(many, 6, b"x" * 500_000))}  # fmt: skip
    spared = {"cc:d": mine.packed(entry({"e:1"}, 7)), "cc:e": mine.packed(entry({"e:9000"}, 1)),
              "cc:f": foreign.packed(entry({"e:1"}, 1)), "cc:g": b"", "cc:h": b"\xff" * 30, "cc:limit:x": b"12",
              "other": doomed["cc:a"], "cc:i": b"\x00" * 16 + b"\x00\x00\x20\x00" + b"y" * 60}  # fmt: skip
    for name, value in (doomed | spared).items():
        assert value is not None
        store.set(name, value)
    store.sadd("cc:set", "e:1")
    assert len(doomed["cc:c"] or b"") > BEGINNING
    told = copies.Copies(shared=RedisTier(redis_url), codec=Codec(SECRET, ""))
    told.tell(None, copies.ERASE, "redis", [copies.Purged(frozenset({"e:1"}), 7)])  # type: ignore[arg-type]
    assert {name.decode() for name in store.keys("*")} == {*spared, "cc:set"}


def test_the_beginning_of_a_value_tells_its_tags_and_a_changed_byte_tells_nothing() -> None:
    codec = Codec(SECRET, "v1")
    value = codec.packed(entry({"e:1", "c:2"}, 5, b"{}" * 1_000)) or b""
    assert codec.depends(value[:-1_900]) == (frozenset({"e:1", "c:2"}), 5)
    with pytest.raises(Cut):
        codec.depends(value[:40])
    for at in range(0, len(value), 7):
        broken = value[:at] + bytes([value[at] ^ 1]) + value[at + 1 :]
        assert codec.unpacked(("/p", ""), broken) is None, at
    assert codec.unpacked(("/p", ""), value) is not None
    assert Codec(SECRET, "v2").unpacked(("/p", ""), value) is None and codec.unpacked(("/q", ""), value) is None
    for end in (0, 10, 19, 20, 100, len(value) - 1):
        assert codec.unpacked(("/p", ""), value[:end]) is None
