"""How many statements management takes: as many for a long history or page as for a short one, in any languages."""

from __future__ import annotations

import pytest

from tests.builders import a_topic
from tests.conftest import House
from tests.counting import counted
from tests.managing import Desk

PATCH = 11
"""Who asks; the entry; its text with the newest revision; the version counted up; the new revision; the newest line of
the log and the next one; approvals, transitions and the clinics with rules of their own for what may be done now; and
whether the key still stands."""
WHO_ASKS = 1
LIST, OF_A_CLINIC = 1, 2
LANGUAGES = 3
"""For the others: their newest revisions, their transitions, and what of the first language they render."""


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def of_a_patch(house: House, desk: Desk, path: str, summary: str) -> int:
    """The statements of one PATCH, the house lock of PostgreSQL aside, which SQLite holds without one."""
    with counted(house) as sent:
        desk.done("author", "PATCH", path, {"document": {"summary": summary}})
    assert len([each for each in sent if "pg_advisory_xact_lock" in each]) == (0 if house.database.sqlite else 1)
    return len(sent) - (0 if house.database.sqlite else 1)


def test_a_patch_takes_eleven_statements_however_often_the_text_was_written(house: House, desk: Desk) -> None:
    path = desk.create("counted")
    desk.done("author", "PATCH", path, {"document": {"summary": "Once, so that all is known."}})
    assert of_a_patch(house, desk, path, "Twice.") == PATCH
    desk.publish(path)
    for number in range(5):
        desk.done("author", "PATCH", path, {"document": {"summary": f"Again, {number}."}})
    assert of_a_patch(house, desk, path, "Once more.") == PATCH


def test_a_patch_takes_three_more_in_two_languages_and_no_more_in_four(house: House, desk: Desk) -> None:
    path = desk.create("counted")
    desk.publish(path)
    for locale in ("es", "de", "fr"):
        said = {"locale": locale, "slug": f"counted-{locale}", "document": a_topic()}
        desk.done("author", "POST", f"{path}/translations", said)
        taken = of_a_patch(house, desk, path, f"Before there was more than {locale}.")
        assert taken == PATCH + LANGUAGES
    told = desk.done("author", "GET", path)["translations"]
    assert [(each["locale"], each["state"], each["source_changed"]) for each in told] == [
        ("en", "draft", False), ("de", "draft", True), ("es", "draft", True), ("fr", "draft", True)
    ]  # fmt: skip
    desk.done("author", "GET", f"{path}?locale=es")
    assert of_a_patch(house, desk, f"{path}?locale=es", "De nuevo.") == PATCH + LANGUAGES


@pytest.mark.parametrize(
    ("path", "taken"),
    [("/planned", LIST), ("/reviews/waiting?filter[type]=topic", LIST), ("/entries/topic", LIST),
     ("/entries/topic?filter[state]=live&q=a", LIST), ("/reviews/due?within=3650", LIST),
     ("/entries/faq?filter[clinic]=demo-south", OF_A_CLINIC), ("/reviews/due?filter[clinic]=library", LIST)],
)  # fmt: skip
def test_a_list_takes_no_more_statements_for_a_longer_page(house: House, desk: Desk, path: str, taken: int) -> None:
    desk.ask("admin", "GET", path)
    for size in (1, 100):
        with counted(house) as sent:
            desk.done("admin", "GET", f"{path}{'&' if '?' in path else '?'}page[size]={size}")
        assert len(sent) == WHO_ASKS + taken
