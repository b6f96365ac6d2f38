"""The templates of a clinic's paths: a typing mistake is told where it stands, before every page has one address."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.clinic import ClinicSchema
from schemas.faults import load

CLINIC = {"slug": "new-town", "name": {"en": "New Town"}, "time_zone": "UTC", "default_locale": "en",
          "locales": [{"code": "en"}]}  # fmt: skip


def told(paths: dict[str, Any]) -> list[tuple[str, str]]:
    return [(each["pointer"], each["detail"]) for each in load(ClinicSchema(), {**CLINIC, "paths": paths})[1]]


def test_pages_of_every_kind_are_taken() -> None:
    fixed = {"home": "/", "topics": "/treatments", "faqs": "/faq", "guides": "/guides", "terms": "/glossary"}
    items = {"topic": "/t/{slug}", "topic.condition": "/c/{slug}.html", "faq": "/faq#{slug}", "category": "/{slug}"}
    assert told({"en": fixed | items}) == []


@pytest.mark.parametrize("template", ["/t/{slugs}", "/t", "/t/{slug}/{slug}", "/t/{slug", "/t/{slug}}", "/{id}/{slug}"])
def test_an_items_page_holds_its_slug_once_and_nothing_else_in_braces(template: str) -> None:
    [(pointer, detail)] = told({"en": {"topic": template}})
    assert (pointer, detail[:17]) == ("/paths/en/topic", "Write {slug} once")


def test_a_page_of_which_there_is_one_holds_no_braces() -> None:
    assert told({"en": {"topics": "/t/{slug}"}})[0][0] == "/paths/en/topics"


def test_an_unknown_page_is_told_with_those_there_are_and_an_unknown_language_too() -> None:
    [(pointer, detail)] = told({"en": {"treatment": "/t/{slug}"}})
    assert pointer == "/paths/en/treatment" and "topics, faqs, guides, terms, category, topic" in detail
    assert told({"fr": {"home": "/fr"}}) == [("/paths/fr", "The clinic has no such language; it has en.")]
