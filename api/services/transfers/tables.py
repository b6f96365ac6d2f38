"""CSV for those who edit in a spreadsheet: one row a text and language, one column a field."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, and_, func, select
from sqlalchemy.orm import aliased

from api.models import LIBRARY, Clinic, Entry, Revision, Variant
from api.services.transfers.columns import BadLine
from api.services.transfers.incoming import Incoming, Reading, fault
from api.services.transfers.lines import PRIVATE
from api.services.transfers.wanted import Wanted
from schemas.cells import cells, changes, quoted, unquoted
from schemas.content import CONTENT_TYPES, content_type

ABOUT = ("type", "clinic", "id", "external_key", "locale", "slug", "state", "revision")
"""The first columns; what an editor must not change stands here too, so that a row finds its text again."""
LIBRARY_CELL = "library"
BATCH = 200
MOST_COLUMNS = 1_000
LONGEST_CELL = 200_000
csv.field_size_limit(LONGEST_CELL)


@dataclass(frozen=True)
class Table:
    """One table under way: what is wanted, from where, and which columns (all that hold anything if none are named)."""

    connection: Connection
    wanted: Wanted
    columns: tuple[str, ...] = ()

    def write(self, path: Path) -> int:
        """Write it whole, or not at all; how many rows. Read twice: once for its columns, once for its rows."""
        draft = path.with_name(path.name + ".part")
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.touch(mode=PRIVATE)
        header = self.columns or tuple(self._found())
        count = 0
        # A spreadsheet takes UTF-8 for what it is only with this mark before it.
        with draft.open("w", encoding="utf-8-sig", newline="") as file:
            out = csv.writer(file)
            out.writerow([*ABOUT, *header])
            for about, said in self._rows():
                count += 1
                out.writerow([quoted(str(each)) for each in (*about, *(said.get(name, "") for name in header))])
        draft.replace(path)
        return count

    def _found(self) -> Iterable[str]:
        """Every column that any row fills, in the order in which the types and their parts come."""
        by_type: dict[str, dict[str, None]] = {each.name: {} for each in CONTENT_TYPES}
        for about, said in self._rows():
            by_type[str(about[0])].update(dict.fromkeys(said))
        return dict.fromkeys(itertools.chain.from_iterable(by_type.values()))

    def _rows(self) -> Iterator[tuple[tuple[Any, ...], dict[str, str]]]:
        """(the first columns, {column: cell}) of each text's newest words; overlays are no texts of their own."""
        slugs = dict(self.connection.execute(select(Clinic.id, Clinic.slug)).all())
        newest, numbers = aliased(Revision), aliased(Revision)
        highest = select(func.max(numbers.number)).where(numbers.variant_id == Variant.id).scalar_subquery()
        texts = Variant.entry_id == Entry.id, Variant.scope == Entry.scope, *self.wanted.of_texts()
        asked = (
            select(Variant.id.label("text"), Entry.id, Entry.type, Entry.scope, Entry.external_key, Variant.locale,
                   Variant.live_revision, Variant.withdrawn_at, newest.slug, newest.state, newest.number,
                   newest.document)
            .join(Entry, and_(*texts))
            .join(newest, and_(newest.variant_id == Variant.id, newest.number == highest))
            .where(*self.wanted.of_entries(), Entry.archived_at.is_(None))
            .order_by(Variant.id)
            .limit(BATCH)
        )  # fmt: skip
        last = 0
        while rows := self.connection.execute(asked.where(Variant.id > last)).all():
            for row in rows:
                state = "withdrawn" if row.withdrawn_at else "live" if row.live_revision == row.number else row.state
                clinic = LIBRARY_CELL if row.scope == LIBRARY else slugs.get(row.scope, "")
                about = (row.type, clinic, row.id, row.external_key or "", row.locale, row.slug, state, row.number)
                yield about, cells(content_type(row.type), row.document)
            last = rows[-1].text


def read(path: Path) -> Reading:
    """The rows of a table. Raises BadLine for one that can't be read as such."""
    return Reading(_read(path))


def _read(path: Path) -> Iterator[Incoming]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        try:
            first = file.readline(LONGEST_CELL)
            sign = max(",;\t", key=first.count)
            file.seek(0)
            rows = csv.reader(file, delimiter=sign, strict=True)
            header = _header(next(rows, []))
            for cell in rows:
                if any(each.strip() for each in cell):
                    yield _incoming(rows.line_num, header, cell)
        except UnicodeDecodeError:
            raise BadLine("The table is not UTF-8: save it as CSV UTF-8.") from None
        except csv.Error as error:
            raise BadLine(f"The table can't be read as CSV: {error}.") from None


def _header(cell: list[str]) -> list[str]:
    names = [unquoted(each).strip() for each in cell]
    if "type" not in names:
        known = ", ".join(each.name for each in CONTENT_TYPES)
        raise BadLine(f"The first line names the columns: one named type is missing ({known}, in each row).")
    if twice := [name for name in names if name and names.count(name) > 1]:
        raise BadLine(f"The column {twice[0][:60]!r} stands twice.")
    if len(names) > MOST_COLUMNS:
        raise BadLine(f"The table has {len(names)} columns; {MOST_COLUMNS} is the most.")
    return names


def _incoming(number: int, header: list[str], cell: list[str]) -> Incoming:
    row = Incoming(number)
    if len(cell) > len(header):
        row.faults.append(
            fault("", "malformed", f"The row has {len(cell)} cells, and {len(header)} columns there are.")
        )
    said = {name: unquoted(text) for name, text in zip(header, cell, strict=False) if name}
    # A line of nothing but spaces says nothing; words keep theirs, as they mean something in CommonMark.
    said = {name: text if text.strip() else "" for name, text in said.items()}
    about = {name: said.pop(name, "").strip() for name in ABOUT}
    row.type, row.locale, row.slug = about["type"], about["locale"], about["slug"]
    row.external_key, row.id = about["external_key"] or None, about["id"] or None
    row.clinic = None if about["clinic"] == LIBRARY_CELL else about["clinic"]
    if about["revision"]:
        if about["revision"].isascii() and about["revision"].isdigit() and len(about["revision"]) < 10:
            row.revision = int(about["revision"])
        else:
            row.faults.append(fault("/revision", "invalid", "Leave the number of the revision as it was given out."))
    kind = next((each for each in CONTENT_TYPES if each.name == row.type), None)
    if kind is None:
        row.changes = {}
        return row
    row.changes, wrong = changes(kind, said)
    row.faults += wrong
    return row
