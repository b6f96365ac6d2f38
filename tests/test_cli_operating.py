"""`clinic-cms purge` and `clinic-cms doctor`: what an operator asks for, sees, and is told to do."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import select, update

from api.app import create_app
from api.commands import checks
from api.config import from_env
from api.db import Database, connect
from api.models import AuditEntry, Listener, Promise, Purge
from api.services.processes import checkup, listeners, workers
from tests.conftest import House
from tests.fronted import patient
from tests.processes import free_port
from tests.test_cli import Terminal, data, seeded, terminal

__all__ = ("data", "seeded", "terminal")
TOPIC = "/v1/clinics/demo-south/topics/mesotherapy"


@pytest.fixture
def database(seeded: Terminal, data: Path) -> Iterator[Database]:
    """The database of the house that the terminal stands in; its clock runs."""
    found = connect(from_env())
    yield found
    found.close()


def purged(database: Database) -> list[Any]:
    with database.reading() as connection:
        return list(connection.execute(select(Purge.__table__).order_by(Purge.clock)))


def found(terminal: Terminal, *words: str, code: int = 0) -> dict[str, dict[str, str]]:
    """What the doctor finds, by what was looked at."""
    said = terminal.type("doctor", "--json", *words)
    assert said.code == code, said
    return {each["what"]: each for each in said.json["findings"]}


def state(terminal: Terminal, what: str) -> tuple[str, str]:
    told = found(terminal)[what]
    return told["state"], told["seen"]


def test_purge_writes_a_hard_line_and_is_on_record(seeded: Terminal, database: Database) -> None:
    before = len(purged(database))
    clinic = House(create_app(from_env(), database, front=False), database, None).app.test_client()  # type: ignore
    identity = clinic.get("/v1/clinics/demo-south").json["data"]["id"]
    assert seeded.type("purge", "--clinic", "demo-south", "--tag", "l:library:topic").code == 0
    [line] = purged(database)[before:]
    assert line.hard and set(line.tags) == {f"c:{identity}", "l:library:topic"}
    with database.reading() as connection:
        last = connection.execute(select(AuditEntry.__table__).order_by(AuditEntry.number.desc())).first()
    assert last is not None and (last.verb, last.subject, last.actor) == ("purge", "cache", "operator")
    assert last.details["tags"] == sorted(line.tags)


def test_purge_all_drops_everything_that_a_process_keeps(seeded: Terminal, database: Database) -> None:
    with patient():
        app = create_app(from_env(), database)
        client = app.test_client()
        try:
            for how in ("fwd=miss; stored", "hit; detail=process"):
                assert client.get(TOPIC).headers["Cache-Status"].endswith(how)
            said = seeded.type("purge", "--all", "--json")
            assert said.code == 0 and said.json["tags"] == ["*"] and said.json["unconfirmed"] == []
            assert client.get(TOPIC).headers["Cache-Status"].endswith("fwd=miss; stored")
        finally:
            app.extensions["front"].stop()


def test_purge_names_who_did_not_confirm(seeded: Terminal, database: Database) -> None:
    listeners.beat(database, "elsewhere-7-abc", 0)
    said = seeded.type("purge", "--all")
    assert said.code == 0 and "elsewhere-7-abc" in said.err


@pytest.mark.parametrize(("words", "code"), [((), 2), (("--clinic", "no-clinic"), 1), (("--tag", "south"), 1)])
def test_purge_refuses_what_it_does_not_know(seeded: Terminal, words: tuple[str, ...], code: int) -> None:
    said = seeded.type("purge", *words)
    assert said.code == code and said.err and "Traceback" not in said.err


def test_doctor_finds_a_whole_house_whole(
    seeded: Terminal, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks.shutil, "disk_usage", lambda _: SimpleNamespace(free=5_000_000_000))
    seeded.type("publish-due")
    with database.transaction() as session:
        session.execute(update(Promise).values(kept_at=dt.datetime.now(dt.UTC)))
    workers.beat(database, "here-1-abc", dt.datetime.now(dt.UTC), 0)
    told = found(seeded, "--audit")
    assert {name: each["state"] for name, each in told.items() if each["state"] != "ok"} == {}, told
    looked_at = {"database", "migrations", "clock", "redis", "secret", "edges", "outbox", "set aside", "workers"}
    assert looked_at | {"listeners", "media", "files", "purge log", "disk", "claims", "audit"} == set(told)
    assert told["database"]["seen"].startswith("SQLite 3.")
    said = seeded.type("doctor")
    assert said.code == 0 and "what to do" in said.out and "migrations" in said.out and "audit" not in said.out


def test_doctor_fails_without_tables_and_without_a_database(
    terminal: Terminal, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert found(terminal, code=1)["migrations"]["advice"] == "Run: clinic-cms migrate"
    monkeypatch.setenv("DATABASE_URL", f"postgresql://nobody@127.0.0.1:{free_port()}/none")
    monkeypatch.setenv("CLINIC_CMS_SECRET_FILE", str(data / "secret"))
    told = found(terminal, code=1)
    assert told["database"]["state"] == told["secret"]["state"] == "fail" and "outbox" not in told
    said = terminal.type("doctor")
    assert said.code == 1 and "Traceback" not in said.out + said.err


def test_doctor_sees_promises_that_wait_and_those_set_aside(seeded: Terminal, database: Database) -> None:
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    with database.transaction() as session:
        session.execute(update(Promise).values(kept_at=now))
        late = {"subject": "x", "payload": {}, "created_at": now, "due_at": now - dt.timedelta(seconds=100)}
        session.add(Promise(kind="late", **late))
        session.add(Promise(kind="odd", **late, set_aside_at=now, last_error="It makes no sense."))
    assert state(seeded, "outbox")[0] == "warn"
    told, seen = state(seeded, "set aside")
    assert told == "warn" and "It makes no sense." in seen
    assert state(seeded, "workers")[0] == "warn"
    with database.transaction() as session:
        session.execute(update(Promise).where(Promise.kind == "late").values(due_at=now - dt.timedelta(hours=1)))
    assert found(seeded, code=1)["outbox"]["state"] == "fail"


def test_doctor_sees_a_process_that_is_cut_off(seeded: Terminal, database: Database) -> None:
    assert seeded.type("purge", "--tag", "l:library:topic").code == 0
    listeners.beat(database, "elsewhere-7-abc", purged(database)[-1].clock)
    assert state(seeded, "listeners") == ("ok", "1 processes keep replies, all up to date")
    seeded.type("purge", "--tag", "l:library:faq")
    with database.transaction() as session:
        session.execute(update(Listener).values(seen_at=dt.datetime.now(dt.UTC) - dt.timedelta(minutes=5)))
    told, seen = state(seeded, "listeners")
    assert told == "warn" and re.search(r"elsewhere-7-abc \(1 lines behind, seen 3\d\d s ago\)", seen), seen


def test_doctor_looks_into_redis(
    seeded: Terminal, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDIS_URL", redis_url)
    with Redis.from_url(redis_url) as client, patient():
        for most, policy, wanted in (("0", "noeviction", "warn"), ("50mb", "noeviction", "warn"),
                                     ("50mb", "allkeys-lru", "ok")):  # fmt: skip
            client.config_set("maxmemory", most)
            client.config_set("maxmemory-policy", policy)
            told, seen = state(seeded, "redis")
            assert told == wanted and policy in seen and "version" in seen
        client.config_set("maxmemory", "0")
        client.config_set("maxmemory-policy", "noeviction")
    monkeypatch.setenv("REDIS_URL", f"redis://127.0.0.1:{free_port()}/0")
    assert state(seeded, "redis") == ("warn", "lost")


def test_doctor_minds_who_may_read_the_secret_and_whether_the_edges_token_is_there(
    seeded: Terminal, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from_env().secret()
    assert state(seeded, "secret")[0] == "ok"
    os.chmod(data / "secret", 0o644)
    assert state(seeded, "secret")[0] == "warn"
    monkeypatch.setenv("CLINIC_CMS_EDGE", "fastly:SVC1")
    monkeypatch.setenv("CLINIC_CMS_EDGE_TOKEN_FILE", str(data / "token"))
    assert found(seeded, code=1)["edges"]["state"] == "fail"
    (data / "token").write_text("a-token")
    assert state(seeded, "edges") == ("ok", "fastly:SVC1")


def test_doctor_tells_clocks_apart_and_a_full_disk(
    seeded: Terminal, monkeypatch: pytest.MonkeyPatch, data: Path
) -> None:
    assert [checks.clock(seconds, False).state for seconds in (0.2, -5, 90)] == ["ok", "warn", "fail"]
    monkeypatch.setattr(checks.shutil, "disk_usage", lambda _: SimpleNamespace(free=50_000_000))
    assert found(seeded, code=1)["disk"]["state"] == "fail"


def test_doctor_finds_the_line_of_the_audit_log_that_was_changed(seeded: Terminal, database: Database) -> None:
    with database.transaction() as session:
        session.execute(update(AuditEntry).where(AuditEntry.number == 3).values(verb="other"))
    told = found(seeded, "--audit", code=1)["audit"]
    assert told["state"] == "fail" and "line 3" in told["seen"]


def test_the_databases_clock_is_compared_with_this_machines(house: House) -> None:
    house.database.clock.frozen_at = None
    assert abs(checkup.ahead(house.database)) < 5


@pytest.mark.parametrize(("there", "ahead"), [(995.0, -5.0), (1_000.0, 0.0), (1_002.0, 0.0), (1_006.0, 2.0)])
def test_a_database_that_is_slow_to_answer_is_not_taken_for_a_wrong_clock(
    house: House, monkeypatch: pytest.MonkeyPatch, there: float, ahead: float
) -> None:
    # It was asked at 1000 and had answered by 1004.
    monkeypatch.setattr(checkup, "time", SimpleNamespace(time=iter((1_000.0, 1_004.0)).__next__))
    house.database.clock.frozen_at = there
    assert checkup.ahead(house.database) == ahead
