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

from sqlalchemy import insert, select

from api.db import Base, Database
from api.errors import CmsError, invalid_content
from api.models import LIBRARY, Category, Clinic, Entry, Partner, Person, Publication, Release, Transition, Variant
from api.models.life import ReleaseItem
from api.rules.permissions import OPERATOR
from api.services.processes import purges
from api.services.published import publications, read_model
from api.services.transfers import lines
from api.services.transfers.columns import BadLine, Line
from api.services.transfers.soundness import KINDS, OF_A_TEXT, PARTS, Sound
from api.services.work import Work, looking, writing

MOST_FAULTS = 100
FORGET_AFTER = 50
"""Entries after which the session forgets what it read."""
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
    entry: str = ""
    variant: int = 0
    made: int = 0
    """Entries whose published rows are made."""

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
            if kind not in _OF_AN_ENTRY:
                self._rewrite()
            if kind == "entry":
                entries += 1
            own: dict[str, Callable[[Line, dict[str, list[Line]]], None]] = {
                "entry": self._entry, "text": self._text, "revision": self._revision, "transition": self._transition,
                "release": self._release, "media": self._media,
            }  # fmt: skip
            if kind in own:
                own[kind](values, parts)
            else:
                self._plain(kind, values, parts)
        self._rewrite()
        publications.mature(self.work)
        self.work.purging = {purges.EVERYTHING: True}
        self.work.log("restore_archive", LIBRARY, entries=entries)

    def _put(self, model: type[Base], values: Line, **more: Any) -> Any:
        """Write a row; its key where the database gives one."""
        table: Any = model.__table__
        done: Any = self.work.session.execute(insert(table).values(**values, **more))
        return done.inserted_primary_key[0] if done.inserted_primary_key else None

    def _plain(self, kind: str, values: Line, parts: dict[str, list[Line]]) -> None:
        """A row that stands for itself, or belongs to the entry or the text before it, with its parts."""
        about: dict[str, Line] = {
            "slug": {"type": (self.sound.entry or {}).get("type"), "entry_id": self.entry},
            **{each: {"variant_id": self.variant} for each in OF_A_TEXT},
        }
        self._put(KINDS[kind][0], values, **about.get(kind, {}))
        owner: dict[str, Line] = {
            "roles": {"person_id": values.get("id")},
            "files": {"media_id": values.get("id")},
            "texts": {"category_id": values.get("id"), "scope": values.get("scope")},
        }
        for name, rows in parts.items():
            for row in rows:
                self._put(PARTS[name][0], row, **owner[name])

    def _media(self, values: Line, parts: dict[str, list[Line]]) -> None:
        self._plain("media", values, parts)
        if values["ends_at"] is not None and values["ends_at"] > self.work.now():
            publications.promise(self.work, "consent", f"media:{values['id']}", values["ends_at"])

    def _entry(self, values: Line, parts: dict[str, list[Line]]) -> None:
        self._rewrite()
        self._put(Entry, values)
        self.entry = values["id"]
        for row in parts["keys"]:
            about = {"scope": values["scope"], "type": values["type"], "entry_id": self.entry}
            self._put(PARTS["keys"][0], row, **about)

    def _text(self, values: Line, parts: dict[str, list[Line]]) -> None:
        self.variant = self._put(Variant, values, entry_id=self.entry)

    def _revision(self, values: Line, parts: dict[str, list[Line]]) -> None:
        number = self._put(KINDS["revision"][0], values, variant_id=self.variant)
        for name in ("reviews", "waivers"):
            for row in parts[name]:
                self._put(PARTS[name][0], row, revision_id=number)

    def _transition(self, values: Line, parts: dict[str, list[Line]]) -> None:
        number = self._put(Transition, values, variant_id=self.variant)
        for row in parts["publication"]:
            self._put(Publication, row, entry_id=self.entry, transition_id=number)
        for row in parts["recall"]:
            self._put(PARTS["recall"][0], row, entry_id=self.entry, transition_id=number)
        for row in parts["acks"]:
            self._put(PARTS["acks"][0], row, transition_id=number)
        if not values.get("effective") and values["at"] > self.work.now():
            publications.promise_transition(self.work, self.work.session.get_one(Transition, number))

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

    def _rewrite(self) -> None:
        """Make the published rows of the entry that ends here."""
        if not self.entry:
            return
        read_model.rewrite(self.work, self.work.session.get_one(Entry, self.entry))
        self.entry, self.made = "", self.made + 1
        self.work.purging.clear()
        if self.made % FORGET_AFTER == 0:
            self.work.session.flush()
            self.work.session.expunge_all()


_OF_AN_ENTRY = ("entry", "text", "revision", "transition", "slug", *OF_A_TEXT)
