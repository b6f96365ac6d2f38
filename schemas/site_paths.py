"""The templates of a clinic's `paths`: which pages there are, and where the slug stands in their address."""

from __future__ import annotations

import re
from collections.abc import Iterator

from schemas.content import CONTENT_TYPES

SLUG = "{slug}"


def faults(paths: dict[str, dict[str, str]]) -> dict[str, dict[str, list[str]]]:
    """{locale: {page: [what to change]}} of the templates that no page could be found by."""
    found = {locale: dict(_faults(templates)) for locale, templates in paths.items()}
    return {locale: each for locale, each in found.items() if each}


def _faults(templates: dict[str, str]) -> Iterator[tuple[str, list[str]]]:
    fixed, items = _pages()
    for name, template in templates.items():
        held = re.findall(r"\{[^{}]*\}?|\}", template)
        if name not in fixed and name.partition(".")[0] not in items:
            known = ", ".join([*fixed, *items])
            yield name, [f"There is no such page; there are {known}, and a type with a kind, such as topic.treatment."]
        elif name in fixed and held:
            yield name, ["This is one page: write its path without braces."]
        elif name not in fixed and held != [SLUG]:
            yield name, [f"Write {SLUG} once, and no other braces, where the slug stands."]


def _pages() -> tuple[list[str], list[str]]:
    """(pages of which there is one, those of which each item has one)."""
    return ["home", *(each.plural for each in CONTENT_TYPES)], ["category", *(each.name for each in CONTENT_TYPES)]
