"""Imports and exports, as management takes and gives them."""

from __future__ import annotations

from functools import cache
from typing import Any

from marshmallow import Schema, fields, validate

from schemas.clinic import LocaleCode
from schemas.content import CONTENT_TYPES
from schemas.content.topic import KINDS
from schemas.managed.bodies import Body
from schemas.managed.parameters import pages
from schemas.managed.replies import STATES
from schemas.query_fields import QueryField, Tag, Word, fault
from schemas.replies import Reply, always, each, instant, whole, word
from schemas.requests import made
from schemas.strict import Choice, Flag, Slug, Text

MODES = ("dry_run", "apply")
FORMATS = ("ndjson", "csv", "wordpress", "html", "markdown")
TABLES = ("ndjson", "csv")
TRANSFER_STATES = ("queued", "running", "done", "refused", "failed")
ACTIONS = ("read", "create", "update", "unchanged", "refused", "failed")
TYPES = tuple(each.name for each in CONTENT_TYPES)


class ExportBody(Body):
    """What to export: everything the caller may see, narrowed. `complete` is the whole house, for its admins."""

    format = Choice(TABLES, load_default="ndjson")
    clinic = Slug(allow_none=True, load_default=None)
    type = Choice(TYPES, allow_none=True, load_default=None)
    locale = LocaleCode(allow_none=True, load_default=None)
    state = Choice(STATES, allow_none=True, load_default=None)
    columns = fields.List(Text(longest=200), load_default=list, validate=validate.Length(max=500))
    complete = Flag(load_default=False)


class TransferProblem(Reply):
    """Why an import or export did not get to its end."""

    code = always()
    detail = always()


class TransferProgress(Reply):
    """How far the phase under way is; `total` is null until it is known."""

    phase = word("read", "check", "apply", "write")
    done = whole()
    total = whole(null=True)


class ImportCounts(Reply):
    """Rows by what becomes of them, or became."""

    create = whole()
    update = whole()
    unchanged = whole()
    refused = whole()
    failed = whole()


class _Transfer(Reply):
    id = always()
    format = always()
    state = word(*TRANSFER_STATES)
    created_by = always()
    progress = always(fields.Nested, TransferProgress)
    problem = always(fields.Nested, TransferProblem, null=True)
    bytes = whole()
    digest = always(null=True)
    created_at = instant()
    updated_at = instant()
    finished_at = instant(null=True)


class ManagedImport(_Transfer):
    """An import. `left_out` counts what the file held beside texts, by its kind there."""

    mode = word(*MODES)
    clinic = always(null=True)
    locale = always(null=True)
    source = always(null=True)
    refused_rows = word("stop", "skip")
    counts = always(fields.Nested, ImportCounts)
    left_out = always(fields.Dict, values=fields.Integer())


class ExportFilters(Reply):
    """What an export was narrowed to."""

    clinic = always(null=True)
    type = always(null=True)
    locale = always(null=True)
    state = always(null=True)


class ManagedExport(_Transfer):
    """An export. `file` is where its bytes are once it is done; `counts` by kind of line."""

    mode = word("export")
    filters = always(fields.Nested, ExportFilters)
    complete = always(fields.Boolean)
    columns = each(fields.String())
    counts = always(fields.Dict, values=fields.Integer())
    file = always(null=True)


class RowFault(Reply):
    """What is wrong with a row, and what to change."""

    pointer = always()
    code = always()
    detail = always()
    allowed = always(fields.Raw, null=True)


class ProposedRedirect(Reply):
    """Where the old page should lead once the text is live: as POST /redirects takes it."""

    clinic = always()
    from_ = always(data_key="from")
    to = always()
    status = whole()


class ImportedRow(Reply):
    """One text of an import. `line` is its line or article in the file, `id` its entry, `notes` what was left out."""

    row = whole()
    line = whole()
    action = word(*ACTIONS)
    type = always()
    clinic = always(null=True)
    overlay = always(fields.Boolean)
    locale = always()
    slug = always(null=True)
    title = always()
    external_key = always(null=True)
    id = always(null=True)
    address = always(null=True)
    faults = each(RowFault)
    notes = each(fields.String())
    redirect = always(fields.Nested, ProposedRedirect, null=True)


class Named(QueryField):
    """A short name."""

    schema: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": 100}

    def read(self, text: str) -> str:
        if not 1 <= len(text) <= 100:
            raise fault("invalid", "Give 1 to 100 characters.")
        return text


@cache
def of_an_import() -> type[Schema]:
    return made(
        {
            "mode": Word("dry_run only tells what would become of each row; apply writes drafts too.", MODES,
                         required=True),
            "format": Word("Left out, what the Content-Type says.", FORMATS),
            "clinic": Named("The clinic (slug) of rows that name none; left out, the library."),
            "locale": Tag("The language of rows that name none.", "en"),
            "source": Named("The other system: external keys are looked up, and kept, under its name."),
            "refused": Word("What refused rows do to an apply: stop (nothing is written) or skip (the others are).",
                            ("stop", "skip")),
            "faq_category": Named("Of articles: the key of the category of their questions; left out, the first."),
            "kind": Word("Of articles: the kind of their topics; left out, treatment.", KINDS),
        }
    )  # fmt: skip


@cache
def of_transfers() -> type[Schema]:
    return made({"filter[state]": Word("Those in this state.", TRANSFER_STATES), **pages()})


@cache
def of_rows() -> type[Schema]:
    return made({"filter[action]": Word("Rows that this becomes of.", ACTIONS), **pages()})
