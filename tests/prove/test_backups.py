"""Backup during steady writes, then the host is lost: all that was acknowledged before it is there again (UP5)."""

from __future__ import annotations

import json
import os
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select

from api.db import connect
from api.models import AuditEntry, Entry, Revision, Variant
from api.rules.permissions import OPERATOR
from api.services.backups import snapshots
from api.services.work import looking
from tests.conftest import config
from tests.processes import run, serving
from tests.prove.lasting import KINDS, Lasting, a_key, lasting, times, whole
from tests.prove.test_kills import COMMANDS, Writer

WRITERS = 4
WRITES_A_SECOND = 50


@pytest.fixture(params=KINDS)
def house(request: pytest.FixtureRequest, tmp_path: Path, sqlite_today: Path) -> Iterator[Lasting]:
    with lasting(request.param, tmp_path, sqlite_today) as made:
        yield made


def test_up5_a_host_lost_after_a_backup_under_writes_is_back_as_of_one_instant(
    house: Lasting, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    phrase, host = tmp_path / "phrase", tmp_path / "host"
    phrase.write_text("correct horse battery staple\n")
    host.mkdir()
    key, stop = a_key(house, "author"), threading.Event()
    env = house.env | {"CLINIC_CMS_LIMIT_SERVER": "0", "CLINIC_CMS_LIMIT_ADDRESS": "0"}
    made = []
    with serving(COMMANDS[house.kind], env, tmp_path / "serve.log") as served:
        served.wait_until_ready()
        writers = [Writer(number, served.address, key, stop) for number in range(WRITERS)]
        threads = [threading.Thread(target=each.run) for each in writers]
        began = time.monotonic()
        for each in threads:
            each.start()
        for number in range(times("BACKUPS", 3)):
            time.sleep(3)
            before = {entry: said for each in writers for entry, said in dict(each.acknowledged).items()}
            file = tmp_path / f"{number}.backup"
            words = ["clinic-cms", "backup", str(file), "--passphrase-file", str(phrase), "--json"]
            ended = run(words, env, 120)
            assert ended.returncode == 0, ended.stderr
            made.append((file, before, json.loads(ended.stdout)))
        rate = sum(each.made for each in writers) / (time.monotonic() - began)
        os.killpg(served.process.pid, signal.SIGKILL)
        stop.set()
        for each in threads:
            each.join()
    assert [each.wrong for each in writers] == [[]] * WRITERS
    house.database.close()
    with suppress(FileNotFoundError):
        shutil.rmtree(tmp_path / "data")
    with capsys.disabled():
        print(f"\n{house.kind}: {len(made)} backups at {rate:.0f} writes a second (asked: {WRITES_A_SECOND})")
    for number, (file, before, told) in enumerate(made):
        _restored(house, env, file, phrase, host / str(number), before, told["tables"])


def _restored(
    house: Lasting, env: dict[str, str], file: Path, phrase: Path, data: Path, before: dict[str, int],
    counts: dict[str, int],
) -> None:  # fmt: skip
    """Restore to an empty host; what was acknowledged before the backup began is there, and agrees with itself."""
    data.mkdir()
    there = env | {"CLINIC_CMS_DATA": str(data), "DATABASE_URL": f"sqlite:///{data / 'house.sqlite'}"}
    ended = run(["clinic-cms", "restore", str(file), "--passphrase-file", str(phrase), "--json"], there, 300)
    assert ended.returncode == 0, ended.stderr
    database = connect(config(there["DATABASE_URL"], data))
    whole(replace(house, database=database, kind="sqlite"))
    with looking(database, OPERATOR) as work:
        newest = select(Variant.entry_id, func.max(Revision.number)).join(Revision).group_by(Variant.entry_id)
        numbers = dict(work.session.execute(newest).all())  # type: ignore[arg-type]
        assert all(numbers.get(entry, 0) >= said for entry, said in before.items())
        created = work.session.scalars(select(AuditEntry.subject).where(AuditEntry.verb == "create")).all()
        assert set(created) == set(work.session.scalars(select(Entry.id)))
    with snapshots.snapshot(database, data) as connection:
        for table in snapshots.kept():
            more = snapshots.count(connection, table) - counts[table.name]
            assert more == 0 or table.name in ("audit", "purges", "outbox", "publications"), table.name
    database.close()
