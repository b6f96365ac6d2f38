"""Reader: for whom a reply is made, in which language and format, as of when."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from api.queries.house import House
from schemas.content_type import ContentType


@dataclass(frozen=True)
class Reader:
    """`chain` is the locale asked for and those that may stand in; `now` in epoch seconds."""

    house: House
    chain: tuple[str, ...]
    now: int
    format: str = "html"
    heading_level: int = 3
    wanted: str | None = None
    """The language as it was asked for; a region the clinic does not have is not in the chain."""

    media: str = ""
    """What the addresses of pictures begin with."""
    use: str = "site"
    """Where the reply is shown, which a consent may leave out: the clinic's own site, or embeds."""

    @property
    def locale(self) -> str:
        return self.chain[0]

    @cached_property
    def as_stored(self) -> bool:
        """Rich text is wanted in the form in which it is kept beside its CommonMark."""
        return self.format == "html" and self.heading_level == 3

    @property
    def requested(self) -> str:
        return self.wanted or self.chain[0]


@dataclass(frozen=True)
class Wish:
    """What of each item is asked for: the view, sparse fields per type, includes with their limits."""

    view: str
    fields: dict[str, tuple[str, ...]] = field(default_factory=dict)
    includes: tuple[str, ...] = ()
    limits: dict[str, int] = field(default_factory=dict)
    opened: bool = False
    """The edge looks into the fields: they are wanted as values, not as the JSON they are kept as."""

    def relations(self, content_type: ContentType, path: str = "") -> tuple[str, ...]:
        """The relations whose references are to stand in an item reached by `path`, or that `include` leads through."""
        whole = not path and self.view == "full" and self._gives_relations(content_type)
        if not self.includes:
            return content_type.relation_names if whole else ()
        prefix = f"{path}." if path else ""
        named = {name.removeprefix(prefix).split(".")[0] for name in self.includes if name.startswith(prefix)}
        return tuple(each.name for each in content_type.relations if whole or each.name in named)

    def _gives_relations(self, content_type: ContentType) -> bool:
        return "relationships" in self.fields.get(content_type.name, ("relationships",))
