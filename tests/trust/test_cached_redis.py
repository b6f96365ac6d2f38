"""Redis as it may be (CA18, CA19): foreign bytes, broken-off commands, yesterday's data; nobody reads a wrong byte."""

from __future__ import annotations

import ast
import pickle
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import redis

from api.cache import redis_tier
from api.cache.codec import Codec
from api.cache.redis_tier import RedisTier
from api.front import fetching
from tests.fronted import LONG, Fronted, Processes, key_of_address, processes, wait_until, where
from tests.prove.breaking import breakable_redis
from tests.racing_fills import READ, rename

ROOT = Path(__file__).parent.parent.parent
ADDRESSES = ("demo-south/topics/mesotherapy", "demo-south/topics?locale=en", READ, "demo-north/topics?locale=en")


class Bomb:
    """What runs when somebody unpickles it."""

    def __reduce__(self) -> Any:
        return exec, ("raise SystemExit('unpickled')",)


def name_of(there: Fronted, address: str) -> str:
    return there.built.fetching._codec.name(key_of_address(address))


def test_ca18_nothing_is_ever_unpickled_or_evaluated() -> None:
    for path in (ROOT / "api").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            named = [each.name for each in node.names] if isinstance(node, (ast.Import, ast.ImportFrom)) else []
            named += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            named += [node.func.id] if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else []
            harmful = {"pickle", "marshal", "shelve", "cachelib", "dill", "eval", "exec"}
            assert not harmful & {each.partition(".")[0] for each in named}, path


def test_ca18_foreign_bytes_are_a_miss(tiered: Processes) -> None:
    there, other = tiered.start(), tiered.start()
    there.warm(*ADDRESSES)
    with redis.Redis.from_url(there.redis_url or "") as client:
        values = {each: client.get(name_of(there, each)) for each in ADDRESSES}
        sealed = values[READ]
        assert isinstance(sealed, bytes)
        chance = random.Random(18)
        flipped = [sealed[:at] + bytes([sealed[at] ^ 1 << chance.randrange(8)]) + sealed[at + 1 :]
                   for at in chance.sample(range(len(sealed)), 60)]  # fmt: skip
        cut = [sealed[:length] for length in (0, 1, 15, 16, 17, 20, 21, 100, len(sealed) - 1)]
        strange = [pickle.dumps(Bomb()), b"null", b"{}", b"[]", b"\x00" * 100, b"\xff" * 100, sealed * 2, sealed + b" ",
                   *(each for address, each in values.items() if address != READ)]  # fmt: skip
        for value in (*flipped, *cut, *strange):
            assert isinstance(value, bytes)
            client.set(name_of(there, READ), value)
            assert there.built.fetching._from_redis(key_of_address(READ), name_of(there, READ)) is None
        for value in (strange[0], flipped[0], cut[4], strange[-1]):
            client.set(name_of(there, READ), value)
            other.built.tier.clear()
            assert other.how(READ) == "fwd=miss; stored"
            other.fresh(READ)
        for kind in ("lpush", "sadd"):
            client.delete(name_of(there, READ))
            getattr(client, kind)(name_of(there, READ), sealed)
            other.built.tier.clear()
            other.fresh(READ)


def test_ca18_another_versions_or_installations_value_is_a_miss(tiered: Processes) -> None:
    there = tiered.start()
    there.warm(READ)
    entry = there.kept(READ)
    assert entry is not None
    mine = there.built.fetching._codec
    for theirs in (Codec(b"another secret" * 3, mine._space), Codec(tiered.secret, "another space")):
        packed = theirs.packed(entry)
        assert packed and theirs.unpacked(entry.key, packed) and mine.unpacked(entry.key, packed) is None
        assert theirs.name(entry.key) != mine.name(entry.key)
    elsewhere = tiered.start(public_url="https://other.example")
    assert elsewhere.how(READ) == "fwd=miss; stored"
    elsewhere.fresh(READ)


def test_ca18_a_value_says_nothing_by_its_name_and_comes_back_byte_for_byte(tiered: Processes) -> None:
    there, other = tiered.start(), tiered.start()
    before = set(there.remembered())
    for encoding in ("br", "gzip", "zstd", "identity"):
        there.get(ADDRESSES[0], headers={"Accept-Encoding": encoding})
    for name in set(there.remembered()) - before:
        assert b"south" not in name and b"mesotherapy" not in name
    first = other.get(ADDRESSES[0])
    assert where(first) == "hit; detail=redis"
    other.fresh(ADDRESSES[0])
    assert other.how(ADDRESSES[0]) == "hit; detail=process"


def test_ca18_yesterdays_values_are_not_believed(tiered: Processes) -> None:
    there, other = tiered.start(), tiered.start()
    there.warm(*ADDRESSES)
    with redis.Redis.from_url(there.redis_url or "") as client:
        values = {name_of(there, each): client.get(name_of(there, each)) for each in ADDRESSES}
        rename(there, "Renamed")
        other.followed()
        for name, value in values.items():
            assert isinstance(value, bytes)
            client.set(name, value)
    for each in (there, other, tiered.start()):
        each.built.tier.clear()
        assert each.data(READ)["data"]["name"] == "Renamed"
        assert "redis" in each.how(ADDRESSES[3]) or "process" in each.how(ADDRESSES[3])
        each.fresh(*ADDRESSES)


