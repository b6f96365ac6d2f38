"""Embeds show the picture of their text with its words and its size, so that nothing moves when it comes."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest

from tests.builders import a_topic
from tests.conftest import House
from tests.managing import Desk
from tests.pictures import uploaded

pytestmark = pytest.mark.either

PAGE = "/embed/demo-south/topics/mesotherapy"


@pytest.mark.parametrize("suffix", ["", ".html"])
def test_a_frame_and_a_fragment_show_the_picture(library: House, suffix: str) -> None:
    told = library.get(PAGE + suffix).text
    [found] = re.findall(r"<img [^>]*>", told)
    assert 'alt="Drawing of the layers of the skin, with the dermis in the middle"' in found
    assert 'width="1600" height="900"' in found and 'loading="lazy"' in found
    assert told.count("<source ") == 2 and 'type="image/avif"' in told and "Demo drawing" in told
    assert library.get(f"{PAGE}/modules/results{suffix}").text.count("<img") == 0


def test_a_frame_may_load_pictures_from_where_they_are(library: House, monkeypatch: pytest.MonkeyPatch) -> None:
    said = library.get(PAGE).headers["Content-Security-Policy"]
    assert "img-src 'self' data:;" in said
    object.__setattr__(library.app.extensions["config"], "media_url", "https://media.example/x")
    try:
        said = library.get(PAGE)
    finally:
        object.__setattr__(library.app.extensions["config"], "media_url", None)
    assert "img-src 'self' data: https://media.example;" in said.headers["Content-Security-Policy"]
    assert 'src="https://media.example/x/media/' in said.text


def test_oembed_tells_a_thumbnail(library: House) -> None:
    told = library.data(f"/oembed?url={quote('https://south.example/treatments/mesotherapy', safe='')}")
    assert told["thumbnail_url"].endswith("/1200.jpg") and (told["thumbnail_width"], told["thumbnail_height"]) == (
        1200,
        675,
    )
    bare = library.data(f"/oembed?url={quote('https://south.example/treatments/microneedling', safe='')}")
    assert "thumbnail_url" not in bare


def test_a_consent_for_the_clinics_own_site_keeps_the_picture_out_of_embeds(shared_house: House) -> None:
    desk = Desk(shared_house)
    said = {"shows_person": True, "consent": {"uses": ["site"]}, "caption": {"en": "A <caption> & more"}}
    told = uploaded(desk, "editor", **said)
    desk.publish(desk.create("kept-out", a_topic(image=told["id"])))
    assert shared_house.data("demo-south/topics/kept-out")["data"]["image"]["caption"] == "A <caption> & more"
    assert "<img" not in shared_house.get("/embed/demo-south/topics/kept-out.html").text
    desk.done("editor", "PATCH", f"/media/{told['id']}", {"consent": {"uses": ["site", "embeds"]}})
    shown = shared_house.get("/embed/demo-south/topics/kept-out.html").text
    assert "<img" in shown and "A &lt;caption&gt; &amp; more" in shown
