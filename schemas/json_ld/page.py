"""Page: what a graph is made from beside the item, namely the clinic and the other items shown with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Page:
    """`clinic` is the delivered clinic profile; `included` are other delivered items that belong to the page."""

    clinic: dict[str, Any]
    included: tuple[dict[str, Any], ...] = ()

    def related(self, item: dict[str, Any], relation: str, type_name: str) -> list[dict[str, Any]]:
        """The included items of one type under `relation` of the item, in its order; all if it names no relation."""
        found = {each["id"]: each for each in self.included if each["type"] == type_name and each["id"] != item["id"]}
        relationship = (item.get("relationships") or {}).get(relation)
        if relationship is None:
            return list(found.values())
        return [found[reference["id"]] for reference in relationship["data"] if reference["id"] in found]

    def absolute(self, path: str | None) -> str | None:
        """A path with the clinic's site before it; None without a site."""
        site = self.clinic.get("site_url")
        return f"{site.rstrip('/')}{path}" if site and path else None

    def place(self, name: str, locale: str) -> str | None:
        """The address of a page of the clinic that is no item: home, topics, faqs, guides, terms."""
        return self.absolute(((self.clinic.get("paths") or {}).get(locale) or {}).get(name))
