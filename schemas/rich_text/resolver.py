"""What a clinic fills in when rich text is read: where its links lead, its glossary, its placeholders."""

from collections.abc import Mapping
from dataclasses import dataclass

from schemas.rich_text.links import Link, fill_href
from schemas.rich_text.placeholders import fill


@dataclass(frozen=True, slots=True)
class Target:
    """Where a link to an entry leads: its address ("" if it has none) and {"type", "id", "slug", "title"}."""

    href: str
    ref: dict[str, str]


@dataclass(frozen=True, slots=True)
class Resolver:
    """Entries and terms by id (a term's value is its slug), and placeholder values by name.

    What is absent, or has an empty address or slug, cannot be shown: its words stay and the link goes.
    """

    entries: Mapping[str, Target]
    terms: Mapping[str, str]
    placeholders: Mapping[str, str]

    def target(self, link: Link | str | None) -> Target | None:
        """Where a link to an entry leads, or None if it cannot be shown."""
        found = self.entries.get(link.id) if isinstance(link, Link) and link.kind == "entry" else None
        return found if found and found.href else None

    def slug(self, link: Link | str | None) -> str | None:
        """The slug of a glossary word, or None if it cannot be shown."""
        return self.terms.get(link.id) or None if isinstance(link, Link) and link.kind == "term" else None

    def href(self, link: Link | str | None) -> str | None:
        """The address of a link that is not to an entry or a term, or None if it cannot be shown."""
        return fill_href(link, self.placeholders) if isinstance(link, str) else None

    def fill(self, text: str) -> str:
        """The text with its placeholders filled, unescaped."""
        return fill(text, self.placeholders)
