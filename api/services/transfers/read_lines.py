"""Reading lines of JSON: texts written one a line, or the newest words of every text of an archive."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from api.services.transfers import lines
from api.services.transfers.columns import BadLine, Line
from api.services.transfers.incoming import Incoming, Reading, fault

MEMBERS = ("type", "clinic", "locale", "slug", "external_key", "id", "revision", "document", "patch")
TEXTS = ("type", "locale", "slug", "external_key", "id")


def read(path: Path) -> Reading:
    """The texts of a file. An archive must be whole; raises BadLine where it is not, or where a line is too long."""
    first = next(lines.numbered(path), None)
    if first is None:
        raise BadLine("The file is empty.")
    try:
        archived = lines.parsed(first[1]).get("record") == "manifest"
    except BadLine:
        archived = False
    if not archived:
        return Reading(_plain(path))
    lines.check_whole(path)
    left_out = Counter[str]()
    return Reading(_archived(path, left_out), left_out)


def _plain(path: Path) -> Iterator[Incoming]:
    for number, line in lines.numbered(path):
        row = Incoming(number)
        try:
            _fill(row, lines.parsed(line))
        except BadLine as error:
            row.faults.append(fault("", "malformed", str(error)))
        yield row


def _fill(row: Incoming, said: Line) -> None:
    """What a line says of a text; each member that is wrong is a fault of its own."""
    for name in sorted(set(said) - set(MEMBERS)):
        row.faults.append(fault(f"/{name[:60]}", "unknown_field", "Unknown field.", allowed=list(MEMBERS)))
    for name in TEXTS:
        value = said.get(name)
        if value is None:
            continue
        if isinstance(value, str) and 0 < len(value) <= 200:
            setattr(row, name, value)
        else:
            row.faults.append(fault(f"/{name}", "invalid", "Give a text of 1 to 200 characters."))
    if "clinic" in said:
        row.clinic = _typed(row, said, "clinic", str)
    row.revision = _typed(row, said, "revision", int)
    row.document, row.changes = (_typed(row, said, name, dict) for name in ("document", "patch"))
    if (row.document is None) == (row.changes is None) and not row.faults:
        row.faults.append(fault("/document", "required", "Give `document`, or `patch` for a text that is there."))


def _typed(row: Incoming, said: Line, name: str, kind: type) -> Any:
    value = said.get(name)
    if value is None or (isinstance(value, kind) and not isinstance(value, bool)):
        return value
    row.faults.append(fault(f"/{name}", "invalid", "This has another type than it should."))
    return None


def _archived(path: Path, left_out: Counter[str]) -> Iterator[Incoming]:
    """The newest revision of each text. States, approvals and what is live stay behind: they were another house's."""
    entry: Line = {}
    text: Line = {}
    for number, line in lines.numbered(path):
        row = Incoming(number)
        try:
            said = lines.parsed(line)
            kind = said.get("record")
            if kind == "entry":
                entry, text = said, {}
            elif kind == "text":
                text = said
            if kind != "revision" or said.get("number") != text.get("newest"):
                left_out[str(kind)[:40]] += kind not in ("entry", "text", "manifest", "end")
                continue
            if entry.get("archived_at"):
                left_out["text of an archived entry"] += 1
                continue
            whole = {"type": entry.get("type"), "external_key": entry.get("external_key"), "id": entry.get("id")}
            _fill(row, {**whole, "clinic": text.get("clinic"), "locale": text.get("locale"), "slug": said.get("slug"),
                        "document": said.get("document")})  # fmt: skip
            if text.get("scope") != entry.get("scope"):
                row.overlay, row.changes, row.document = True, row.document, None
        except BadLine as error:
            row.faults.append(fault("", "malformed", str(error)))
        yield row
