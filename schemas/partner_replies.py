"""What a partner is told by its own key: its terms, and what of them was taken down."""

from __future__ import annotations

from functools import cache

from marshmallow import Schema, fields

from schemas.managed.history import EntryNamed
from schemas.managed.parameters import pages
from schemas.managed.partners import MODES, PartnerTerms, TakenDown
from schemas.query_fields import Switch
from schemas.replies import Reply, always, each, instant, whole, word
from schemas.requests import made


class KeyShown(Reply):
    """The key that asks, without itself."""

    id = always()
    hint = always()
    expires_at = instant(null=True)


class OwnTerms(PartnerTerms):
    """A partner's own terms."""

    key = always(fields.Nested, KeyShown)


class PartnerReplacement(Reply):
    """What stands in for a text that was taken down."""

    type = always()
    id = always()
    locale = always()
    slug = always()
    title = always()


class PlaceSeen(Reply):
    """One way in which a text was seen after it was taken down."""

    clinic = always()
    mode = word(*MODES)
    revision = whole()
    seen_at = instant()


class PartnerRecall(TakenDown):
    """A text that must be gone from the partner's pages. `showing`: one of them showed it since it was taken down,
    and since the partner confirmed; `seen` says where."""

    entry = always(fields.Nested, EntryNamed)
    clinic = always(null=True)
    locale = always()
    slug = always(null=True)
    title = always()
    replacement = always(fields.Nested, PartnerReplacement, null=True)
    showing = always(fields.Boolean)
    seen = each(PlaceSeen)
    acknowledged_at = instant(null=True)


@cache
def of_own_recalls() -> type[Schema]:
    return made({"filter[acknowledged]": Switch("Only those you confirmed, or only those you did not."), **pages()})