def test_ca19_a_command_that_was_broken_off_leaves_no_answer_for_the_next(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_tier, "TIMEOUT", LONG)
    tier, chance, lock = RedisTier(redis_url), random.Random(19), threading.Lock()
    for number in range(50):
        tier.put(f"cc:ca19:{number}", f"value {number}".encode(), 60)
    real = redis.Connection.read_response
    kinds = (redis.TimeoutError, ConnectionResetError, KeyboardInterrupt, GeneratorExit, None, None, None, None)

    def broken(self: redis.Connection, *more: Any, **named: Any) -> Any:
        with lock:
            fault = chance.choice(kinds)
        if fault is not None:
            raise fault
        return real(self, *more, **named)

    def ask(number: int) -> bool:
        tier._lost_until = 0.0
        try:
            found = tier.get(f"cc:ca19:{number % 50}")
        except (KeyboardInterrupt, GeneratorExit):
            return False
        assert found in (None, f"value {number % 50}".encode())
        return found is not None

    with ThreadPoolExecutor(4) as pool:
        with monkeypatch.context() as patch:
            for kind in (redis.Connection, redis.UnixDomainSocketConnection):
                patch.setattr(kind, "read_response", broken)
            told = list(pool.map(ask, range(500)))
            assert any(told) and not all(told)
        assert all(pool.map(ask, range(1_000)))


@pytest.mark.parametrize("fault", [redis.TimeoutError, redis.ConnectionError, redis.ReadOnlyError,
                                   redis.OutOfMemoryError, redis.BusyLoadingError])  # fmt: skip
def test_ca19_no_reader_sees_a_fault_of_redis(
    tiered: Processes, monkeypatch: pytest.MonkeyPatch, fault: type[Exception]
) -> None:
    there = tiered.start()
    there.warm(READ)
    with monkeypatch.context() as patch:
        def fail(*_: Any, **__: Any) -> Any:
            raise fault

        patch.setattr(redis.Redis, "execute_command", fail)
        for _ in range(3):
            there.built.tier.clear()
            there.fresh(*ADDRESSES)
        assert there.built.shared is not None and there.built.shared.errors
        rename(there, "Renamed")
        there.fresh(*ADDRESSES)
    there.built.shared._lost_until = 0.0
    other = tiered.start()
    for each in (there, other):
        each.built.tier.clear()
        each.fresh(*ADDRESSES)
        assert each.data(READ)["data"]["name"] == "Renamed"


def test_who_waits_for_another_process_loads_itself_once_that_gave_up(
    tiered: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = tiered.start()
    assert there.built.shared is not None
    monkeypatch.setattr(fetching, "ELSEWHERE_SECONDS", 2 * LONG)
    name, before = name_of(there, READ), there.counted("lock_wait")
    assert there.built.shared.lock(name, "another process")
    with ThreadPoolExecutor(1) as pool:
        reply = pool.submit(there.app.test_client().get, f"/v1/clinics/{READ}")
        wait_until(lambda: there.counted("lock_wait") > before)
        there.built.shared.unlock(name, "another process")
        assert where(reply.result(LONG)) == "fwd=miss; stored"
    assert there.built.shared.lock(name, "somebody"), "nobody holds it any more"


def test_a_lock_that_redis_was_too_slow_to_take_back_is_let_go_of_once_it_answers(
    tmp_path: Path, sqlite_seeded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "house.sqlite").write_bytes(sqlite_seeded.read_bytes())
    with breakable_redis() as store, processes(f"sqlite:///{tmp_path / 'house.sqlite'}", tmp_path, store.url) as made:
        mine, other = made.start().built.shared, RedisTier(store.url)
        assert mine is not None
        with monkeypatch.context() as patch:
            patch.setattr(redis_tier, "LOCK_MILLISECONDS", 600_000)
            assert mine.lock("cc:it", "mine") and not other.lock("cc:it", "theirs")
            store.hang()
            patch.setattr(redis_tier, "TIMEOUT", 0.05)
            mine._drop()
            mine.unlock("cc:it", "mine")
            assert mine._owed
            patch.setattr(redis_tier, "TIMEOUT", LONG)
            store.go_on()
            wait_until(lambda: bool(other.lock("cc:it", "theirs")))


def test_a_lock_that_nobody_lets_go_of_costs_one_reader_a_wait_and_nobody_else(
    tiered: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = tiered.start()
    assert there.built.shared is not None
    monkeypatch.setattr(fetching, "ELSEWHERE_SECONDS", 0.05)
    with redis.Redis.from_url(there.redis_url or "") as client:
        client.set(f"{name_of(there, READ)}:lock", "of a process that was killed", ex=600)
        assert there.how(READ) == "fwd=miss; stored"
        assert not client.exists(f"{name_of(there, READ)}:lock")
