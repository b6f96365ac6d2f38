"""Backups (UP4 to UP6, UP8, UP9, UP11): of one instant, checked whole before anything changes, and never re-fired."""

from __future__ import annotations

import gzip
import hashlib
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, inspect, select

from api.config import Config
from api.db import Database, connect
from api.errors import NotReady
from api.migrate import head, upgrade
from api.models import AuditEntry, Entry, Promise, Purge, Slug, Variant
from api.rules.permissions import OPERATOR
from api.services import audit
from api.services.backups import archive, backups, replacing, restores, snapshots
from api.services.processes import forgetting, listeners
from api.services.work import looking, writing
from tests.archives import WRONG, as_of, packed, parts_of, resealed
from tests.builders import a_topic, create
from tests.conftest import House, config
from tests.engines import drop_postgres_database, fresh_postgres_database
from tests.fronted import wait_until


@dataclass
class Saved:
    """A house, its settings, and a backup of it."""

    house: House
    config: Config
    file: Path

    def digest(self) -> str:
        """Of everything that is in the house: its tables and its media."""
        found = hashlib.sha256()
        with snapshots.snapshot(self.house.database, self.file.parent) as connection:
            for table in snapshots.kept():
                for row in snapshots.rows(connection, table):
                    found.update(archive.canonical(row))
        for each in sorted((self.config.media.folder).rglob("*")):
            found.update(each.name.encode() + (each.read_bytes() if each.is_file() else b""))
        return found.hexdigest()


_saved: dict[str, Path] = {}
"""By the address of the house."""


