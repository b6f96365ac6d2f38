"""What is given out beside content: clinics, categories, the menu, search, resolve, redirects, the sitemap."""

from __future__ import annotations

from marshmallow import fields

from schemas import replies
from schemas.clinic import DAYS, EMBEDS
from schemas.replies import Identity, Reply, always, day, each, instant, whole, word


class ClinicLocale(Reply):
    code = always()
    name = always()
    dir = word("ltr", "rtl")
    fallback = each(fields.String())


class ClinicLinks(Reply):
    self = always()
    jsonld = always()
    navigation = always()
    sitemap = always()


class ClinicCard(Identity):
    """A clinic in a list, in its default language."""

    name = always()
    tagline = always(null=True)
    demo = always(fields.Boolean)
    logo = always(fields.Nested, replies.Image, null=True)
    site_url = always(null=True)
    default_locale = always()
    locales = each(ClinicLocale)
    links = always(fields.Nested, ClinicLinks)


class Contact(Reply):
    phone = always(null=True)
    email = always(null=True)
    whatsapp = always(null=True)


class Booking(Reply):
    kind = always()
    label = always()
    url = always(null=True)
    phone = always(null=True)
    note = always(null=True)


class Address(Reply):
    """schema.org PostalAddress."""

    street = always()
    locality = always()
    region = always(null=True)
    postal_code = always(null=True)
    country = always()


class Geo(Reply):
    lat = always(fields.Float)
    lng = always(fields.Float)


class Hours(Reply):
    """A row of opening hours, local to the location's zone; a split day is two rows."""

    days = each(fields.String(metadata={"enum": list(DAYS)}))
    opens = always()
    closes = always()


class HoursException(Reply):
    from_ = replies.always(metadata={"format": "date"}, data_key="from")
    to = day()
    closed = always(fields.Boolean)
    opens = always(null=True)
    closes = always(null=True)
    note = always(null=True)


class Location(Reply):
    key = always()
    name = always()
    primary = always(fields.Boolean)
    address = always(fields.Nested, Address)
    geo = always(fields.Nested, Geo, null=True)
    phone = always(null=True)
    map_url = always(null=True)
    accessibility = always(null=True)
    time_zone = always()
    opening_hours = each(Hours)
    exceptions = each(HoursException)


class Legal(Reply):
    privacy_url = always(null=True)
    imprint_url = always(null=True)
    notice = always(null=True)


class Social(Reply):
    kind = always()
    url = always()


class Embeds(Reply):
    allowed = word(*EMBEDS)


class Clinic(ClinicCard):
    """A clinic's public profile; `paths` is the one place that knows its site's addresses."""

    time_zone = always()
    paths = always(
        fields.Raw,
        metadata={
            "type": "object",
            "additionalProperties": {"type": "object", "additionalProperties": {"type": "string"}},
        },
    )
    contact = always(fields.Nested, Contact)
    booking = always(fields.Nested, Booking, null=True)
    price_note = always(null=True)
    locations = each(Location)
    legal = always(fields.Nested, Legal)
    social = each(Social)
    embeds = always(fields.Nested, Embeds)


class Category(Reply):
    """A category; `count` is that of the list it stands beside, null where there is none."""

    id = always()
    type = word("category")
    slug = always()
    locale = always()
    revision = whole()
    url = always(null=True)
    path = always(null=True)
    published_at = instant()
    updated_at = instant()
    key = always()
    of = word("subject", "faq")
    title = always()
    description = always(null=True)
    parent = always(null=True)
    position = whole()
    count = whole(null=True)


class CategoryCounted(Category):
    """A category with how many live items of each type it holds, the keys of its children, and its other languages."""

    counts = always(
        fields.Raw, metadata={"type": "object", "additionalProperties": {"type": "integer"}}
    )
    children = each(fields.String())
    alternates = each(replies.Alternate)


class NavigationEntry(Reply):
    kind = word("home", "list", "category")
    label = always()
    path = always(null=True)
    url = always(null=True)
    type = always(null=True)
    key = always(null=True)
    count = whole(null=True)
    children = always(
        fields.Raw, metadata={"type": "array", "items": {"$ref": "#/components/schemas/NavigationEntry"}}
    )


class Match(Reply):
    """Where the words stand; `html` is escaped text with <mark> and no other tag."""

    rank = whole()
    field = always()
    anchor = always(null=True)
    html = always()


class Expanded(Reply):
    from_ = replies.always(data_key="from")
    to = always()


class SearchQuery(Reply):
    q = always()
    expanded = each(Expanded)
    did_you_mean = always(null=True)


class FacetValue(Reply):
    value = always()
    label = always()
    count = whole()


class Facet(Reply):
    name = always()
    label = always()
    values = each(FacetValue)


class SearchMeta(replies.Meta):
    total = whole()
    query = always(fields.Nested, SearchQuery)
    facets = each(Facet)


class ListPlace(Reply):
    type = always()
    category = always(null=True)


class Resolved(Reply):
    """What stands under a path; the HTTP status is 200 for all four kinds."""

    kind = word("item", "list", "home", "redirect")
    path = always()
    locale = always()
    status = whole()
    to = always(null=True)
    item = always(fields.Nested, replies.ReferenceReply, null=True)
    list = always(fields.Nested, ListPlace, null=True)


class Redirect(Reply):
    from_ = replies.always(data_key="from")
    to = always()
    status = whole()


class Hreflang(Reply):
    hreflang = always()
    url = always(null=True)


class SitemapRow(Reply):
    id = always()
    type = always()
    locale = always()
    slug = always()
    path = always()
    url = always(null=True)
    lastmod = instant()
    alternates = each(Hreflang)


class Total(Reply):
    total = whole()
