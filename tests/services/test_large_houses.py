"""A house of many texts: what is asked for is found by an index, on SQLite without any statistics too."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from sqlalchemy import func, insert, select

from api.models import LIBRARY, Entry, Published, Revision, Slug, Variant
from tests.builders import entry_id
from tests.conftest import House
from tests.managing import Desk

MORE = 3_000
LIST = "/entries/term?page[size]=20"
PATHS = (LIST, f"{LIST}&filter[clinic]=library", f"{LIST}&filter[state]=draft", "/entries/term/trm_many0000",
         "/reviews/due?within=3650", "/reviews/waiting", "/planned")  # fmt: skip


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


def add_former_slugs(house: House, count: int) -> None:
    """So many slugs that a text of the library had before."""
    with house.database.transaction() as session:
        text = entry_id(house.database, "mesotherapy")
        held = {"scope": LIBRARY, "type": "topic", "locale": "en", "entry_id": text, "former": True}
        now = house.database.instant()
        session.execute(insert(Slug), [{**held, "slug": f"many-{each}", "since": now} for each in range(count)])


def add_live(house: House, count: int) -> None:
    """So many terms as readers would be given them, of which drafts are there."""
    with house.database.transaction() as session:
        table = Published.__table__
        after = (session.scalar(select(func.max(Published.id))) or 0) + 1
        asked = select(table).where(table.c.type == "term", table.c.locale == "en").limit(1)
        shown = dict(session.execute(asked).mappings().one())
        session.execute(insert(Published), [
            {**shown, "id": after + each, "entry_id": f"trm_many{each:04d}", "slug": f"many-{each}"}
            for each in range(count)
        ])  # fmt: skip


def steps(house: House, ask: Callable[[], object]) -> int:
    """How many hundreds of steps SQLite takes for a reply."""
    taken = 0

    def step() -> int:
        nonlocal taken
        taken += 1
        return 0

    ask()
    with house.database.reading() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.set_progress_handler(step, 100)
    ask()
    raw.set_progress_handler(None, 0)
    return taken


def test_a_list_and_a_text_take_no_more_steps_in_a_house_of_thousands(house: House) -> None:
    if not house.database.sqlite:
        pytest.skip("Steps are SQLite's.")
    desk = Desk(house)
    add_drafts(house, 0, 100)
    few = [steps(house, partial(desk.done, "author", "GET", path)) for path in PATHS]
    add_drafts(house, 100, MORE)
    many = [steps(house, partial(desk.done, "author", "GET", path)) for path in PATHS]
    assert all(now <= then + 2 + then // 5 for now, then in zip(many, few, strict=True)), (few, many)


def test_a_path_takes_no_more_steps_where_texts_had_thousands_of_other_slugs(house: House) -> None:
    if not house.database.sqlite:
        pytest.skip("Steps are SQLite's.")
    unknown = partial(house.get, "demo-south/resolve?path=/treatments/nothing")
    few = steps(house, unknown)
    add_former_slugs(house, MORE)
    assert steps(house, unknown) <= few + 2
    assert house.data("demo-south/resolve?path=/treatments/many-7")["data"]["status"] == 301


def test_where_a_redirect_leads_takes_no_more_steps_where_thousands_of_texts_are_live(house: House) -> None:
    if not house.database.sqlite:
        pytest.skip("Steps are SQLite's.")
    desk, old = Desk(house), partial(house.data, "demo-south/resolve?path=/old")
    body = {"clinic": "demo-south", "from": "/old", "to": "/treatments/mesotherapy"}
    desk.done("editor", "POST", "/redirects", body)
    few = steps(house, old)
    add_drafts(house, 0, MORE)
    add_live(house, MORE)
    assert steps(house, old) <= few + 2
