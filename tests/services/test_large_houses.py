"""A house of many texts: management finds what it asks for by an index, on SQLite without any statistics too."""

from __future__ import annotations

import pytest
from sqlalchemy import func, insert, select

from api.models import LIBRARY, Entry, Revision, Variant
from tests.conftest import House
from tests.managing import Desk

MORE = 3_000
LIST = "/entries/term?page[size]=20"
PATHS = (LIST, f"{LIST}&filter[clinic]=library", f"{LIST}&filter[state]=draft", "/entries/term/trm_many0000",
         "/reviews/due?within=3650")  # fmt: skip


def add_drafts(house: House, first: int, count: int) -> None:
    """So many drafts of terms, put straight into the tables."""
    with house.database.transaction() as session:
        now, numbers = house.database.instant(), range(first, first + count)
        after = (session.scalar(select(func.max(Variant.id))) or 0) + 1
        named = {"scope": LIBRARY, "created_at": now}
        draft = {"number": 1, "state": "draft", "digest": "", "clinical_digest": "", "created_at": now}
        session.execute(insert(Entry), [
            {"id": f"trm_many{each:04d}", "type": "term", "first_locale": "en", **named} for each in numbers
        ])  # fmt: skip
        session.execute(insert(Variant), [
            {"id": after + each, "entry_id": f"trm_many{each:04d}", "locale": "en", "version": 1, **named}
            for each in numbers
        ])  # fmt: skip
        session.execute(insert(Revision), [
            {"variant_id": after + each, "slug": f"many-{each}", "document": {"title": f"Many {each}"}, **draft}
            for each in numbers
        ])  # fmt: skip


def steps(house: House, desk: Desk, path: str) -> int:
    """How many hundreds of steps SQLite takes for a reply."""
    taken = 0

    def step() -> int:
        nonlocal taken
        taken += 1
        return 0

    desk.done("author", "GET", path)
    with house.database.reading() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.set_progress_handler(step, 100)
    desk.done("author", "GET", path)
    raw.set_progress_handler(None, 0)
    return taken


def test_a_list_and_a_text_take_no_more_steps_in_a_house_of_thousands(house: House) -> None:
    if not house.database.sqlite:
        pytest.skip("Steps are SQLite's.")
    desk = Desk(house)
    add_drafts(house, 0, 100)
    few = [steps(house, desk, path) for path in PATHS]
    add_drafts(house, 100, MORE)
    many = [steps(house, desk, path) for path in PATHS]
    assert all(now <= then + 2 + then // 5 for now, then in zip(many, few, strict=True)), (few, many)
