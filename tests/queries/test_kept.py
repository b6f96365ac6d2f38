"""Kept JSON: a reply made of it is, byte by byte, the one made of the parsed document; older rows are read and cut."""

from __future__ import annotations

import json
from typing import Any

from alembic.script import ScriptDirectory
from sqlalchemy import select, update

from api.migrate import FOLDER
from api.models import Published
from tests.conftest import House


def pages(house: House) -> dict[str, bytes]:
    """Every item of two clinics in two languages, and lists with what they include."""
    found: dict[str, bytes] = {}
    for clinic in ("demo-south", "demo-north"):
        for plural in ("topics", "faqs", "guides", "terms"):
            for locale in ("en", "es"):
                for view in ("summary", "card", "full"):
                    listed = house.get(f"{clinic}/{plural}?page[size]=100&locale={locale}&view={view}")
                    found[f"{clinic} {plural} {locale} {view}"] = listed.data
                for each in listed.json["data"]:
                    path = f"{clinic}/{plural}/{each['slug']}?locale={locale}"
                    found[path] = house.get(path).data
    found["included"] = house.get("demo-south/topics/mesotherapy?include=faqs,guides.faqs,terms&view=full").data
    found["module"] = house.get("demo-south/topics/mesotherapy/modules/overview").data
    return found


def strip(house: House) -> dict[int, tuple[str, str]]:
    """Take the cuts out of every row, as an older version wrote it; returns what was there."""
    was: dict[int, tuple[str, str]] = {}
    with house.database.transaction() as session:
        asked = select(Published.id, Published.document, Published.links).where(Published.state == "live")
        for row_id, document, links in session.execute(asked).all():
            was[row_id] = document, links
            bare = {name: value for name, value in json.loads(links).items() if name != "cuts"}
            written = json.dumps(bare, ensure_ascii=False, separators=(",", ":"))
            session.execute(update(Published).where(Published.id == row_id).values(links=written))
    return was


def test_a_page_reads_the_same_with_and_without_cuts_and_the_migration_makes_them(house: House) -> None:
    cut = pages(house)
    was = strip(house)
    assert was and all('"cuts"' in links for _, links in was.values())
    assert pages(house) == cut
    migration: Any = ScriptDirectory(str(FOLDER)).get_revision("0005").module
    with house.database.reading() as connection:
        bare = connection.execute(select(Published.id, Published.document, Published.links)).all()
    assert {row.id: migration._cut(row.document, row.links) for row in bare if row.id in was} == was
