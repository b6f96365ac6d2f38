"""oEmbed (oembed.com, 1.0): what may be asked, and the shape of the answer."""

from __future__ import annotations

from functools import cache

from marshmallow import Schema, fields

from schemas.managed.partners import INDEXING
from schemas.query_fields import Number, Phrase, Tag, Word
from schemas.replies import Reply, always, whole, word
from schemas.requests import made

EXAMPLE = "https://api.example/embed/demo-south/terms/collagen"


@cache
def parameters() -> type[Schema]:
    """The parameters of the protocol, and those of embeds that may be given with them."""
    return made(
        {
            "url": Phrase("A page of a clinic's site, or an embed.", 1, 2_000, example=EXAMPLE, required=True),
            "maxwidth": Number("Pixels that there is room for.", 0, 999_999_999),
            "maxheight": Number("Pixels that there is room for.", 0, 999_999_999),
            "format": Word("JSON alone; anything else is answered 501.", ("json",)),
            "partner": Phrase("A partner's id.", 1, 96),
            "locale": Tag("Language, BCP 47; left out, that of the page.", "en"),
            "heading_level": Number("Level of the embed's own heading.", 1, 6),
            "theme": Word("Colours.", ("auto", "light", "dark")),
        }
    )


class OEmbedAttribution(Reply):
    """Words to name the source with, and where they may lead."""

    text = always()
    url = always(null=True)


class OEmbed(Reply):
    """The frame to put on a page, and what to say of it. Sizes are pixels, `cache_age` seconds."""

    version = word("1.0")
    type = word("rich")
    title = always()
    provider_name = always()
    provider_url = always()
    author_name = always()
    author_url = always()
    cache_age = whole()
    width = whole()
    height = whole()
    html = always()
    locale = always()
    canonical = always(null=True)
    indexing = word(*INDEXING)
    attribution = always(fields.Nested, OEmbedAttribution, null=True)
    licence = always(null=True)
