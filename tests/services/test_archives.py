"""Archives: a house goes out and comes into an empty one on the other database, the same to the last byte."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from api.db import Base, Database, connect
from api.errors import CmsError
from api.migrate import migrate
from api.models import ApiKey, Publication, Published
from api.rules.permissions import OPERATOR
from api.services.transfers import outgoing, restoring
from api.services.transfers.soundness import KINDS, PARTS
from tests.builders import a_term, a_topic
from tests.conftest import NOW, House, config
from tests.engines import drop_postgres_database, fresh_postgres_database
from tests.managing import Desk

WHO = {"id": OPERATOR.id, "key_id": None}


def whole(database: Database, path: Path) -> outgoing.Made:
    return outgoing.write(database, path, "ndjson", {"complete": True}, WHO)


@pytest.fixture
def empty(house: House, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Database]:
    """An empty house on the database that `house` is not on."""
    (tmp_path / "empty").mkdir()
    url = f"sqlite:///{tmp_path / 'empty' / 'house.sqlite'}"
    if house.database.sqlite:
        url = fresh_postgres_database(request.getfixturevalue("postgres_url"))
    database = connect(config(url, tmp_path / "empty"))
    database.clock.frozen_at = NOW
    migrate(database)
    yield database
    database.close()
    if house.database.sqlite:
        drop_postgres_database(url)


STAYS = {
    "published", "published_values", "search_documents", "coming",  # made from the rest
    "keys", "audit", "idempotent_replies",  # secrets, and what was done in this very house
    "outbox", "workers", "listeners", "purges", "embed_views",  # doings of its machines, and statistics
    "embed_scripts",  # with this house's own address in them
    "transfers", "transfer_rows", "transfer_names", "shares",
}  # fmt: skip
"""Tables that no archive carries."""


def test_every_table_is_carried_by_archives_or_stays_for_a_reason() -> None:
    carried = {each[0].__tablename__ for each in (*KINDS.values(), *PARTS.values())}
    assert carried | STAYS == set(Base.metadata.tables) and not carried & STAYS


def lived_in(house: House) -> None:
    """All that can happen to a text, once each."""
    desk = Desk(house)
    live, planned, gone = (desk.create(slug) for slug in ("light-one", "light-two", "light-three"))
    desk.publish(live)
    desk.publish(gone)
    desk.publish(planned, at="2026-11-05T09:00:00Z", until="2026-12-05T09:00:00Z")
    desk.done("author", "POST", f"{live}/comments", {"pointer": "/document/title", "text": "=cmd|' /C calc'!A0"})
    desk.done("author", "PATCH", live, {"document": {"summary": "What ligth may do for skin."}})
    desk.done("author", "PATCH", live, {"document": {"summary": "What light may do for skin!"}})
    partner = desk.done("admin", "POST", "/partners", {"name": "Shows"})["id"]
    desk.done("admin", "POST", "/keys", {"kind": "partner", "name": "p", "partner": partner})
    stands_in = {"type": "topic", "id": live.rpartition("/")[2]}
    desk.move("medical_reviewer", gone, "recall", severity="high", reason="Wrong.", replacement=stands_in)
    word = desk.create("lumen", a_term(), kind="term", external_key="lumen")
    desk.move("author", word, "submit")
    desk.move("editor", word, "approve")
    item = {"type": "term", "id": word.rpartition("/")[2]}
    release = desk.done("publisher", "POST", "/releases", {"title": "Words", "items": [item]})["id"]
    desk.done("publisher", "POST", f"/releases/{release}/moves/publish", {}, If_Match="*")
    label = {"key": "lamps", "group": "subject", "texts": {"en": {"title": "Lamps", "slug": "lamps"}}}
    path = f"/categories/{desk.done('editor', 'POST', '/categories', label)['id']}"
    desk.done("editor", "PATCH", path, {"texts": {"en": {"slug": "lights"}}}, If_Match="*")
    own = desk.create("own-light", a_topic(), name="author@demo-south", clinic="demo-south")
    desk.done("editor@demo-south", "POST", f"{own}/moves/submit", {})


def shown(database: Database) -> str:
    """A digest of everything that readers are given."""
    columns = [each for each in Published.__table__.columns if each.name != "id"]
    with database.reading() as connection:
        rows = connection.execute(select(*columns).order_by(*columns[:4])).all()
    return hashlib.sha256(repr([tuple(row) for row in rows]).encode()).hexdigest()


def test_a_house_that_was_lived_in_is_the_same_on_the_other_database(
    house: House, empty: Database, tmp_path: Path
) -> None:
    lived_in(house)
    out = whole(house.database, tmp_path / "out.ndjson")
    assert {"recall", "comment", "release", "partner"} - set(out.counts) == {"recall"}
    written = (tmp_path / "out.ndjson").read_bytes()
    assert b'"recall":{' in written and b'"slug":"lamps"' in written
    assert restoring.restore(empty, tmp_path / "out.ndjson") == out.counts
    again = whole(empty, tmp_path / "again.ndjson")
    assert again.digest == out.digest and shown(empty) == shown(house.database)
    with empty.reading() as there, house.database.reading() as here:
        asked = select(Publication.number).order_by(Publication.number)
        numbers = [list(each.scalars(asked)) for each in (there, here)]
        assert numbers[0] == numbers[1]
        assert there.execute(select(ApiKey.id)).first() is None
        digests = list(here.scalars(select(ApiKey.digest)))
    told = (tmp_path / "out.ndjson").read_text(encoding="utf-8")
    assert digests and not any(each in told for each in digests)
    with pytest.raises(CmsError, match="not empty"):
        restoring.restore(empty, tmp_path / "out.ndjson")


@pytest.fixture(scope="module")
def archive(sqlite_seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo library as an archive."""
    folder = tmp_path_factory.mktemp("archive")
    database = connect(config(f"sqlite:///{sqlite_seeded}", folder))
    whole(database, folder / "archive.ndjson")
    database.close()
    return folder / "archive.ndjson"


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """An empty house that stays so."""
    folder = tmp_path_factory.mktemp("bare")
    database = connect(config(f"sqlite:///{folder / 'house.sqlite'}", folder))
    migrate(database)
    yield database
    database.close()


