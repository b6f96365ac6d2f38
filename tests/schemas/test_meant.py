"""What may have been meant: the nearest word that is allowed, whatever case and marks it was sent in, or none."""

from __future__ import annotations

import pytest

from schemas.meant import LONGEST, asked_back, meant

ALLOWED = ("include", "include_limit[faqs]", "page[size]", "page[number]", "page[after]", "sort", "locale", "title",
           "-title", "published_at", "-published_at", "until", "filter[category]", "markdown")  # fmt: skip


@pytest.mark.parametrize(("said", "found"), [
    ("inclde", "include"), ("INCLUDE", "include"), ("includes", "include"), ("titel", "title"), ("-titel", "-title"),
    ("publishedAt", "published_at"), ("-publishedAt", "-published_at"), ("published-at", "published_at"),
    ("page_size", "page[size]"), ("pageSize", "page[size]"), ("page[sise]", "page[size]"), ("categry", None),
    ("filters[category]", "filter[category]"), ("lang", "locale"), ("limit", "page[size]"), ("orderBy", "sort"),
    ("md", "markdown"), ("colour", None), ("", None), ("zzzz", None), ("\u202e", None),
])  # fmt: skip
def test_the_nearest_allowed_word_is_offered_and_none_that_is_far(said: str, found: str | None) -> None:
    assert meant(said, ALLOWED) == found


def test_what_other_services_say_is_only_offered_where_it_is_allowed() -> None:
    assert meant("limit", ("q", "type")) is None


def test_a_long_word_is_looked_at_by_its_beginning_alone() -> None:
    assert asked_back("x" * 100_000, ALLOWED) == ""
    assert asked_back("include" + "z" * 100_000, ALLOWED) == "" and LONGEST < 100
