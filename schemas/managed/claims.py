"""What management takes and gives of the claims check."""

from __future__ import annotations

from functools import cache

from marshmallow import Schema, fields

from schemas.clinic import LocaleCode
from schemas.managed.bodies import Body
from schemas.managed.parameters import LOCALE
from schemas.query_fields import Number, QueryField, Tag
from schemas.replies import Reply, always, each, instant, whole, word
from schemas.requests import made
from schemas.strict import Slug, Text

SEVERITIES = ("block", "warn", "note")


class LintBody(Body):
    """A text, as it stands or in Markdown, and by whose rules it is read."""

    locale = LocaleCode(required=True)
    text = Text(required=True, longest=50_000)
    jurisdiction = Slug(load_default="general")


class Finding(Reply):
    """What a text must not say. `start` and `end` count characters (code points) of the text as given."""

    id = always()
    severity = word(*SEVERITIES)
    reason = always()
    source = always()
    suggestion = always()
    start = whole()
    end = whole()


class Linted(Reply):
    findings = each(Finding)


class ClaimPassed(Reply):
    """Who let a finding pass, when, why, and at which revision."""

    by = always(null=True)
    at = instant()
    reason = always()
    revision = whole()


class PlacedFinding(Finding):
    """A finding in the field that `pointer` names; `words` is the beginning of what stands there."""

    jurisdiction = always()
    pointer = always()
    words = always()
    waived = always(fields.Nested, ClaimPassed, null=True)


class TextFindings(Reply):
    """What the claims check finds in a revision. `blocking` counts what stands against submit and publish.

    `checked` is false where there are no rules in the text's language.
    """

    revision = whole()
    locale = always()
    jurisdictions = each(fields.String())
    checked = always(fields.Boolean)
    blocking = whole()
    findings = each(PlacedFinding)


@cache
def of_findings() -> type[Schema]:
    return made(
        {
            "locale": Tag(LOCALE, "en"),
            "revision": Number("A revision; left out, the newest.", 1, 999_999_999),
            "jurisdiction": QueryField("By the rules of this jurisdiction; left out, of those where the text shows."),
        }
    )
