"""A clinic's profile: what is stored of a tenant, with a table of words per locale where it speaks."""

from __future__ import annotations

import re
import zoneinfo
from typing import Any

from babel import Locale, UnknownLocaleError
from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from schemas import site_paths
from schemas.parts import Picture
from schemas.query_fields import TAG, canonical
from schemas.strict import Choice, Day, Flag, Real, Slug, Text, Web, Whole

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EMBEDS = ("anyone", "partners", "none")


class LocaleCode(Text):
    """A BCP 47 tag that Unicode's data knows, such as en, es or es-MX; kept as it is, so that readers ask by it."""

    example = "en"
    SHOULD_BE = "Give a BCP 47 language tag, such as en or es-MX."

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(longest=35, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            Locale.parse(text, sep="-")
        except (UnknownLocaleError, ValueError):
            raise ValidationError(self.SHOULD_BE) from None
        if not TAG.match(text):
            raise ValidationError(self.SHOULD_BE)
        return canonical(text)


class TimeZone(Text):
    """An IANA time zone."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            zoneinfo.ZoneInfo(text)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            raise ValidationError("Give an IANA time zone, such as Europe/Madrid.") from None
        return text


class Path(Text):
    """A path on the clinic's site that starts with / and may hold {slug} once."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not re.fullmatch(r"/(?!/)[^\s\\?<>\"']*", text):
            raise ValidationError("Start with one / and use no spaces, quotes or ?.")
        return text


class SitePath(Text):
    """A path on the clinic's site, or an absolute https address."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(longest=2000, **kwargs)
        self.validators.append(
            validate.Regexp(
                r"^(/(?!/)|https://)[^\s<>\"'\\]*\Z", error="Use a path that starts with / or an https address."
            )
        )


def by_locale(longest: int = 300, **kwargs: Any) -> fields.Dict:
    """Words by locale: {"en": "...", "es": "..."}."""
    return fields.Dict(keys=LocaleCode(), values=Text(longest=longest), **kwargs)


class ClinicLocaleSchema(Schema):
    code = LocaleCode(required=True)
    fallback = fields.List(LocaleCode(), load_default=list)


class ContactSchema(Schema):
    phone = Text(load_default=None, allow_none=True, longest=40)
    email = fields.Email(load_default=None, allow_none=True)
    whatsapp = Text(load_default=None, allow_none=True, longest=40)


class BookingSchema(Schema):
    kind = Choice(("booking", "contact", "phone"), load_default="booking")
    label = by_locale(required=True)
    url = Web(load_default=None, allow_none=True)
    phone = Text(load_default=None, allow_none=True, longest=40)
    note = by_locale(load_default=None, allow_none=True)


class AddressSchema(Schema):
    street = Text(required=True)
    locality = Text(required=True)
    region = Text(load_default=None, allow_none=True)
    postal_code = Text(load_default=None, allow_none=True, longest=20)
    country = fields.String(required=True, validate=validate.Regexp(r"^[A-Z]{2}\Z", error="Use ISO 3166-1 alpha-2."))


class GeoSchema(Schema):
    lat = Real(-90, 90, required=True)
    lng = Real(-180, 180, required=True)


class Clock(Text):
    """A time of day as HH:MM, local to the location."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(longest=5, **kwargs)
        self.validators.append(validate.Regexp(r"^([01]\d|2[0-3]):[0-5]\d\Z|^24:00\Z", error="Write HH:MM."))


class HoursSchema(Schema):
    days = fields.List(Choice(DAYS), required=True)
    opens = Clock(required=True)
    closes = Clock(required=True)


class ExceptionSchema(Schema):
    from_ = Day(required=True, data_key="from", attribute="from")
    to = Day(required=True)
    closed = Flag(load_default=True)
    opens = Clock(load_default=None, allow_none=True)
    closes = Clock(load_default=None, allow_none=True)
    note = by_locale(load_default=None, allow_none=True)


class LocationSchema(Schema):
    key = Slug(required=True)
    name = by_locale(required=True)
    primary = Flag(load_default=False)
    address = fields.Nested(AddressSchema, required=True)
    geo = fields.Nested(GeoSchema, load_default=None, allow_none=True)
    phone = Text(load_default=None, allow_none=True, longest=40)
    map_url = Web(load_default=None, allow_none=True)
    accessibility = by_locale(load_default=None, allow_none=True)
    time_zone = TimeZone(required=True)
    opening_hours = fields.List(fields.Nested(HoursSchema), load_default=list)
    exceptions = fields.List(fields.Nested(ExceptionSchema), load_default=list)


