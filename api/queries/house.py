"""The clinic that is read, with its categories: the frame of every reply."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, String, bindparam, func, or_, select

from api.db import Database
from api.models import LIBRARY, Category, CategoryText, Clinic, Publication, Stamp
from api.queries import logos
from api.queries.prepared import Prepared
from schemas.wording import in_language

CLINICS = "clinics"
"""The tag of the list of clinics."""


class Words(NamedTuple):
    """What a category is called in one language."""

    title: str
    slug: str
    description: str | None


@dataclass(frozen=True)
class CategoryRow:
    """One category with its words by language."""

    id: str
    key: str
    group: str
    scope: str
    parent_id: str | None
    position: int
    revision: int
    created_at: int
    updated_at: int
    texts: dict[str, Words]

    def words(self, order: Sequence[str]) -> tuple[str, Words]:
        """(language, words): the first of an order that it has; if none, what `in_language` takes for the first."""
        of_order = next((code for code in order if code in self.texts), None)
        locale = of_order or in_language({code: code for code in self.texts}, order[0])
        return locale, self.texts[locale]


@dataclass(frozen=True)
class House:
    """A clinic as readers meet it. `stamp` tells when the profile or a category last changed."""

    id: str
    slug: str
    private: bool
    revision: int
    created_at: int
    updated_at: int
    profile: dict[str, Any]
    categories: tuple[CategoryRow, ...]
    stamp: tuple[int, int]
    worked_out: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)
    """What follows from the profile and the categories alone, as far as it has been asked for."""
    logo: logos.Logo | None = None
    """The picture that its profile names."""
    root: str = ""
    """What addresses of this API begin with: see Config.root."""
    below: str = ""
    """Where the addresses of a preview stand: `/preview`."""
    asks: str = ""
    """What they go on asking for: `&perspective=draft`."""

    @cached_property
    def locales(self) -> tuple[str, ...]:
        return tuple(each["code"] for each in self.profile["locales"])

    @cached_property
    def by_key(self) -> dict[str, CategoryRow]:
        """Categories by key; a clinic's own stands before the library's."""
        return {each.key: each for each in sorted(self.categories, key=lambda each: each.scope != LIBRARY)}

    @cached_property
    def listed(self) -> tuple[CategoryRow, ...]:
        """Categories as readers meet them, in order: of two with one key the clinic's own."""
        return tuple(each for each in self.categories if self.by_key[each.key] is each)

    def category_key(self, name: str, locale: str, group: str | None = None) -> str:
        """The key of the category that has this key, else this slug: in that locale, else in another; else the name."""
        if name in self.by_key:
            return name
        found = [
            (code != locale, each.scope == LIBRARY, each.position, each.key)
            for each in self.categories
            for code, (_, slug, _) in each.texts.items()
            if slug == name and code in self.locales and group in (None, each.group)
        ]
        return min(found)[-1] if found else name

    @cached_property
    def by_id(self) -> dict[str, CategoryRow]:
        return {each.id: each for each in self.categories}

    def spoken(self, wanted: str) -> str | None:
        """The clinic's locale for a language tag: that or, without its last parts, a wider one (RFC 4647, lookup)."""
        parts = wanted.split("-")
        shorter = ("-".join(parts[:length]) for length in range(len(parts), 0, -1))
        return next((code for code in shorter if code in self.locales), None)

    def fallback(self, locale: str) -> tuple[str, ...]:
        """The clinic's own chain after a locale."""
        return next(tuple(each["fallback"]) for each in self.profile["locales"] if each["code"] == locale)

    def ends(self, now: int) -> int | None:
        """When something of the clinic itself ends that is shown now: the consent to its logo."""
        ends = self.logo.ends if self.logo else None
        return ends if ends is not None and ends > now else None

    def logo_changed(self, now: int) -> int:
        """When what is shown of its logo last changed (epoch seconds); 0 without one."""
        if self.logo is None:
            return 0
        return self.logo.ends if self.logo.ends is not None and self.logo.ends <= now else self.logo.at

    @cached_property
    def tags(self) -> frozenset[str]:
        return frozenset({f"c:{self.id}", f"c:{LIBRARY}"})


