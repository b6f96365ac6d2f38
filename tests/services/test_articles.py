"""Articles of strangers: what is left out of one is named, with what to do about it."""

from __future__ import annotations

from api.services.transfers.articles.markup import cleaned

PAGE = """<h1>Light</h1><p>Some words.</p>
<img src="https://blog.example/a/skin.jpg" alt="Skin"><img src="data:image/png;base64,AA">
<script>alert(1)</script><svg><path/></svg>[gallery ids="1,2"]"""


def test_what_is_left_out_of_an_article_is_named_and_of_pictures_where_to_send_them() -> None:
    told = cleaned(PAGE).notes
    assert told == [
        "Left out: pictures (2): skin.jpg “Skin”. Send what you may show to POST /v1/manage/media, and name one in the "
        "text's `image`.",
        "Left out: scripts (1).",
        "Left out: drawings (SVG) (1).",
        "Left out: the shortcode [gallery].",
    ]
