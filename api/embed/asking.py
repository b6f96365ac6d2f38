"""Opening an embed: which clinic, in which language, for which partner, and whether it may be shown there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from flask import g

from api.embed.wanted import Wanted
from api.errors import CmsError
from api.public.asking import Asked, asked
from api.queries import partners
from api.queries.found import Depends
from api.queries.nearby import no_clinic
from api.rules.partners import NO_PARTNER, Terms, ancestors, refusal

DEEPEST = 6
"""There is no heading below this level."""


@dataclass
class Embedding:
    """An open read for an embed. `ancestors` may frame it; None is anyone."""

    ask: Asked
    wanted: Wanted
    terms: Terms
    ancestors: tuple[str, ...] | None
    depends: Depends

    def admit(self, type_name: str, entry_id: str | None, locale: str) -> None:
        """Raise forbidden unless this text may be shown there."""
        told = self._refused(type_name, entry_id, locale)
        if told is not None:
            raise CmsError("forbidden", told)

    def may(self, row: Any) -> bool:
        """Whether an item may be shown there."""
        return self._refused(row.type, row.entry_id, row.locale) is None

    def _refused(self, type_name: str, entry_id: str | None, locale: str) -> str | None:
        embeds, house = self.ask.house.profile["embeds"], self.ask.house
        named = self.terms if self.wanted.partner else None
        return refusal(embeds, named, house.id, type_name=type_name, entry_id=entry_id, locale=locale)


@contextmanager
def embedding(clinic: str, wanted: Wanted) -> Iterator[Embedding]:
    """Open a read of one clinic for an embed. Raises forbidden, not_found, invalid_parameter."""
    query = {"heading_level": min(DEEPEST, wanted.level + 2)}
    with asked(clinic, query, wanted.locale) as ask:
        if ask.house.private:
            raise no_clinic(ask.connection, clinic)
        depends, terms = Depends(), NO_PARTNER
        if wanted.partner is not None:
            depends.tags.add(partners.tag(wanted.partner))
            found = partners.partner(ask.connection, wanted.partner)
            if found is None:
                raise CmsError("forbidden", "There is no such partner, or its time has ended.")
            terms = found
        ask = replace(ask, reader=replace(ask.reader, use="embeds"))
        g.embed_locale = ask.reader.locale  # In which a notice is to be, should the embed be refused.
        yield Embedding(ask, wanted, terms, _framed_by(terms, wanted), depends)


def _framed_by(terms: Terms, wanted: Wanted) -> tuple[str, ...] | None:
    if not terms.origins:
        return None if wanted.origin is None else (wanted.origin,)
    try:
        return ancestors(terms, wanted.origin)
    except ValueError:
        raise CmsError("forbidden", "The terms of this partner do not take in this origin.") from None
