"""A house is backed up while it works, lost, and put back; on the other database too."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from api.config import Config
from api.db import Database, connect
from api.models import ApiKey, Purge
from api.rules.permissions import OPERATOR
from api.services import audit
from api.services.backups import backups, replacing, snapshots
from api.services.work import looking, writing
from tests.conftest import House, application, config
from tests.engines import fresh_postgres_database
from tests.managing import Desk
from tests.trust.desk import bearer, key

CHANGED = {"audit", "outbox", "purges", "publications", "stamps", "keys", "shares"}
"""Tables in which a restore itself leaves its word."""
READ = ("demo-south/topics?view=full", "demo-south/faqs", "demo-south/search?q=skin", "demo-north/sitemap.json")


def digests(database: Database, folder: Path) -> dict[str, list[Any]]:
    """Every row of every table, in the order of its key."""
    with snapshots.snapshot(database, folder) as connection:
        return {each.name: list(snapshots.rows(connection, each)) for each in snapshots.kept()}


def elsewhere(kind: str, folder: Path, request: pytest.FixtureRequest) -> Config:
    """The settings of an empty host."""
    folder.mkdir()
    sqlite = kind == "sqlite"
    url = f"sqlite:///{folder / 'house.sqlite'}" if sqlite else fresh_postgres_database(
        request.getfixturevalue("postgres_url")
    )  # fmt: skip
    found = config(url, folder)
    return replace(found, media=replace(found.media, folder=folder / "media"))


@pytest.mark.parametrize("same", [False, pytest.param(True, marks=pytest.mark.long)])
def test_a_backup_restored_to_an_empty_host_is_the_same_house(
    shared_house: House, tmp_path: Path, request: pytest.FixtureRequest, *, same: bool
) -> None:
    house = shared_house
    settings = house.app.extensions["config"]
    settings = replace(settings, media=replace(settings.media, folder=tmp_path / "media"))
    target = "sqlite" if house.database.sqlite == same else "postgresql"
    media = settings.media.folder
    (media / "ab").mkdir(parents=True, exist_ok=True)
    (media / "ab" / "abcdef.webp").write_bytes(b"bytes of a picture")
    desk = Desk(house)
    desk.create(f"kept-draft-{target}")
    _, secret = key(house, ["demo-private"])
    file, said = tmp_path / "house.backup", b"correct horse battery"
    made = backups.back_up(settings, house.database, file, said)
    assert file.stat().st_mode & 0o777 == 0o600 and b"kept-draft" not in file.read_bytes()
    before = digests(house.database, tmp_path)
    assert {name: len(rows) for name, rows in before.items()} == {
        name: each["count"] for name, each in made.manifest["tables"].items()
    }

    there = elsewhere(target, tmp_path / "host", request)
    restored = replacing.restore(there, file, said)
    assert (restored.keys_withheld, restored.audit_fault) == (0, None) and restored.media > 0
    assert (there.media.folder / "ab/abcdef.webp").read_bytes() == b"bytes of a picture"
    database = connect(there)
    database.clock.frozen_at = house.database.clock.frozen_at
    try:
        after = digests(database, tmp_path)
        for name in before.keys() - CHANGED:
            assert after[name] == before[name], name
        assert after["audit"][: len(before["audit"])] == before["audit"]
        client = application(there, database).test_client()
        for path in READ:
            assert client.get(f"/v1/clinics/{path}").data == house.client.get(f"/v1/clinics/{path}").data, path
        assert client.get("/v1/clinics/demo-private", headers=bearer(secret)).status_code == 200
        _still_works(database)
    finally:
        database.close()


def _still_works(database: Database) -> None:
    """It takes writes, its audit log verifies, and the read model is what its texts make."""
    with writing(database, OPERATOR) as work:
        work.log("looked", "house")
    with looking(database, OPERATOR) as work:
        assert audit.checked(work.session).first_fault is None
        assert work.session.scalars(select(Purge).order_by(Purge.clock.desc()).limit(1)).one().tags == ["*"]


def test_a_backup_that_nobody_sealed_holds_no_digest_of_a_key(shared_house: House, tmp_path: Path) -> None:
    _, secret = key(shared_house, ["demo-private"])
    file = tmp_path / "house.backup"
    made = backups.back_up(shared_house.app.extensions["config"], shared_house.database, file, None)
    there = elsewhere("sqlite", tmp_path / "host", None)  # type: ignore[arg-type]
    restored = replacing.restore(there, file, None)
    assert restored.keys_withheld > 0 and not made.sealed
    database = connect(there)
    try:
        client = application(there, database).test_client()
        assert client.get("/v1/clinics/demo-private", headers=bearer(secret)).status_code == 401
        with looking(database, OPERATOR) as work:
            assert all(each.revoked_at for each in work.session.scalars(select(ApiKey)))
    finally:
        database.close()
