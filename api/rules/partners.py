"""What a site may embed: by the clinic's word, and by the partner's terms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

INDEXING = ("noindex", "canonical", "index")
"""Whether search engines may list the embed itself; `canonical` allows it and names the clinic's page as the source."""


@dataclass(frozen=True)
class Terms:
    """A partner as readers meet it. Empty tuples narrow nothing."""

    id: str
    name: str
    origins: tuple[str, ...] = ()
    clinics: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    locales: tuple[str, ...] = ()
    attribution: dict[str, Any] | None = None
    licence: dict[str, Any] | None = None
    indexing: str = "noindex"

    @property
    def attribution_required(self) -> bool:
        return bool((self.attribution or {"required": True}).get("required", True))


NO_PARTNER = Terms("", "")
"""An embed without a partner: attributed, and not listed by search engines."""


def refusal(
    embeds: str, terms: Terms | None, clinic_id: str, *, type_name: str, entry_id: str | None = None, locale: str = ""
) -> str | None:
    """Why something may not be embedded, None where it may. `embeds` is the clinic's word: anyone, partners, none.

    `terms` is None where no partner was named. `entry_id` is held against `topics` for topics alone.
    """
    if embeds == "none":
        return "This clinic lets no other site show its texts."
    if terms is None:
        told = "This clinic lets only its partners show its texts; name one by `partner`."
        return None if embeds == "anyone" else told
    checks = (
        (terms.clinics, clinic_id, "this clinic"),
        (terms.types, type_name, f"texts of the type {type_name}"),
        (terms.topics if type_name == "topic" else (), entry_id, "this topic"),
        (terms.locales, locale, f"texts in {locale}"),
    )
    for allowed, wanted, what in checks:
        if allowed and wanted is not None and wanted not in allowed:
            return f"The terms of this partner do not take in {what}."
    return None


def ancestors(terms: Terms | None, origin: str | None) -> tuple[str, ...] | None:
    """The origins that may frame an embed; None for any. Raises ValueError for an origin the partner does not have.

    Without origins of its own a partner may be framed anywhere, as an embed without a partner may.
    """
    if terms is None or not terms.origins:
        return None
    if origin is None:
        return terms.origins
    if origin not in terms.origins:
        raise ValueError(origin)
    return (origin,)
