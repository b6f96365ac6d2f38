"""What management takes and gives of the history of a text: revisions, differences, usages, comments, recalls."""

from __future__ import annotations

from functools import cache

from marshmallow import Schema, fields

from schemas.managed.bodies import Body
from schemas.managed.parameters import LOCALE
from schemas.managed.replies import STATES, ManagedRevision
from schemas.moments import in_an_address
from schemas.query_fields import InstantValue, Number, QueryField, Switch, Tag
from schemas.replies import Reply, always, each, instant, whole, word
from schemas.requests import made
from schemas.strict import Slug


class ReviewTold(Reply):
    """One decision on a revision; `due_on` the day on which a doctor should look again."""

    kind = word("medical", "editorial")
    decision = word("approved", "rejected")
    by = always(null=True)
    at = instant()
    due_on = always(null=True)
    revoked_at = instant(null=True)
    note = always(null=True)


class WaiverTold(Reply):
    """What somebody let pass; of the code `claims` which rule in which field."""

    code = always()
    rule = always(null=True)
    pointer = always(null=True)
    reason = always()
    by = always(null=True)
    at = instant()


class PastRevision(ManagedRevision):
    """A revision with what was decided on it. `base_revision`: of an overlay or translation, what it was written of."""

    slug = always(null=True)
    base_revision = whole(null=True)
    live = always(fields.Boolean)
    reviews = each(ReviewTold)
    waivers = each(WaiverTold)
    comments = whole()


class WholeRevision(PastRevision):
    """A revision with its words."""

    document = always(fields.Dict)


class Change(Reply):
    """One field or part, named by key. `text` says word by word how one text becomes the other."""

    pointer = always()
    kind = word("added", "removed", "changed", "moved")
    clinical = always(fields.Boolean)
    before = always(fields.Raw, null=True)
    after = always(fields.Raw, null=True)
    text = always(fields.List, fields.Dict(keys=fields.String(), values=fields.String()))


class DifferenceTold(Reply):
    """What changed between two revisions; `against` null: there was none before."""

    revision = whole()
    against = whole(null=True)
    same = always(fields.Boolean)
    clinical_changed = always(fields.Boolean)
    changes = each(Change)


class LiveUser(Reply):
    """A live text that leads here; `clinic` null: of the library."""

    type = always()
    id = always()
    clinic = always(null=True)
    locale = always()
    title = always()


class DraftUser(LiveUser):
    """A text whose newest revision leads here and is not what is live."""

    revision = whole()
    state = word(*STATES)


class UsagesTold(Reply):
    """Who refers to an entry. `others` counts clinics' live texts that the caller may not see."""

    live = each(LiveUser)
    drafts = each(DraftUser)
    others = whole()


class SaidThen(Reply):
    """What a site said of an entry at an instant; `document` with the clinic's words laid over."""

    id = always()
    type = always()
    clinic = always(null=True)
    at = instant()
    requested_locale = always()
    languages = word("then", "today", null=True)
    state = word("live", "gone", "hidden", "absent")
    locale = always(null=True)
    slug = always(null=True)
    revision = whole(null=True)
    overlay_revision = whole(null=True)
    document = always(fields.Dict, null=True)
    withdrawal = always(fields.Dict, null=True)
    publication = always(fields.Dict, null=True)


class CommentTold(Reply):
    """A remark; `pointer` null: on the whole text."""

    id = always()
    revision = whole()
    pointer = always(null=True)
    text = always()
    by = always(null=True)
    created_at = instant()
    resolved_at = instant(null=True)
    etag = always()


class EntryNamed(Reply):
    type = always()
    id = always()


class ConfirmationTold(Reply):
    clinic = always()
    by = always(null=True)
    at = instant()


class RecallTold(Reply):
    """A recall and which of the caller's clinics must still confirm it."""

    id = always()
    entry = always(fields.Nested, EntryNamed)
    clinic = always(null=True)
    locale = always()
    title = always()
    severity = always()
    reason = always(null=True)
    replacement = always(null=True)
    at = instant()
    open = always(fields.Boolean)
    waiting_for = each(fields.String())
    confirmations = each(ConfirmationTold)


class ConfirmBody(Body):
    """For which clinic a recall is confirmed."""

    clinic = Slug(required=True)


class Then(InstantValue):
    """An instant or a day, or the time of a zone."""

    def read(self, text: str) -> tuple[str, ...]:
        return (in_an_address(text).isoformat(),) if "[" in text else super().read(text)


@cache
def of_an_instant() -> type[Schema]:
    """A text now, or with `at` what a site said then."""
    return made(
        {
            "locale": Tag(LOCALE, "en"),
            "at": Then(
                "What the site said at this instant, or at a day's 00:00 UTC. Words are those of then; `languages` "
                "says whether the clinic's languages and what stands in for them are those of then, too."
            ),
            "clinic": QueryField("With `at`: on this clinic's site; left out, the library's own text."),
        }
    )


@cache
def of_a_history() -> type[Schema]:
    return made({"locale": Tag(LOCALE, "en"), **_pages()})


@cache
def of_a_difference() -> type[Schema]:
    against = Number("The revision to compare with; left out, the one before.", 1, 999_999_999)
    return made({"locale": Tag(LOCALE, "en"), "against": against})


@cache
def of_comments() -> type[Schema]:
    asked = Switch("Resolved comments only, or open ones only.")
    return made({"locale": Tag(LOCALE, "en"), "filter[resolved]": asked, **_pages()})


@cache
def of_recalls() -> type[Schema]:
    return made({"filter[open]": Switch("Recalls that wait for a clinic, or those that do not."), **_pages()})


def _pages() -> dict[str, QueryField]:
    return {
        "page[size]": Number("Items of a page; left out, 20.", 1, 100),
        "page[after]": QueryField("The cursor of `links.next`."),
    }
