"""Query parameters of management."""

from __future__ import annotations

from functools import cache

from marshmallow import Schema

from schemas.managed.replies import STATES
from schemas.query_fields import Number, QueryField, Switch, Tag, Word
from schemas.requests import made

LOCALE = "The text in this language; left out, the entry's first one."


@cache
def none() -> type[Schema]:
    return made({})


@cache
def of_a_text() -> type[Schema]:
    return made({"locale": Tag(LOCALE, "en")})


class TagOrAll(Tag):
    """A language tag, or `*` for every language."""

    schema = {"type": "string", "pattern": r"^(\*|[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?)$"}

    def read(self, text: str) -> str:
        return text if text == "*" else super().read(text)


@cache
def of_a_move() -> type[Schema]:
    return made({"locale": TagOrAll(f"{LOCALE} `*`, of withdraw and recall: every language.", "en")})


@cache
def of_pages() -> type[Schema]:
    return made(pages())


def pages() -> dict[str, QueryField]:
    return {
        "page[size]": Number("Items of a page.", 1, 100),
        "page[after]": QueryField("The cursor of `links.next`."),
    }


@cache
def of_a_list() -> type[Schema]:
    """Texts in any state, narrowed."""
    return made(
        {
            "filter[clinic]": QueryField("A clinic's slug, or `library`."),
            "filter[locale]": Tag("Texts in this language.", "en"),
            "filter[state]": Word("Texts in this state.", STATES),
            "filter[archived]": Switch("Archived entries instead of the others."),
            "filter[external_key]": QueryField("The entry with this key of another system."),
            "q": QueryField("Words of the title or the slug."),
            **pages(),
        }
    )
