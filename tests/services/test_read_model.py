"""The read model: what every verb wrote is what a rebuild writes, byte by byte."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Connection, func, select

from api.models import Entry, Published, PublishedValue, SearchDocument
from api.rules.permissions import OPERATOR
from api.services.overlays import overlays
from api.services.published import read_model, rebuild, rewriting
from api.services.work import writing
from tests.builders import (
    a_live_topic,
    a_topic,
    clinic_id,
    create,
    entry_id,
    move,
    publish_text,
    revise,
    save_category,
    writing_as,
)
from tests.conftest import NOW, House
from tests.managing import Desk

ROW = [column for column in Published.__table__.c if column.name != "id"]


def rows(house: House) -> list[Any]:
    """Every row with its values and words, in an order of its own; the row's number does not matter."""
    with house.database.reading() as connection:
        found = connection.execute(select(Published.id, *ROW)).all()
        return sorted((tuple(row)[1:], *_beside(connection, row.id)) for row in found)


def _beside(connection: Connection, row_id: int) -> tuple[Any, ...]:
    value = PublishedValue
    values = connection.execute(select(value.name, value.value, value.ordinal).where(value.published_id == row_id))
    words = SearchDocument
    stems = connection.execute(select(words.title, words.summary, words.body).where(words.published_id == row_id))
    return tuple(sorted(tuple(each) for each in values)), tuple(tuple(each) for each in stems)


def rebuilt(house: House) -> list[Any]:
    with house.database.reading() as connection:
        entries = connection.scalar(select(func.count(Entry.id)))
    assert rebuild.everything(house.database, OPERATOR) == entries
    return rows(house)


def same_after_a_rebuild(house: House) -> None:
    before = _sortable(rows(house))
    assert _sortable(rebuilt(house)) == before


def _sortable(found: list[Any]) -> list[str]:
    return [repr(each) for each in found]


def test_a_rebuild_of_the_seeded_library_changes_no_byte(house: House) -> None:
    same_after_a_rebuild(house)


def test_entries_rewritten_together_say_what_each_says_alone(house: House) -> None:
    text = a_live_topic(house.database, "light-therapy")
    revise(house.database, text, a_topic(title="Second"), slug="lamp-therapy")
    publish_text(house.database, text, at=dt.datetime.fromtimestamp(NOW + 60, dt.UTC))
    found = rows(house)
    with writing(house.database, OPERATOR) as work:
        entries = work.session.scalars(select(Entry)).all()
        assert len(entries) > rewriting.SEVERAL
        rewriting.together(work, entries)
        assert work.purging == {}
    assert _sortable(rows(house)) == _sortable(found)
    with writing(house.database, OPERATOR) as work:
        for entry in work.session.scalars(select(Entry)):
            read_model.rewrite(work, entry)
        assert work.purging == {}
    assert _sortable(rows(house)) == _sortable(found)


def test_a_rebuild_after_a_life_full_of_moves_changes_no_byte(house: House) -> None:
    text = a_live_topic(house.database, "light-therapy")
    north = clinic_id(house.database, "demo-north")
    with writing_as(house.database, "editor", "local") as work:
        entry = work.session.get_one(Entry, text.entry_id)
        patch = overlays.overlay(work, entry, north, "en", {"title": "Ours"})
        overlays.pin(work, entry, clinic_id(house.database, "demo-south"), "en")
        overlays.hide(work, work.session.get_one(Entry, entry_id(house.database, "mesotherapy")), north)
    publish_text(house.database, patch)
    revise(house.database, text, a_topic(title="Second"), slug="lamp-therapy")
    publish_text(house.database, text)
    publish_text(house.database, create(house.database, "planned"), at=_at(60), until=_at(120))
    gone = a_live_topic(house.database, "gone")
    move(house.database, "withdraw", gone, "publisher", reason="Wrong.")
    move(house.database, "restore", gone, "editor")
    refused = create(house.database, "refused")
    publish_text(house.database, refused, at=_at(60))
    move(house.database, "reject", refused, "medical_reviewer")
    same_after_a_rebuild(house)


def test_a_category_that_moves_reorders_its_questions_as_a_rebuild_would(house: House) -> None:
    texts = {"en": {"title": "Safety", "slug": "safety"}, "es": {"title": "Seguridad", "slug": "seguridad"}}
    save_category(house.database, key="safety", group="faq", position=5, texts=texts)
    same_after_a_rebuild(house)
    first = house.data("demo-south/faqs?page[size]=1")["data"][0]
    assert first["category"]["key"] == "safety"


def test_a_clinics_own_category_orders_its_own_questions_and_gives_way_when_it_goes(house: House) -> None:
    desk, asked = Desk(house), {"answer": "Yes.", "category": "safety"}
    for slug, who, more in (
        ("is-it-bright", "author", {}),
        ("is-it-loud", "author@demo-south", {"clinic": "demo-south"}),
    ):
        desk.publish(desk.create(slug, {"question": f"{slug}?", **asked}, name=who, kind="faq", **more))

    def own() -> set[int]:
        with house.database.reading() as connection:
            at = select(Published.group_position).where(Published.slug == "is-it-loud", Published.state == "live")
            return set(connection.scalars(at))

    before = own()
    said = {"key": "safety", "group": "faq", "position": 1, "texts": {"en": {"title": "Safe", "slug": "safe"}}}
    made = desk.done("admin", "POST", "/categories", {**said, "clinic": "demo-south"})
    assert own() == {1} != before
    same_after_a_rebuild(house)
    desk.done("admin", "PATCH", f"/categories/{made['id']}", {"position": 2}, If_Match="*")
    assert own() == {2}
    desk.done("admin", "DELETE", f"/categories/{made['id']}", If_Match="*")
    assert own() == before
    same_after_a_rebuild(house)


def test_a_rebuild_gives_the_same_search_hits(house: House) -> None:
    before = house.data("demo-south/search?q=scars&page[size]=100")["data"]
    rebuild.everything(house.database, OPERATOR)
    assert house.data("demo-south/search?q=scars&page[size]=100")["data"] == before


def test_rows_that_have_ended_are_dropped_when_their_entry_is_rewritten(house: House) -> None:
    publish_text(house.database, create(house.database, "planned"), at=_at(60), until=_at(120))
    house.at(200)
    rebuild.everything(house.database, OPERATOR)
    with house.database.reading() as connection:
        assert connection.scalar(select(func.count()).where(Published.slug == "planned")) == 0


def _at(seconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(NOW + seconds, dt.UTC)
