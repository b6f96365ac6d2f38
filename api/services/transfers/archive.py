"""An archive going out: everything that belongs to the content, in an order in which it can be taken in again.

Keys, secrets, the audit log, statistics and whatever is made from the rest (the read model, the search index) stay.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select

from api.db import Base
from api.models import (
    LIBRARY,
    Category,
    CategorySlug,
    CategoryText,
    Clinic,
    Entry,
    ImportedKey,
    Media,
    MediaFile,
    Partner,
    PartnerAck,
    Person,
    Publication,
    Recall,
    Redirect,
    Release,
    ReleaseItem,
    Review,
    Revision,
    Role,
    Slug,
    Stamp,
    Transition,
    Variant,
    Waiver,
)
from api.services.transfers.columns import dump
from api.services.transfers.lines import Writer
from api.services.transfers.soundness import KINDS, OF_A_TEXT
from api.services.transfers.wanted import Wanted

BATCH = 50
"""Entries that are in memory at once."""


Rows = dict[Any, list[Any]]
"""Rows of a table by one of its columns; nothing for what has none."""


@dataclass(frozen=True)
class _Beside:
    """Of some texts, all but their words: by text, by revision, by transition."""

    newest: dict[int, int]
    of_revisions: dict[str, tuple[type[Base], Rows]]
    of_texts: dict[str, Rows]
    transitions: Rows
    publications: Rows
    recalls: Rows
    acks: Rows


@dataclass
class Archive:
    """One export under way: what is wanted, from where, and into what."""

    connection: Connection
    wanted: Wanted
    out: Writer
    seen: Callable[[int], None] = lambda _: None
    """Told how many entries more are written."""
    clinics: dict[str, str] = field(default_factory=dict)
    """id -> slug of every clinic."""

    def write(self) -> None:
        """All of it, in order."""
        self.clinics = dict(self.connection.execute(select(Clinic.id, Clinic.slug)).all())
        if self.wanted.complete:
            self._people()
            self._rows("clinic", Clinic, Clinic.id)
            self._rows("partner", Partner, Partner.id)
            self._media()
        self._categories()
        for batch in self._entries():
            self._batch(batch)
            self.seen(len(batch))
        if self.wanted.complete:
            self._releases()
            self._rows(
                "publication", Publication, Publication.number, Publication.transition_id.is_(None), ("transition_id",)
            )
            self._rows("stamp", Stamp, Stamp.tag)
        self._rows("redirect", Redirect, Redirect.id, self.wanted.scopes_of(Redirect.clinic_id), without=("id",))

    def _rows(
        self, kind: str, model: type[Base], key: Any, where: ColumnElement[bool] | None = None,
        without: tuple[str, ...] = (),
    ) -> None:  # fmt: skip
        """Every row of a table, some at a time, in order of a column."""
        for row in self._paged(select(model.__table__), key, where):
            self.out.put(kind, dump(model, row, without))

    def _paged(self, asked: Select[Any], key: Any, where: ColumnElement[bool] | None = None) -> Iterator[Any]:
        last: Any = None
        asked = asked if where is None else asked.where(where)
        while True:
            page = asked if last is None else asked.where(key > last)
            rows = self.connection.execute(page.order_by(key).limit(BATCH * 10)).mappings().all()
            yield from rows
            if not rows:
                return
            last = rows[-1][key.name]

    def _people(self) -> None:
        roles = self._grouped(Role, Role.person_id)
        for row in self._paged(select(Person.__table__), Person.id):
            held = [dump(Role, each, ("person_id",)) for each in roles[row["id"]]]
            self.out.put("person", {**dump(Person, row), "roles": held})

    def _media(self) -> None:
        """What is known of pictures and documents; their bytes are where they are kept. Former files are left out."""
        for row in self._paged(select(Media.__table__), Media.id):
            asked = select(MediaFile.__table__).where(MediaFile.address == row["address"]).order_by(MediaFile.name)
            files = [dump(MediaFile, each, ("media_id",)) for each in self.connection.execute(asked).mappings()]
            self.out.put("media", {**dump(Media, row), "files": files})

    def _categories(self) -> None:
        """Parents before their children."""
        asked = select(Category.__table__).where(self.wanted.scopes_of(Category.scope, library=True))
        rows = {row["id"]: row for row in self.connection.execute(asked.order_by(Category.id)).mappings()}
        texts = self._grouped(CategoryText, CategoryText.category_id)
        former = self._grouped(CategorySlug, CategorySlug.category_id) if self.wanted.complete else {}
        told: set[str] = set()

        def tell(row: Any) -> None:
            if row["id"] in told:
                return
            told.add(row["id"])
            if row["parent_id"] in rows:
                tell(rows[row["parent_id"]])
            mine = [dump(CategoryText, each, ("category_id", "scope")) for each in texts[row["id"]]]
            had = [dump(CategorySlug, each, ("category_id",)) for each in former.get(row["id"], ())]
            about = {"clinic": self._clinic(row["scope"]), "texts": mine, "former": had}
            self.out.put("category", {**dump(Category, row), **about})

        for row in rows.values():
            tell(row)

    def _entries(self) -> Iterator[list[Any]]:
        last = ""
        while True:
            asked = select(Entry.__table__).where(*self.wanted.of_entries(), Entry.id > last)
            rows = self.connection.execute(asked.order_by(Entry.id).limit(BATCH)).mappings().all()
            if not rows:
                return
            yield list(rows)
            last = rows[-1]["id"]

    def _batch(self, entries: list[Any]) -> None:
        """Each entry, then each of its texts with all that happened to it, the library's before the clinics' own."""
        ids = [row["id"] for row in entries]
        keys, slugs = self._grouped(ImportedKey, ImportedKey.entry_id, ids), self._grouped(Slug, Slug.entry_id, ids)
        asked = select(Variant.__table__).where(Variant.entry_id.in_(ids), *self.wanted.of_texts())
        texts: dict[str, list[Any]] = defaultdict(list)
        for row in self.connection.execute(asked.order_by(Variant.id)).mappings():
            texts[row["entry_id"]].append(row)
        beside = self._beside([row["id"] for several in texts.values() for row in several])
        for row in entries:
            if not texts[row["id"]] and not self.wanted.complete:
                continue
            known = [dump(ImportedKey, each, ("id", "scope", "type", "entry_id")) for each in keys[row["id"]]]
            self.out.put("entry", {**dump(Entry, row), "clinic": self._clinic(row["scope"]), "keys": known})
            for text in sorted(texts[row["id"]], key=lambda each: (each["scope"] != row["scope"], each["id"])):
                self._text(text, beside)
            for each in slugs[row["id"]] if self.wanted.complete else ():
                self.out.put("slug", dump(Slug, each, ("id", "type", "entry_id")))

    def _beside(self, ids: list[int]) -> _Beside:
        """What belongs to some texts beside their words, in a handful of questions."""
        mine = select(Revision.id).where(Revision.variant_id.in_(ids)).scalar_subquery()
        number = select(Revision.variant_id, func.max(Revision.number)).where(Revision.variant_id.in_(ids))
        moves = self._grouped(Transition, Transition.variant_id, ids, Transition.at)
        made = [row["id"] for rows in moves.values() for row in rows]
        return _Beside(
            newest=dict(self.connection.execute(number.group_by(Revision.variant_id)).all()),
            of_revisions={
                "reviews": (Review, self._grouped(Review, Review.revision_id, mine)),
                "waivers": (Waiver, self._grouped(Waiver, Waiver.revision_id, mine)),
            },
            of_texts={kind: self._grouped(KINDS[kind][0], _of_variant(kind), ids) for kind in OF_A_TEXT},
            transitions=moves,
            publications=self._grouped(Publication, Publication.transition_id, made),
            recalls=self._grouped(Recall, Recall.transition_id, made),
            acks=self._grouped(PartnerAck, PartnerAck.transition_id, made),
        )

    def _text(self, text: Any, beside: _Beside) -> None:
        about = {"clinic": self._clinic(text["scope"]), "newest": beside.newest.get(text["id"])}
        self.out.put("text", {**dump(Variant, text, ("id", "entry_id")), **about})
        # The words of one text's history at a time: they are all that is large here.
        revisions = select(Revision.__table__).where(Revision.variant_id == text["id"]).order_by(Revision.number)
        for row in self.connection.execute(revisions).mappings():
            said = {
                name: [dump(model, each, ("id", "revision_id")) for each in rows[row["id"]]]
                for name, (model, rows) in beside.of_revisions.items()
            }
            self.out.put("revision", {**dump(Revision, row, ("id", "variant_id")), **said})
        for row in beside.transitions[text["id"]]:
            self._transition(row, beside)
        for kind, rows in beside.of_texts.items():
            model, without, _ = KINDS[kind]
            for row in rows[text["id"]]:
                self.out.put(kind, dump(model, row, without))

    def _transition(self, row: Any, beside: _Beside) -> None:
        """One line of the timeline with the publication that it became, its recall, and who confirmed."""
        without = ("transition_id", "entry_id")
        number = [dump(Publication, each, without) for each in beside.publications[row["id"]]]
        recalled = [dump(Recall, each, without) for each in beside.recalls[row["id"]]]
        said = [dump(PartnerAck, each, ("transition_id", "key_id")) for each in beside.acks[row["id"]]]
        more = {"publication": next(iter(number), None), "recall": next(iter(recalled), None), "acks": said}
        self.out.put("transition", {**dump(Transition, row, ("id", "variant_id")), **more})

    def _releases(self) -> None:
        """Their items name the text and the instant at which it went."""
        for row in self._paged(select(Release.__table__), Release.id):
            text = (Variant.entry_id, Variant.locale, Variant.scope)
            asked = (
                select(ReleaseItem.__table__, *text, Transition.at.label("went"))
                .join(Variant, Variant.id == ReleaseItem.variant_id)
                .outerjoin(Transition, Transition.id == ReleaseItem.transition_id)
                .where(ReleaseItem.release_id == row["id"])
            )  # fmt: skip
            items = [
                {**dump(ReleaseItem, each, ("id", "release_id", "variant_id", "transition_id")),
                 "entry_id": each["entry_id"], "locale": each["locale"], "scope": each["scope"],
                 "went": each["went"].isoformat() if each["went"] else None}
                for each in self.connection.execute(asked.order_by(ReleaseItem.position)).mappings()
            ]  # fmt: skip
            self.out.put("release", {**dump(Release, row), "items": items})

    def _grouped(self, model: type[Base], by: Any, among: Any = None, *order: Any) -> Rows:
        """Rows of a table by one of its columns, in the order in which they were written unless another is given."""
        found: Rows = defaultdict(list)
        table: Any = model.__table__
        asked = select(table) if among is None else select(table).where(by.in_(among))
        for row in self.connection.execute(asked.order_by(*order, *table.primary_key.columns)).mappings():
            found[row[by.name]].append(row)
        return found

    def _clinic(self, scope: str) -> str | None:
        return None if scope == LIBRARY else self.clinics.get(scope)


def _of_variant(kind: str) -> Any:
    """The column of a kind's table that names the text its rows belong to."""
    return KINDS[kind][0].__table__.columns["variant_id"]
