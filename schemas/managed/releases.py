"""Releases and the worker's state, as management takes and gives them."""

from __future__ import annotations

from functools import cache
from typing import Any

from marshmallow import Schema, fields, validate

from schemas.clinic import LocaleCode
from schemas.managed.bodies import Body
from schemas.moments import Moment, in_an_address
from schemas.query_fields import Number, QueryField, Word
from schemas.replies import Reply, always, each, instant, whole, word
from schemas.requests import made
from schemas.strict import Slug, Text, Whole

STATES = ("draft", "scheduled", "live", "reverted")
MOST = 1_000
INSTANT = {"format": "date-time"}


class ReleaseItemBody(Body):
    """One text, the newest revision of it unless another is named. A clinic on a library entry names its overlay."""

    type = Text(longest=40, required=True)
    id = Text(longest=40, required=True)
    locale = LocaleCode()
    clinic = Slug(allow_none=True)
    revision = Whole(least=1)


def _items(*, required: bool = False) -> fields.Field[Any]:
    return fields.List(fields.Nested(ReleaseItemBody), validate=validate.Length(max=MOST), required=required)


class ReplaceReleaseBody(Body):
    """The whole release. `at` is when it is meant to go: publish takes it unless told otherwise."""

    title = Text(longest=200, required=True)
    items = _items(required=True)
    at = Moment(metadata=INSTANT, allow_none=True, load_default=None)


class ReleaseBody(ReplaceReleaseBody):
    """A new release: of the library and all clinics (`clinic` null), or of one clinic."""

    clinic = Slug(allow_none=True, load_default=None)


class PatchReleaseBody(Body):
    """A merge patch (RFC 7396): a list of items replaces the whole list; `at` null plans nothing."""

    title = Text(longest=200)
    items = _items()
    at = Moment(metadata=INSTANT, allow_none=True)


class ReleaseMoveBody(Body):
    """publish: `at` ahead, null for now, left out as the release plans. The other moves say nothing."""

    at = Moment(metadata=INSTANT, allow_none=True)


class At(QueryField):
    """An instant."""

    schema = {"type": "string", "format": "date-time"}

    def read(self, text: str) -> object:
        return in_an_address(text)


@cache
def of_a_simulation() -> type[Schema]:
    return made({"at": At("As of then; left out, when the release is planned, else now.", "2026-11-03T09:00:00Z")})


@cache
def of_releases() -> type[Schema]:
    return made(
        {
            "filter[clinic]": QueryField("A clinic's slug, or `library`."),
            "filter[state]": Word("Releases in this state.", STATES),
            "page[size]": Number("Items of a page.", 1, 100),
            "page[after]": QueryField("The cursor of `links.next`."),
        }
    )


class ReleaseText(Reply):
    """One text of a release. `before` is what was live before it, null where nothing was."""

    type = always()
    id = always()
    locale = always()
    clinic = always(null=True)
    revision = whole()
    state = word("draft", "medical_review", "in_review", "approved")
    slug = always(null=True)
    title = always(null=True)
    newest_revision = whole()
    live_revision = whole(null=True)
    before = whole(null=True)


class Release(Reply):
    """A release with its texts. `at`: when it is meant to go, is scheduled, or went."""

    id = always()
    title = always()
    clinic = always(null=True)
    state = word(*STATES)
    at = instant(null=True)
    created_at = instant()
    created_by = always(null=True)
    items = each(ReleaseText)
    moves = each(fields.String())


class ListedRelease(Reply):
    id = always()
    title = always()
    clinic = always(null=True)
    state = word(*STATES)
    at = instant(null=True)
    texts = whole()
    created_at = instant()
    created_by = always(null=True)
    etag = always()


class DeletedRelease(Reply):
    id = always()
    deleted = always(fields.Boolean)


class ReleaseBlocker(Reply):
    """Why the release can't go, and which text is why."""

    move = always()
    code = always()
    pointer = always()
    detail = always()
    type = always()
    id = always()
    locale = always()
    clinic = always(null=True)


class ReleaseWarning(Reply):
    code = word("reference_not_live", "newer_revision")
    detail = always()


class SimulatedText(ReleaseText):
    warnings = each(ReleaseWarning)


class SimulatedPage(Reply):
    """A page that would read otherwise: on which clinic's site, and in this API. `was`: the path it leaves."""

    type = always()
    id = always()
    locale = always()
    clinic = always()
    change = word("new", "changed", "moved")
    path = always(null=True)
    url = always(null=True)
    api = always()
    was = always(null=True)


class Simulation(Reply):
    """What a release would do, and what stands against it; nothing is written."""

    id = always()
    at = instant()
    possible = always(fields.Boolean)
    items = each(SimulatedText)
    pages = each(SimulatedPage)
    clinics = each(fields.String())
    locales = each(fields.String())
    tags = each(fields.String())
    blockers = each(ReleaseBlocker)


class PromiseAside(Reply):
    """A promise that could not be kept and waits for somebody."""

    id = whole()
    kind = always()
    subject = always()
    attempts = whole()
    last_error = always(null=True)
    since = instant()


class WorkerAlive(Reply):
    id = always()
    started_at = instant()
    seen_at = instant()


class WorkerState(Reply):
    """How far the worker is. `lag`: seconds by which the oldest owed promise is overdue; `due`: owed and come."""

    lag = whole()
    owed = whole()
    due = whole()
    set_aside = each(PromiseAside)
    workers = each(WorkerAlive)
