"""Entries of an archive, gathered until they are worth a few statements: written together, then published together."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from api.db import Base
from api.models import Entry, Publication, Transition, Variant
from api.services.published import fresh_rows, publications
from api.services.transfers.columns import Line
from api.services.transfers.soundness import KINDS, OF_A_TEXT, PARTS
from api.services.work import Work

OF_AN_ENTRY = ("entry", "text", "revision", "transition", "slug", *OF_A_TEXT)
MOST_ENTRIES, MOST_BYTES = 50, 2_000_000
"""How much is gathered; one entry may be more."""
Owned = list[tuple[int, Line]]
"""Rows, each with the place of the one that it belongs to."""


@dataclass
class Gathered:
    """Rows in the order of their lines; what belongs to a row that the database numbers waits for its number."""

    size: int = 0
    entries: list[Line] = field(default_factory=list)
    named: dict[type[Base], list[Line]] = field(default_factory=lambda: defaultdict(list))
    """Rows that name their entry, by table."""
    texts: list[Line] = field(default_factory=list)
    revisions: Owned = field(default_factory=list)
    transitions: Owned = field(default_factory=list)
    owned: dict[str, dict[type[Base], Owned]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )
    """Rows of texts, revisions and transitions by the column that names their owner, by table."""

    @property
    def full(self) -> bool:
        return len(self.entries) >= MOST_ENTRIES or self.size >= MOST_BYTES

    def add(self, kind: str, values: Line, parts: dict[str, list[Line]], size: int) -> None:
        """Take a line that `soundness.Sound` has checked; `size` in bytes."""
        self.size += size
        text = len(self.texts) - 1
        if kind == "entry":
            self.entries.append(values)
            entry = {"scope": values["scope"], "type": values["type"], "entry_id": values["id"]}
            self.named[PARTS["keys"][0]] += [{**row, **entry} for row in parts["keys"]]
        elif kind == "text":
            self.texts.append({**values, "entry_id": self._entry["id"]})
        elif kind == "revision":
            self.revisions.append((text, values))
            for name in ("reviews", "waivers"):
                self._own("revision_id", PARTS[name][0], len(self.revisions) - 1, parts[name])
        elif kind == "transition":
            self.transitions.append((text, values))
            self._of_a_transition(len(self.transitions) - 1, parts)
        elif kind == "slug":
            entry = {"type": self._entry["type"], "entry_id": self._entry["id"]}
            self.named[KINDS["slug"][0]].append({**values, **entry})
        else:
            self._own("variant_id", KINDS[kind][0], text, [values])

    def write(self, work: Work) -> None:
        """Write all, and the published rows that follow from it; the session forgets what it read."""
        fresh_rows.put(work, Entry, self.entries)
        texts = fresh_rows.put_numbered(work, Variant, self.texts)
        numbers = {
            "variant_id": texts,
            "revision_id": fresh_rows.put_numbered(work, KINDS["revision"][0], _with(self.revisions, texts)),
            "transition_id": fresh_rows.put_numbered(work, Transition, _with(self.transitions, texts)),
        }
        for model, rows in self.named.items():
            fresh_rows.put(work, model, rows)
        for column, by_table in self.owned.items():
            for model, owned in by_table.items():
                fresh_rows.put(work, model, [{**row, column: numbers[column][at]} for at, row in owned])
        for number, (_, row) in zip(numbers["transition_id"], self.transitions, strict=True):
            if not row.get("effective") and row["at"] > work.now():
                publications.promise_transition(work, work.session.get_one(Transition, number))
        fresh_rows.fill(work, [each["id"] for each in self.entries])
        work.flush()
        work.session.expunge_all()

    @property
    def _entry(self) -> Line:
        return self.entries[-1]

    def _of_a_transition(self, at: int, parts: dict[str, list[Line]]) -> None:
        entry = {"entry_id": self._entry["id"]}
        self._own("transition_id", Publication, at, [{**row, **entry} for row in parts["publication"]])
        self._own("transition_id", PARTS["recall"][0], at, [{**row, **entry} for row in parts["recall"]])
        self._own("transition_id", PARTS["acks"][0], at, parts["acks"])

    def _own(self, column: str, model: type[Base], at: int, rows: list[Line]) -> None:
        self.owned[column][model] += [(at, row) for row in rows]


def _with(rows: Owned, texts: list[int]) -> list[dict[str, Any]]:
    return [{**row, "variant_id": texts[at]} for at, row in rows]