@pytest.fixture
def saved(shared_house: House, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Saved:
    """The house that tests share, and one backup of it for all of them."""
    settings = with_media(shared_house.app.extensions["config"], tmp_path / "media")
    settings.media.folder.mkdir()
    (settings.media.folder / "picture.webp").write_bytes(b"bytes of a picture")
    there = settings.database_url
    if there not in _saved:
        with writing(shared_house.database, OPERATOR) as work:
            owed = {"created_at": work.now(), "due_at": work.now()}
            work.session.add(Promise(kind="purge_edge", subject="varnish", payload={}, **owed))
        _saved[there] = tmp_path_factory.mktemp("saved") / "house.backup"
        backups.back_up(settings, shared_house.database, _saved[there], None)
    file = tmp_path / "house.backup"
    file.write_bytes(_saved[there].read_bytes())
    file.chmod(0o600)
    return Saved(shared_house, settings, file)


@pytest.mark.either
def test_up6_a_backup_with_anything_wrong_in_it_changes_nothing(saved: Saved) -> None:
    before, parts, wrong = saved.digest(), parts_of(saved.file), saved.file.with_name("wrong.backup")
    chosen = WRONG if saved.house.database.sqlite else {name: WRONG[name] for name in list(WRONG)[::4]}
    for name, (change, told) in chosen.items():
        packed(wrong, change(parts))
        _refused(saved, wrong, told, name)
    whole = saved.file.read_bytes()
    for length in (0, 10, 1_000, len(whole) // 2, len(whole) - 20):
        wrong.write_bytes(whole[:length])
        _refused(saved, wrong, "backup", f"cut at {length}")
    _refused(saved, saved.file.with_name("none"), "can't be read", "none")
    assert saved.digest() == before


def _refused(saved: Saved, file: Path, told: str, name: str) -> None:
    with pytest.raises(NotReady) as caught:
        replacing.restore(saved.config, file, None, over=True)
    assert told in str(caught.value), (name, str(caught.value))


def test_up6_a_fault_on_the_way_leaves_what_was_there(saved: Saved, monkeypatch: pytest.MonkeyPatch) -> None:
    before, more = saved.digest(), saved.config.media.folder / "picture.webp"
    parts = parts_of(saved.file)
    loose = resealed([each for each in parts if not each[0].startswith("tables/entries/")], lambda _: None)
    packed(saved.file.with_name("loose.backup"), loose)
    _refused(saved, saved.file.with_name("loose.backup"), "does not agree with itself", "rows without their entries")
    more.unlink()
    monkeypatch.setattr(restores, "_settle", _broken)
    with pytest.raises(RuntimeError):
        replacing.restore(saved.config, saved.file, None, over=True)
    assert not more.exists()
    more.write_bytes(b"bytes of a picture")
    assert saved.digest() == before
    assert not list(saved.config.data.glob("*.restoring*"))


def _broken(*_: Any) -> None:
    raise RuntimeError("broken deliberately")


@pytest.fixture
def empty(saved: Saved, request: pytest.FixtureRequest) -> Iterator[Config]:
    """The settings of a house that is not there yet, on the database that the shared one is on."""
    settings = an_empty_host(saved.file.parent / "host")
    if saved.house.database.sqlite:
        yield settings
        return
    url = fresh_postgres_database(request.getfixturevalue("postgres_url"))
    yield replace(settings, database_url=url)
    drop_postgres_database(url)


def test_up6_what_is_there_is_replaced_only_if_that_is_said_and_nobody_works_on_it(
    saved: Saved, empty: Config
) -> None:
    settings, sqlite = empty, saved.house.database.sqlite
    replacing.restore(settings, saved.file, None)
    with pytest.raises(NotReady, match="--replace"):
        replacing.restore(settings, saved.file, None)
    with opened(settings) as there:
        create(there, "made-after")
        if there.sqlite:
            with pytest.raises(NotReady, match="in use"):
                replacing.restore(settings, saved.file, None, over=True)
        listeners.beat(there, "a-process", 0)
        with pytest.raises(NotReady, match="is running"):
            replacing.restore(settings, saved.file, None, over=True)
        listeners.leave(there, "a-process")
    restored = replacing.restore(settings, saved.file, None, over=True)
    assert [Path(each).exists() for each in restored.kept] == ([True] if sqlite else [])
    with opened(settings) as there, looking(there, OPERATOR) as work:
        assert work.session.scalar(select(func.count()).where(Slug.slug == "made-after")) == 0
        assert audit.checked(work.session).first_fault is None


@pytest.mark.either
def test_up8_a_backup_is_its_owners_alone_and_sealed_by_a_passphrase(saved: Saved, tmp_path: Path) -> None:
    said, wrong = tmp_path / "passphrase", tmp_path / "wrong"
    said.write_text("correct horse battery staple\n")
    wrong.write_text("another horse battery staple\n")
    sealed = tmp_path / "sealed.backup"
    made = backups.back_up(saved.config, saved.house.database, sealed, said.read_bytes().strip())
    secret = saved.config.secret()
    plain_one = tmp_path / "plain.backup"
    backups.back_up(saved.config, saved.house.database, plain_one, None)
    for each in (sealed, plain_one):
        assert each.stat().st_mode & 0o777 == 0o600
        plain = gzip.decompress(each.read_bytes()) if each is plain_one else each.read_bytes()
        assert secret not in plain
    assert b"mesotherapy" not in sealed.read_bytes()
    assert restores.verify(sealed, b"correct horse battery staple")["sha256"] == made.manifest["sha256"]
    for phrase, told in ((None, "--passphrase-file"), (b"another horse battery staple", "passphrase is wrong")):
        with pytest.raises(NotReady, match=told):
            restores.verify(sealed, phrase)
    whole = bytearray(sealed.read_bytes())
    for place in (len(whole) // 2, len(whole) - 1, 40):
        cut = tmp_path / "cut.backup"
        cut.write_bytes(bytes([*whole[:place], whole[place] ^ 1, *whole[place + 1 :]]))
        with pytest.raises(NotReady):
            restores.verify(cut, b"correct horse battery staple")
    cut.write_bytes(whole[:-1])
    with pytest.raises(NotReady):
        restores.verify(cut, b"correct horse battery staple")
    for place, told in ((saved.config.media.folder / "x", "elsewhere"), (plain_one, "there already"),
                        (tmp_path / "none" / "x", "no folder")):  # fmt: skip
        with pytest.raises(NotReady, match=told):
            backups.back_up(saved.config, saved.house.database, place, None)


def test_up9_a_restored_house_owes_nobody_word_twice_and_knows_every_stored_reply_as_old(
    saved: Saved, tmp_path: Path
) -> None:
    there = an_empty_host(tmp_path / "host")
    with writing(saved.house.database, OPERATOR) as work:
        forgetting.forget(work, ["*"])  # After the backup: what Redis holds from here on is newer than the backup.
    with looking(saved.house.database, OPERATOR) as work:
        newest = work.session.scalar(select(func.max(Purge.clock))) or 0
        owed = work.session.scalar(select(func.count()).where(Promise.kind == "mature", Promise.kept_at.is_(None)))
    restored = replacing.restore(there, saved.file, None)
    assert restored.promises_dropped >= 1
    with opened(there) as database, looking(database, OPERATOR) as work:
        line = work.session.scalars(select(Purge).order_by(Purge.clock.desc()).limit(1)).one()
        assert line.tags == ["*"] and line.hard and line.clock > newest
        kinds = work.session.scalars(select(Promise.kind).where(Promise.kept_at.is_(None))).all()
        assert len([each for each in kinds if each == "mature"]) == owed and "purge_edge" not in kinds


def test_up9_a_line_for_everything_lies_ahead_of_one_of_the_same_second_that_was_lost(saved: Saved) -> None:
    clocks = []
    saved.house.database.clock.frozen_at = saved.house.database.clock.now()
    for _ in range(2):
        with writing(saved.house.database, OPERATOR) as work:
            forgetting.forget(work, ["*"])
        with writing(saved.house.database, OPERATOR) as work:
            clocks.append(work.session.scalar(select(func.max(Purge.clock))) or 0)
            work.session.execute(delete(Purge))  # As a database that is put back to an earlier state.
    assert clocks[0] < clocks[1]


def test_up11_a_backup_of_sqlite_is_sqlites_own_and_holds_what_was_committed(
    tmp_path: Path, sqlite_seeded: Path
) -> None:
    place = tmp_path / "house.sqlite"
    place.write_bytes(sqlite_seeded.read_bytes())
    settings = config(f"sqlite:///{place}", tmp_path)
    with opened(settings) as database, closing(sqlite3.connect(place, isolation_level=None)) as other:
        other.execute("PRAGMA wal_autocheckpoint=0")
        create(database, "only-in-the-log")
        assert (tmp_path / "house.sqlite-wal").stat().st_size > 0
        other.execute("BEGIN IMMEDIATE")
        other.execute("UPDATE slugs SET slug = 'not-committed' WHERE slug = 'only-in-the-log'")
        made = backups.back_up(settings, database, tmp_path / "one.backup", None)
        other.execute("ROLLBACK")
    held = b"".join(data for name, data in parts_of(made.path) if name.startswith("tables/slugs/"))
    assert b"only-in-the-log" in held and b"not-committed" not in held
    assert not list(tmp_path.glob(".snapshot*"))


@pytest.mark.either
def test_up4_an_older_backup_is_migrated_by_newer_code(saved: Saved, tmp_path: Path) -> None:
    with opened(config(f"sqlite:///{tmp_path / 'old.sqlite'}", tmp_path)) as old, old.transaction() as session:
        upgrade(session.connection(), "0005")
        seen = inspect(session.connection())
        known = {name: {each["name"] for each in seen.get_columns(name)} for name in seen.get_table_names()}
    packed(tmp_path / "older.backup", as_of(parts_of(saved.file), "0005", known))
    there = an_empty_host(tmp_path / "host")
    assert replacing.restore(there, tmp_path / "older.backup", None).schema == head()
    with opened(there) as database, looking(database, OPERATOR) as work:
        assert work.session.scalar(select(func.count()).select_from(Entry)) > 20  # type: ignore[operator]


@pytest.mark.either
def test_up5_a_backup_under_writes_is_one_instant(saved: Saved, tmp_path: Path) -> None:
    database, stop, made = saved.house.database, threading.Event(), list[int]()
    writer = threading.Thread(target=_write, args=(database, tmp_path.name.replace("_", "-"), stop, made))
    writer.start()
    try:
        wait_until(lambda: len(made) >= 3)
        file = tmp_path / "under.backup"
        backups.back_up(saved.config, database, file, None)
    finally:
        stop.set()
        writer.join()
    there = an_empty_host(tmp_path / "host")
    replacing.restore(there, file, None)
    with opened(there) as restored, looking(restored, OPERATOR) as work:
        created = work.session.scalars(select(AuditEntry.subject).where(AuditEntry.verb == "create")).all()
        entries = set(work.session.scalars(select(Entry.id)))
        texts = set(work.session.scalars(select(Variant.entry_id)))
        assert set(created) == entries == texts
        assert audit.checked(work.session).first_fault is None


def _write(database: Database, name: str, stop: threading.Event, made: list[int]) -> None:
    while not stop.wait(0.02):
        create(database, f"w-{name[:40]}-{len(made)}".lower(), a_topic())
        made.append(1)


def an_empty_host(folder: Path) -> Config:
    folder.mkdir()
    return with_media(config(f"sqlite:///{folder / 'house.sqlite'}", folder), folder / "media")


def with_media(settings: Config, folder: Path) -> Config:
    """The settings with a media folder of their own."""
    return replace(settings, media=replace(settings.media, folder=folder))


@contextmanager
def opened(settings: Config) -> Iterator[Database]:
    """The database of some settings, for as long as it is looked at."""
    database = connect(settings)
    try:
        yield database
    finally:
        database.close()
