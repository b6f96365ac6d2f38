"""An archive into an empty house: checked line by line first, then taken in whole, in one transaction or not at all.

Everything comes as it was, approvals and what is live with it: this is for whoever holds the machine, not for requests.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select

from api.db import Base, Database
from api.errors import CmsError, invalid_content
from api.models import LIBRARY, Category, Clinic, Entry, Partner, Person, Publication, Release, Transition, Variant
from api.models.life import ReleaseItem
from api.rules.permissions import OPERATOR
from api.services.processes import purges
from api.services.published import fresh_rows, publications
from api.services.transfers import lines
from api.services.transfers.columns import BadLine, Line
from api.services.transfers.gathered import OF_AN_ENTRY, Gathered
from api.services.transfers.soundness import KINDS, PARTS, Sound
from api.services.work import Work, looking, writing

MOST_FAULTS = 100
Progress = Callable[[str, int], None]
"""Told the phase (check, write) and how many bytes more were read."""


def restore(
    database: Database, path: Path, progress: Progress = lambda *_: None, *, dry: bool = False
) -> dict[str, int]:
    """Take an archive in; how many lines of each kind. Raises invalid_content, conflict (not_empty)."""
    require_empty(database)
    counts = check(path, progress)
    if dry:
        return counts
    try:
        with writing(database, OPERATOR) as work:
            work.now()
            _Restoring(work).all(path, progress)
    except BadLine as error:
        raise _refused([(0, str(error))]) from None
    return counts


def require_empty(database: Database) -> None:
    """Raise conflict unless nobody has put anything into the house yet."""
    with looking(database, OPERATOR) as work:
        for model in (Entry, Clinic, Category, Person, Partner, Publication):
            key = next(iter(model.__table__.primary_key))
            if work.session.scalar(select(key).limit(1)) is not None:
                detail = (
                    f"This house is not empty: it holds {model.__tablename__}. A whole archive goes into an empty one."
                )
                raise CmsError("conflict", detail, blockers=[{"move": "import", "code": "not_empty", "detail": detail}])


def check(path: Path, progress: Progress = lambda *_: None) -> dict[str, int]:
    """Look at every line of an archive; how many of each kind. Raises invalid_content with the first 100 faults."""
    counts, faults, sound = Counter[str](), list[tuple[int, str]](), Sound()
    try:
        about = lines.check_whole(path, lambda size: progress("check", size))
    except BadLine as error:
        raise _refused([(0, str(error))]) from None
    if about.get("complete") is not True:
        raise _refused([(1, "The archive holds a part of a house only; import it without --restore, as drafts.")])
    for number, line in lines.numbered(path):
        try:
            said = lines.parsed(line)
            if number == 1 or said.get("record") == "end":
                continue
            sound.check(said)
            counts[said["record"]] += 1
        except BadLine as error:
            faults.append((number, str(error)))
        except (KeyError, TypeError, AttributeError) as error:
            faults.append((number, f"The line has another shape than it should: {error}"))
        if len(faults) == MOST_FAULTS:
            break
    if not faults and dict(counts) != about.get("counts"):
        faults = [(1, "The manifest counts other lines than there are.")]
    if faults:
        raise _refused(faults)
    return dict(counts)


def _refused(faults: list[tuple[int, str]]) -> CmsError:
    return invalid_content([{"pointer": f"/{line}", "code": "invalid", "detail": told} for line, told in faults])


@dataclass
class _Restoring:
    """Writes the lines of an archive that was checked, in its order."""

    work: Work
    sound: Sound = field(default_factory=lambda: Sound(known=True))
    digest: Any = field(default_factory=hashlib.sha256)
    gathered: Gathered = field(default_factory=Gathered)

    def all(self, path: Path, progress: Progress) -> None:
        entries = 0
        for number, line in lines.numbered(path, lambda size: progress("write", size)):
            said = lines.parsed(line)
            kind = said["record"]
            if kind == "end" and said["digest"] != f"sha256:{self.digest.hexdigest()}":
                raise BadLine("The archive was changed while it was taken in.")
            self.digest.update(line)
            if number == 1 or kind == "end":
                continue
            values, parts = self.sound.check(said)
            entries += kind == "entry"
            if kind not in OF_AN_ENTRY or (kind == "entry" and self.gathered.full):
                self._settle()
            if kind in OF_AN_ENTRY:
                self.gathered.add(kind, values, parts, len(line))
            elif kind in ("release", "media"):
                (self._release if kind == "release" else self._media)(values, parts)
            else:
                self._plain(kind, values, parts)
        self._settle()
        publications.mature(self.work)
        self.work.purging = {purges.EVERYTHING: True}
        self.work.log("restore_archive", LIBRARY, entries=entries)

    def _settle(self) -> None:
        """Write the entries that were gathered."""
        if self.gathered.entries:
            self.gathered.write(self.work)
            self.gathered = Gathered()

    def _put(self, model: type[Base], values: Line, **more: Any) -> None:
        fresh_rows.put(self.work, model, [{**values, **more}])

    def _plain(self, kind: str, values: Line, parts: dict[str, list[Line]]) -> None:
        """A row that stands for itself, with its parts."""
        self._put(KINDS[kind][0], values)
        owner: dict[str, Line] = {
            "roles": {"person_id": values.get("id")},
            "files": {"media_id": values.get("id")},
            "former": {"category_id": values.get("id")},
            "texts": {"category_id": values.get("id"), "scope": values.get("scope")},
        }
        for name, rows in parts.items():
            for row in rows:
                self._put(PARTS[name][0], row, **owner[name])

    def _media(self, values: Line, parts: dict[str, list[Line]]) -> None:
        self._plain("media", values, parts)
        if values["ends_at"] is not None and values["ends_at"] > self.work.now():
            publications.promise(self.work, "consent", f"media:{values['id']}", values["ends_at"])

    def _release(self, values: Line, parts: dict[str, list[Line]]) -> None:
        self._put(Release, values)
        for row in parts["items"]:
            entry, locale, scope, went = (row.pop(name) for name in ("entry_id", "locale", "scope", "went"))
            asked = select(Variant.id).where(
                Variant.entry_id == entry, Variant.locale == locale, Variant.scope == scope
            )
            text = self.work.session.scalar(asked)
            if text is None:
                raise BadLine(f"A release names a text that the archive does not hold: {entry}, {locale}.")
            self._put(
                ReleaseItem, row, release_id=values["id"], variant_id=text, transition_id=self._went(text, row, went)
            )

    def _went(self, text: int, row: Line, went: str | None) -> int | None:
        if went is None:
            return None
        asked = select(Transition.id).where(
            Transition.variant_id == text, Transition.revision == row["revision"],
            Transition.at == dt.datetime.fromisoformat(went),
        )  # fmt: skip
        return self.work.session.scalar(asked.order_by(Transition.id.desc()).limit(1))