def profile_tags(clinic_id: str) -> list[str]:
    """What a change of a clinic's profile makes old: its own replies, and the list of clinics."""
    return [f"c:{clinic_id}", CLINICS]


def clinics_stamped(connection: Connection) -> int:
    """When a clinic in the list of clinics last came, changed or went (epoch seconds); 0 for never."""
    stamped = connection.scalar(select(Stamp.at).where(Stamp.tag == CLINICS))
    return int(stamped.timestamp()) if stamped else 0


class HouseChanged(Exception):
    """What a reply is made of changed while it was made, the profile, a category or the text itself: make it again."""


def house(database: Database, connection: Connection, slug: str, *, remembered: bool = False) -> House | None:
    """The clinic of that slug, kept in memory. `remembered` leaves the check of its stamp to `found.settle`."""
    kept: dict[str, House] = database.memory.setdefault("houses", {})
    known = kept.get(slug)
    if known is not None and (remembered or _stamp(connection, known.id) == known.stamp):
        return known
    made = _load(connection, slug, database.root)
    if made is None:
        kept.pop(slug, None)
    else:
        kept[slug] = made
    return made


def forget(database: Database, slug: str) -> None:
    """Drop what is remembered of a clinic."""
    database.memory.get("houses", {}).pop(slug, None)


def _load(connection: Connection, slug: str, root: str) -> House | None:
    clinic_id = connection.scalar(select(Clinic.id).where(Clinic.slug == slug))
    if clinic_id is None:
        return None
    # The stamp is read before what it stamps: a change in between is seen at the next check.
    stamp = _stamp(connection, clinic_id)
    row = connection.execute(select(Clinic.__table__).where(Clinic.id == clinic_id)).one_or_none()
    return None if row is None else House(
        id=row.id,
        slug=row.slug,
        private=row.private,
        revision=row.revision,
        created_at=int(row.created_at.timestamp()),
        updated_at=int(row.updated_at.timestamp()),
        profile=row.document,
        categories=_categories(connection, row.id),
        stamp=stamp,
        logo=logos.load(connection, row.document.get("logo")),
        root=root,
    )


def houses(connection: Connection, private_ids: list[str]) -> list[str]:
    """The slugs of the clinics a caller may see, in order: public ones, and private ones by id."""
    asked = (
        select(Clinic.slug)
        .where(Clinic.private.is_(False) | Clinic.id.in_(private_ids))
        .order_by(Clinic.position, Clinic.id)
    )
    return list(connection.scalars(asked))


def newest_publication(connection: Connection) -> int:
    """The number of the last change of what the public sees."""
    return connection.scalar(select(func.max(Publication.number))) or 0


def _stamp(connection: Connection, clinic_id: str) -> tuple[int, int]:
    row = _STAMPED.one(connection, {"own": f"c:{clinic_id}"})
    return row.number or 0, row.at or 0


def _stamped(_: bool) -> Select[Any]:
    ours = or_(Stamp.tag == bindparam("own", type_=String), Stamp.tag == f"c:{LIBRARY}")
    stamped: Any = select(func.max(Stamp.number).label("number"), func.max(Stamp.at).label("at"))
    found: Select[Any] = stamped.where(ours)
    return found


_STAMPED = Prepared(_stamped)


def _categories(connection: Connection, clinic_id: str) -> tuple[CategoryRow, ...]:
    rows = connection.execute(
        select(Category.__table__, CategoryText.locale, CategoryText.title, CategoryText.slug, CategoryText.description)
        .join(CategoryText, CategoryText.category_id == Category.id)
        .where(Category.scope.in_([clinic_id, LIBRARY]))
        .order_by(Category.group, Category.position, Category.id, CategoryText.locale)
    )
    found: dict[str, CategoryRow] = {}
    for row in rows:
        instants = (int(row.created_at.timestamp()), int(row.updated_at.timestamp()))
        made = CategoryRow(
            row.id, row.key, row.group, row.scope, row.parent_id, row.position, row.revision, *instants, {}
        )
        found.setdefault(row.id, made).texts[row.locale] = Words(row.title, row.slug, row.description)
    return tuple(found.values())
