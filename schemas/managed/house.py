"""Bodies and replies of clinics, categories and redirects, and what their lists take."""

from __future__ import annotations

from functools import cache
from typing import Any

from marshmallow import Schema, fields, validate

from schemas.category import GROUPS, CategorySchema, CategoryTextSchema
from schemas.clinic import ClinicSchema, LocaleCode, RedirectSchema
from schemas.managed.bodies import Patch
from schemas.managed.parameters import pages
from schemas.managed.stored import given, taken
from schemas.query_fields import QueryField, Word
from schemas.replies import Reply, always, each, instant, whole, word
from schemas.requests import made
from schemas.strict import Slug

CLINIC = "A clinic's slug, or `library`."
ClinicBody = taken(ClinicSchema)


class ClinicPatchBody(Patch):
    """A merge patch (RFC 7396) of the profile: null removes a member; locations are addressed by key."""

    patches = ClinicBody


class CategoryBody(CategorySchema):
    """A category; texts name it by `key`, which never changes. `clinic` null: of the library."""

    clinic = Slug(allow_none=True, load_default=None)
    texts = fields.Dict(
        keys=LocaleCode(),
        values=fields.Nested(taken(CategoryTextSchema)),
        required=True,
        validate=validate.Length(min=1, error="Give its words in one language at least."),
    )


class CategoryReplaceBody(CategoryBody):
    """A category anew."""

    class Meta:
        exclude = ("clinic",)


class CategoryPatchBody(Patch):
    """A merge patch (RFC 7396) of a category; words are addressed by locale."""

    patches = CategoryReplaceBody


class RedirectReplaceBody(RedirectSchema):
    """Where an old path of a clinic's site leads."""


class RedirectBody(RedirectReplaceBody):
    """The same, for a clinic by its slug."""

    clinic = Slug(required=True)


class ManagedClinic(Reply):
    """A clinic with its profile as stored; the profile is what PUT takes."""

    id = always()
    slug = always()
    revision = whole()
    created_at = instant()
    updated_at = instant()
    profile = always(fields.Nested, given(ClinicSchema))


class ListedClinic(Reply):
    """A clinic in a list; `name` by locale."""

    id = always()
    slug = always()
    name = always(fields.Dict, values=fields.String())
    private = always(fields.Boolean)
    demo = always(fields.Boolean)
    position = whole()
    default_locale = always()
    locales = each(fields.String())
    revision = whole()
    updated_at = instant()
    etag = always()


class ManagedCategory(Reply):
    """A category with its words by locale; `parent` is a key. `etag` stands in lists."""

    id = always()
    clinic = always(null=True)
    key = always()
    group = word(*GROUPS)
    position = whole()
    parent = always(null=True)
    texts = always(fields.Dict, values=fields.Nested(given(CategoryTextSchema)))
    revision = whole()
    created_at = instant()
    updated_at = instant()
    etag = fields.String()


class ManagedRedirect(Reply):
    """A redirect that somebody wrote. `etag` stands in lists."""

    id = always()
    clinic = always()
    from_ = always(data_key="from")
    to = always()
    status = whole()
    created_at = instant()
    etag = fields.String()


class Removed(Reply):
    """What was removed."""

    id = always()


def _filtered(**more: Any) -> type[Schema]:
    named = {f"filter[{name}]": field for name, field in more.items()}
    return made({**named, **pages()})


@cache
def of_categories() -> type[Schema]:
    return _filtered(clinic=QueryField(CLINIC), group=Word("Categories of this group.", GROUPS))


@cache
def of_redirects() -> type[Schema]:
    return _filtered(clinic=QueryField("A clinic's slug."))