def rewritten(archive: Path, there: Path, change: Any) -> Path:
    """The archive with its lines changed and an end that fits them, as somebody hostile would write it."""
    lines = [orjson.loads(line) for line in archive.read_bytes().splitlines()]
    found = [each for line in lines[:-1] if (each := change(line)) is not None]
    counts: dict[str, int] = {}
    for each in found[1:]:
        counts[each["record"]] = counts.get(each["record"], 0) + 1
    body = b"".join(orjson.dumps(each) + b"\n" for each in ({**found[0], "counts": counts}, *found[1:]))
    digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
    there.write_bytes(body + orjson.dumps({"record": "end", "lines": len(found) + 1, "digest": digest}) + b"\n")
    return there


def refused(database: Database, path: Path) -> str:
    """What is said of an archive that is not taken; the house stays empty."""
    with pytest.raises(CmsError) as error:
        restoring.restore(database, path)
    restoring.require_empty(database)
    return " ".join(each["detail"] for each in error.value.faults)


def test_an_archive_that_is_cut_off_changed_or_a_part_is_refused_whole(
    bare: Database, archive: Path, tmp_path: Path
) -> None:
    text, there = archive.read_bytes(), tmp_path / "archive.ndjson"
    there.write_bytes(text[: len(text) // 2])
    assert "not valid JSON" in refused(bare, there) or "cut off" in refused(bare, there)
    there.write_bytes(text.replace(b"Acne scars", b"Acne Scars", 1))
    assert "was changed" in refused(bare, there)
    there.write_bytes(b"")
    assert "empty" in refused(bare, there)
    rewritten(archive, there, lambda line: {**line, "complete": False} if line["record"] == "manifest" else line)
    assert "a part of a house" in refused(bare, there)


def test_what_no_house_would_hold_is_named_line_by_line_and_nothing_is_written(
    bare: Database, archive: Path, tmp_path: Path
) -> None:
    def hostile(line: dict[str, Any]) -> dict[str, Any]:
        if line["record"] == "revision" and line["number"] == 1 and line["slug"] == "acne-scars":
            return {**line, "document": {**line["document"], "title": "<script>"}}
        if line["record"] == "text" and line["locale"] == "es" and line["scope"] == "library":
            return {**line, "scope": "cln_00000000"}
        if line["record"] == "person":
            return {**line, "roles": [{"role": "root", "scope": "library"}]}
        return {**line, "shell": "rm"} if line["record"] == "redirect" else line

    told = refused(bare, rewritten(archive, tmp_path / "hostile.ndjson", hostile))
    for said in ("digest does not fit", "no clinic 'cln_00000000'", "no role 'root'", "'shell' is no member"):
        assert said in told


def test_taking_in_that_breaks_off_leaves_the_house_empty(bare: Database, archive: Path) -> None:
    read = 0

    def broken(phase: str, size: int) -> None:
        nonlocal read
        read += size if phase == "write" else 0
        if read > 200_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        restoring.restore(bare, archive, broken)
    restoring.require_empty(bare)


def test_what_reads_the_whole_house_maps_none_of_its_file_into_memory(bare: Database) -> None:
    with bare.snapshot() as connection:
        assert connection.exec_driver_sql("PRAGMA mmap_size").scalar() == 0
    with bare.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA mmap_size").scalar() == 268_435_456
