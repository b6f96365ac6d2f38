"""Whether a line of a complete archive is sound: its members, its digests, and its content by the house's schemas."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from marshmallow import Schema, ValidationError

from api.db import Base
from api.models import (
    LIBRARY,
    Category,
    CategorySlug,
    CategoryText,
    ClaimWaiver,
    Clinic,
    Comment,
    Conflict,
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
from api.rules.digests import clinical_digest, digest
from api.rules.permissions import ROLES
from api.services.transfers.columns import BadLine, Line, load
from schemas.category import CategorySchema
from schemas.clinic import ClinicSchema, RedirectSchema
from schemas.content import CONTENT_TYPES, content_type
from schemas.faults import load as load_by
from schemas.person import PersonSchema
from schemas.strict import Slug as SlugField

STATES = ("draft", "medical_review", "in_review", "approved")
MOVES = ("publish", "unpublish", "withdraw", "recall", "hide", "show", "pin", "follow")
_SLUG = SlugField()

KINDS: dict[str, tuple[type[Base], tuple[str, ...], tuple[str, ...]]] = {
    "person": (Person, (), ("roles",)),
    "clinic": (Clinic, (), ()),
    "partner": (Partner, (), ()),
    "media": (Media, (), ("files",)),
    "category": (Category, (), ("clinic", "texts", "former")),
    "entry": (Entry, (), ("clinic", "keys")),
    "text": (Variant, ("id", "entry_id"), ("clinic", "newest")),
    "revision": (Revision, ("id", "variant_id"), ("reviews", "waivers")),
    "transition": (Transition, ("id", "variant_id"), ("publication", "recall", "acks")),
    "comment": (Comment, ("variant_id",), ()),
    "conflict": (Conflict, ("variant_id",), ()),
    "claim_waiver": (ClaimWaiver, ("id", "variant_id"), ()),
    "slug": (Slug, ("id", "type", "entry_id"), ()),
    "release": (Release, (), ("items",)),
    "publication": (Publication, ("transition_id",), ()),
    "stamp": (Stamp, (), ()),
    "redirect": (Redirect, ("id",), ()),
}
"""Of each kind of line: its table, the columns that come from what stands before it, and what is told beside."""
OF_A_TEXT = ("comment", "conflict", "claim_waiver")
"""Kinds of lines whose rows belong to the text before them, and to nothing else."""
PARTS: dict[str, tuple[type[Base], tuple[str, ...], tuple[str, ...]]] = {
    "roles": (Role, ("person_id",), ()),
    "texts": (CategoryText, ("category_id", "scope"), ()),
    "former": (CategorySlug, ("category_id",), ()),
    "files": (MediaFile, ("media_id",), ()),
    "keys": (ImportedKey, ("id", "scope", "type", "entry_id"), ()),
    "reviews": (Review, ("id", "revision_id"), ()),
    "waivers": (Waiver, ("id", "revision_id"), ()),
    "acks": (PartnerAck, ("transition_id", "key_id"), ()),
    "publication": (Publication, ("transition_id", "entry_id"), ()),
    "recall": (Recall, ("transition_id", "entry_id"), ()),
    "items": (
        ReleaseItem,
        ("id", "release_id", "variant_id", "transition_id"),
        ("entry_id", "locale", "scope", "went"),
    ),
}
"""The same of what stands inside a line."""


@dataclass
class Sound:
    """Checks the lines of one archive in order; remembers what later lines lean on."""

    known: bool = False
    """Whether every line was looked at before: then the words of revisions are taken at that."""
    scopes: set[str] = field(default_factory=lambda: {LIBRARY})
    entry: Line | None = None
    text: Line | None = None

    def check(self, line: Line) -> tuple[Line, dict[str, list[Line]]]:
        """(values of the row, its parts by name). Raises BadLine with what is wrong."""
        kind = line.get("record")
        if not isinstance(kind, str) or kind not in KINDS:
            raise BadLine(f"{str(kind)[:40]!r} is no kind of line.")
        model, without, beside = KINDS[kind]
        values = load(model, line, without, beside)
        parts = {name: _parts(name, line.get(name)) for name in beside if name in PARTS}
        own: dict[str, Callable[[Line, dict[str, list[Line]]], None]] = {
            "person": self._person, "clinic": self._clinic, "category": self._category, "entry": self._entry,
            "text": self._text, "revision": self._revision, "transition": self._transition, "redirect": self._redirect,
            "slug": self._slug, "media": self._media,
        }  # fmt: skip
        if kind in own:
            own[kind](values, parts)
        elif kind in OF_A_TEXT and self.text is None:
            raise BadLine(f"A {kind} stands behind the text that it belongs to.")
        return values, parts

    def _person(self, values: Line, parts: dict[str, list[Line]]) -> None:
        if wrong := [each["role"] for each in parts["roles"] if each["role"] not in ROLES]:
            raise BadLine(f"There is no role {wrong[0][:40]!r}.")
        about = {name: values[name] for name in PersonSchema().fields if name in values}
        _fits(PersonSchema(), about)

    def _clinic(self, values: Line, parts: dict[str, list[Line]]) -> None:
        _fits(ClinicSchema(), values["document"])
        if (values["slug"], values["private"]) != (
            values["document"]["slug"],
            values["document"].get("private", False),
        ):
            raise BadLine("The clinic's columns do not fit its profile.")
        self.scopes.add(values["id"])

    def _media(self, values: Line, parts: dict[str, list[Line]]) -> None:
        self._known(values["scope"])
        if wrong := [each["address"] for each in parts["files"] if each["address"] != values["address"]]:
            raise BadLine(f"A file stands at {wrong[0][:40]!r}, its picture at {values['address'][:40]!r}.")

    def _category(self, values: Line, parts: dict[str, list[Line]]) -> None:
        self._known(values["scope"])
        words = ("title", "slug", "description")
        texts = {each["locale"]: {name: each[name] for name in words} for each in parts["texts"]}
        about = {name: values[name] for name in ("key", "group", "position")}
        _fits(CategorySchema(), {**about, "parent": None, "texts": texts})
        for each in parts["former"]:
            self._a_slug(each["slug"])

    def _entry(self, values: Line, parts: dict[str, list[Line]]) -> None:
        self._known(values["scope"])
        if values["type"] not in [each.name for each in CONTENT_TYPES]:
            raise BadLine(f"There is no content type {values['type'][:40]!r}.")
        self.entry, self.text = values, None

    def _text(self, values: Line, parts: dict[str, list[Line]]) -> None:
        if self.entry is None:
            raise BadLine("A text stands behind the entry that it belongs to.")
        self._known(values["scope"])
        self.text = values

    def _revision(self, values: Line, parts: dict[str, list[Line]]) -> None:
        if self.entry is None or self.text is None:
            raise BadLine("A revision stands behind the text that it belongs to.")
        if self.known:
            return
        document, slug = values["document"], values["slug"]
        if values["state"] not in STATES:
            raise BadLine(f"There is no state {values['state']!r}.")
        if values["digest"] != digest(slug, document):
            raise BadLine(f"Revision {values['number']} was changed: its digest does not fit its words.")
        if self.text["scope"] != self.entry["scope"]:
            return  # A patch is laid over the library's words when it is shown, and left out where it does not fit.
        kind = content_type(self.entry["type"])
        if values["clinical_digest"] != clinical_digest(kind, document):
            raise BadLine(f"Revision {values['number']} was changed: its clinical digest does not fit its words.")
        _fits(kind.loading, document)
        self._a_slug(slug)

    def _a_slug(self, value: str) -> None:
        try:
            _SLUG.deserialize(value)
        except ValidationError as error:
            raise BadLine(f"slug: {error.messages[0]}") from None

    def _transition(self, values: Line, parts: dict[str, list[Line]]) -> None:
        if self.text is None:
            raise BadLine("A transition stands behind the text that it belongs to.")
        if values["move"] not in MOVES:
            raise BadLine(f"There is no move {values['move'][:40]!r}.")

    def _slug(self, values: Line, parts: dict[str, list[Line]]) -> None:
        if self.entry is None:
            raise BadLine("A slug stands behind the entry that it belongs to.")
        self._known(values["scope"])

    def _redirect(self, values: Line, parts: dict[str, list[Line]]) -> None:
        self._known(values["clinic_id"])
        _fits(RedirectSchema(), {"from": values["from_path"], "to": values["to_path"], "status": values["status"]})

    def _known(self, scope: str) -> None:
        if scope not in self.scopes:
            raise BadLine(f"The archive holds no clinic {scope[:40]!r}.")


def _parts(name: str, said: Any) -> list[Line]:
    model, without, beside = PARTS[name]
    several = said if isinstance(said, list) else [] if said is None else [said]
    if not all(isinstance(each, dict) for each in several):
        raise BadLine(f"{name} must be objects.")
    return [{**load(model, each, without, beside), **{key: each.get(key) for key in beside}} for each in several]


def _fits(schema: Schema, value: Any) -> None:
    try:
        _, faults = load_by(schema, value)
    except (TypeError, AttributeError) as error:
        raise BadLine(f"The line has another shape than it should: {error}") from None
    if faults:
        raise BadLine(f"{faults[0]['pointer']}: {faults[0]['detail']}")