class LegalSchema(Schema):
    privacy_url = Web(load_default=None, allow_none=True)
    imprint_url = Web(load_default=None, allow_none=True)
    notice = by_locale(load_default=None, allow_none=True, longest=600)


class SocialSchema(Schema):
    kind = Slug(required=True)
    url = Web(required=True)


class PreviewTemplate(Web):
    """The address of a frontend's preview: {token}, and one of {path} and {slug}; {type}, {id}, {locale} as well."""

    KNOWN = frozenset({"token", "path", "slug", "type", "id", "locale"})

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        named = re.findall(r"\{([^{}]*)\}", text)
        if strange := sorted(set(named) - self.KNOWN):
            raise ValidationError(f"{', '.join(strange)[:80]} is not among {', '.join(sorted(self.KNOWN))}.")
        if named.count("token") != 1 or not {"path", "slug"} & set(named):
            raise ValidationError(
                "Name {token} once, and {path} or {slug}, as in https://site.example/p{path}?t={token}."
            )
        if not re.match(r"https?://[^/?#{}]+([/?#]|\{path\})", text):
            raise ValidationError("Write the name of the site out; braces stand after it.")
        if not text.startswith("https://") and not re.match(r"http://(localhost|127\.0\.0\.1)[:/]", text):
            raise ValidationError("Use https://; http:// only for localhost.")
        return text


class PreviewUrlSchema(Schema):
    """A frontend of the clinic that shows previews."""

    key = Slug(required=True)
    url = PreviewTemplate(required=True)


class ClinicSchema(Schema):
    """Everything stored of a clinic; `paths` is the one place that knows its site's addresses."""

    slug = Slug(required=True)
    position = Whole(load_default=100)
    private = Flag(load_default=False)
    demo = Flag(load_default=False)
    jurisdiction = Slug(load_default="general")
    name = by_locale(required=True)
    tagline = by_locale(load_default=None, allow_none=True)
    logo = Picture(load_default=None, allow_none=True)
    site_url = Web(load_default=None, allow_none=True)
    time_zone = TimeZone(required=True)
    default_locale = LocaleCode(required=True)
    locales = fields.List(fields.Nested(ClinicLocaleSchema), required=True, validate=validate.Length(min=1, max=30))
    paths = fields.Dict(keys=LocaleCode(), values=fields.Dict(keys=Text(), values=Path()), load_default=dict)
    contact = fields.Nested(ContactSchema, load_default=lambda: ContactSchema().load({}))
    booking = fields.Nested(BookingSchema, load_default=None, allow_none=True)
    price_note = by_locale(load_default=None, allow_none=True)
    locations = fields.List(fields.Nested(LocationSchema), load_default=list)
    legal = fields.Nested(LegalSchema, load_default=lambda: LegalSchema().load({}))
    social = fields.List(fields.Nested(SocialSchema), load_default=list)
    embeds = Choice(EMBEDS, load_default="none")
    origins = fields.List(Web(), load_default=list)
    preview_urls = fields.List(fields.Nested(PreviewUrlSchema), load_default=list, validate=validate.Length(max=10))

    @validates_schema
    def _locales_agree(self, clinic: dict[str, Any], **_: Any) -> None:
        codes = [locale["code"] for locale in clinic["locales"]]
        if len(set(codes)) != len(codes):
            raise ValidationError("Each locale may stand once.", "locales")
        if clinic["default_locale"] not in codes:
            raise ValidationError(f"The default locale must be one of {', '.join(codes)}.", "default_locale")
        named = {code for locale in clinic["locales"] for code in locale["fallback"]}
        if stray := sorted(named - set(codes)):
            raise ValidationError(f"{', '.join(stray)} is not among this clinic's locales.", "locales")
        if stray := sorted(set(clinic["paths"]) - set(codes)):
            detail = f"The clinic has no such language; it has {', '.join(codes)}."
            raise ValidationError({"paths": {each: [detail] for each in stray}})
        if faults := site_paths.faults(clinic["paths"]):
            raise ValidationError({"paths": faults})


class RedirectSchema(Schema):
    """An old path of a clinic's site, and the path or address it leads to."""

    from_ = Path(required=True, data_key="from", attribute="from")
    to = SitePath(required=True)
    status = fields.Integer(strict=True, load_default=301, validate=validate.OneOf([301, 302, 307, 308]))
