"""What the audit log and the queue of reviews give out and take."""

from __future__ import annotations

import datetime as dt
from functools import cache

from marshmallow import Schema, fields

from schemas.content import CONTENT_TYPES
from schemas.managed.parameters import pages
from schemas.managed.replies import STATES
from schemas.query_fields import InstantValue, Number, QueryField, Tag, Word, fault
from schemas.replies import Reply, always, day, each, instant, word
from schemas.replies import whole as count
from schemas.requests import made

REVIEW_STATES = ("current", "due", "overdue")
WAITING_STATES = ("medical_review", "in_review")
POLICIES = ("warn", "banner", "withdraw")


class Since(InstantValue):
    """An instant, as a datetime in UTC; a day starts at 00:00 UTC."""

    def read(self, text: str) -> dt.datetime:  # type: ignore[override]
        parsed = dt.datetime.fromisoformat(super().read(text)[0])
        try:
            found = (parsed if parsed.tzinfo else parsed.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)
            found.timestamp()
            return found
        except (ValueError, OverflowError):
            raise fault("invalid", "Give an instant between the years 1 and 9999.") from None


class AuditLine(Reply):
    """One line of the log; `hash` covers the line and the hash before it. `actor_name` is told to the house alone."""

    number = count()
    at = instant()
    actor = always()
    actor_name = always(null=True)
    verb = always()
    subject = always()
    details = always(fields.Dict)
    previous_hash = always()
    hash = always()


class AuditVerified(Reply):
    """Whether the log is whole; `first_fault` is the number of the first line that does not follow the one before.

    `last_hash` stands for all lines: kept elsewhere, it shows whether lines were cut off the end.
    """

    whole = always(fields.Boolean)
    lines = count()
    first_fault = count(null=True)
    last_hash = always()


class DueReviewer(Reply):
    """Who reviewed the text last; `title` by locale."""

    id = always()
    name = always(null=True)
    title = always(fields.Dict, values=fields.String())
    credentials = each(fields.String())
    demo = always(fields.Boolean)


class DueReview(Reply):
    """A live text and its medical review. `policy` is what happens on `policy_acts_on` if nobody looks at it."""

    type = always()
    id = always()
    clinic = always(null=True)
    locale = always()
    slug = always(null=True)
    title = always()
    revision = count()
    state = word(*STATES)
    status = word(*REVIEW_STATES)
    last_reviewed = day()
    next_due = day()
    days_left = count()
    policy = word(*POLICIES)
    policy_acts_on = day()
    reviewed_by = always(fields.Nested, DueReviewer, null=True)
    etag = always()


class PlacedText(Reply):
    """Which text it is, or which overlay, told by the library's title where it has none of its own."""

    type = always()
    id = always()
    clinic = always(null=True)
    overlay = always(fields.Boolean)
    locale = always()
    slug = always(null=True)
    title = always()
    revision = count(null=True)
    etag = always()


class WaitingText(PlacedText):
    """A text that was submitted and not decided on."""

    state = word(*WAITING_STATES)
    revision = count()
    live_revision = count(null=True)
    note = always(null=True)
    created_at = instant()
    created_by = always(null=True)


class PlannedText(PlacedText):
    """What goes live or ends at an instant ahead."""

    move = always()
    at = instant()
    release = always(null=True)


@cache
def of_audit() -> type[Schema]:
    return made(
        {
            "filter[subject]": QueryField("Lines about this id."),
            "filter[verb]": QueryField("Lines of this verb, such as `publish`."),
            "filter[actor]": QueryField("Lines of this person, key or `operator`."),
            "filter[since]": Since("Lines from this instant on, or from the start of a day in UTC."),
            "filter[until]": Since("Lines before this instant."),
            **pages(),
        }
    )


@cache
def of_due() -> type[Schema]:
    return made(
        {
            "within": Number("Reviews that end within so many days; 30 where it is left out.", 0, 3_650),
            "filter[clinic]": QueryField("A clinic's slug, or `library`."),
            "filter[type]": Word("Texts of this type.", tuple(kind.name for kind in CONTENT_TYPES)),
            "filter[locale]": Tag("Texts in this language.", "en"),
            "filter[status]": Word("Reviews that stand so today.", REVIEW_STATES),
            **pages(),
        }
    )


def _of_places() -> dict[str, QueryField]:
    return {
        "filter[clinic]": QueryField("A clinic's slug, its overlays too, or `library`."),
        "filter[type]": Word("Texts of this type.", tuple(kind.name for kind in CONTENT_TYPES)),
        "filter[locale]": Tag("Texts in this language.", "en"),
        **pages(),
    }


@cache
def of_waiting() -> type[Schema]:
    state = Word("Those that wait for a doctor, or for an editor.", WAITING_STATES)
    return made({"filter[state]": state, **_of_places()})


@cache
def of_planned() -> type[Schema]:
    return made(_of_places())
