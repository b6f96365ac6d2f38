"""Attacks on embeds: framing, policies, what a partner's id opens, scripts that change under their address."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path
from typing import Any

import pytest

from api.app import create_app
from api.db import Database
from api.models import Partner
from api.services.processes import usage
from tests.builders import a_live_topic, clinic_id, move, writing_as
from tests.conftest import House
from tests.fronted import patient

pytestmark = pytest.mark.either

SITE, OTHER = "https://partner.example", "https://shop.partner.example:8443"
TOPIC = "/embed/demo-south/topics/mesotherapy"


def policy(reply: Any) -> dict[str, str]:
    """The parts of a reply's Content-Security-Policy."""
    parts = [each.strip().partition(" ") for each in reply.headers["Content-Security-Policy"].split(";")]
    return {name: rest for name, _, rest in parts}


def a_partner(database: Database, number: str = "ptn_one", **narrowed: Any) -> str:
    told = {"attribution": None, "licence": None, "indexing": "noindex", **narrowed.pop("terms", {})}
    lists: dict[str, Any] = {name: [] for name in ("clinics", "types", "topics", "locales")}
    lists |= {"origins": [SITE, OTHER], **narrowed}
    with writing_as(database, "admin") as work:
        now = work.now()
        work.session.add(Partner(id=number, name="P", terms=told, created_at=now, updated_at=now, **lists))
    return number


@pytest.mark.parametrize(
    "path", ["/", "/docs", "/docs/embeds", "/v1/clinics/demo-south", "/v1/nothing", "/oembed", "/embed.js", "/healthz"]
)
def test_nothing_but_an_embed_may_be_framed(library: House, path: str) -> None:
    """EM1."""
    assert policy(library.get(path))["frame-ancestors"] == "'none'"


def test_only_the_partners_own_origins_may_frame_it(house: House) -> None:
    """EM2."""
    partner = a_partner(house.database)
    named = f"{TOPIC}?partner={partner}"
    assert policy(house.get(named))["frame-ancestors"] == f"{SITE} {OTHER}"
    assert policy(house.get(f"{named}&origin={OTHER}"))["frame-ancestors"] == OTHER
    for origin in ("https://evil.example", "https://partner.example.evil.example", "http://partner.example"):
        reply = house.get(f"{named}&origin={origin}")
        assert reply.status_code == 403 and "Mesotherapy for" not in reply.text
    for origin in ("null", "*", "https://partner.example;script-src *", f"{SITE},{OTHER}", f"{SITE}/", f"{SITE} x"):
        reply = house.get(TOPIC, query_string={"partner": partner, "origin": origin})
        assert reply.status_code == 400 and "'none'" in reply.headers["Content-Security-Policy"]
    assert policy(house.get(f"{TOPIC}.html?partner={partner}"))["frame-ancestors"] == "'none'"


@pytest.mark.parametrize("path", [TOPIC, f"{TOPIC}.html", f"{TOPIC}-no", "/embed/x/y", f"{TOPIC}?theme=pink"])
def test_an_embed_loads_nothing_of_strangers_and_runs_nothing_that_was_not_written_here(
    library: House, path: str
) -> None:
    """EM3, EM6, PR4."""
    reply = library.get(path)
    said = policy(reply)
    assert said["default-src"] == said["base-uri"] == said["form-action"] == "'none'"
    loads = " ".join(rest for name, rest in said.items() if name != "frame-ancestors")
    assert not re.search(r"unsafe|https?:|\*", loads)
    scripts = re.findall(r"<script>(.*?)</script>", reply.text, re.S)
    for script in scripts:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert said["script-src"] == f"'sha256-{digest}'"
    assert len(re.findall("<script", reply.text)) == len(scripts)
    assert not re.search(r'(src|href)="(?!/static/|https://(south|api)\.example)', re.sub("<a .*?>", "", reply.text))
    assert "Set-Cookie" not in reply.headers and "X-Frame-Options" not in reply.headers
    assert reply.headers["Referrer-Policy"] == "no-referrer"


def test_scripts_keep_nothing_in_the_browser_and_speak_to_known_origins_alone() -> None:
    """EM4, EM5, EM6."""
    folder = Path(__file__).parents[2] / "api" / "static"
    for name in ("embed.js", "frame.js"):
        script = (folder / name).read_text(encoding="utf-8")
        assert not re.search(r"localStorage|sessionStorage|indexedDB|\.cookie|document\.write|eval\(|innerHTML", script)
        assert not re.search(r"postMessage\([^;]*[\"']\*[\"']", script)


@pytest.mark.parametrize("change", ["withdraw", "unpublish"])
def test_what_is_gone_leaves_no_words_of_it(house: House, change: str) -> None:
    """EM9."""
    text = a_live_topic(house.database, "short-lived")
    for suffix in ("", ".html"):
        assert "Light is shone" in house.get(f"/embed/demo-south/topics/short-lived{suffix}").text
    move(house.database, change, text, "publisher", **({"reason": "Old."} if change == "withdraw" else {}))
    for suffix in ("", ".html", "/modules/overview", "/modules/overview.html"):
        reply = house.get(f"/embed/demo-south/topics/short-lived{suffix}")
        assert reply.status_code == (410 if change == "withdraw" else 404)
        assert "Light" not in reply.text and "clinic-embed-missing" in reply.text


@pytest.mark.parametrize("path", [TOPIC, "/embed/demo-south/guides/choosing-a-provider", "/embed/demo-south/faqs"])
def test_nothing_in_an_embed_changes_anything(library: House, path: str) -> None:
    """EM10."""
    told = library.get(path).text
    assert not re.search(r"<(form|button|object|embed|base)\b|method=", told)
    assert all("noopener" in each for each in re.findall(r"<a [^>]*>", told))
    for method in ("post", "put", "patch", "delete"):
        assert getattr(library.client, method)(path).status_code == 405


def test_a_partners_id_opens_nothing_and_narrows_what_it_names(house: House) -> None:
    """EM11."""
    south = clinic_id(house.database, "demo-south")
    partner = a_partner(house.database, clinics=[south], types=["topic", "faq"], locales=["en"])
    allowed = {TOPIC: 200, "/embed/demo-south/faqs": 200, "/embed/demo-south/terms/collagen": 403}
    allowed |= {"/embed/demo-north/topics/mesoterapia": 403, f"{TOPIC}?locale=es": 403}
    for path, status in allowed.items():
        assert house.get(f"{path}{'&' if '?' in path else '?'}partner={partner}").status_code == status, path
    assert house.get(f"{TOPIC}?partner=ptn_nobody").status_code == 403
    for path in ("/v1/clinics/demo-private", "/v1/manage/entries/topic", "/v1/clinics/demo-private/topics"):
        assert house.get(path, headers={"Authorization": f"Bearer {partner}"}).status_code == 401
    assert house.get(f"/embed/demo-private/topics/mesotherapy?partner={partner}").status_code in (401, 404)


def test_addresses_and_names_in_any_script_stand_in_heads_as_ascii(house: House) -> None:
    where = "https://пример.example/ü"
    told = {"licence": {"id": "Ж", "url": where}, "attribution": {"required": True, "text": {"en": "Ж"}, "url": where}}
    partner = a_partner(house.database, terms=told)
    for suffix in ("", ".html"):
        reply = house.get(f"{TOPIC}{suffix}?partner={partner}")
        assert reply.status_code == 200 and all(value.isascii() for _, value in reply.headers)
        named = "<https://xn--e1afmkfd.example/%C3%BC>"
        assert {f'{named}; rel="license"', f"{named}; rel=\"author\"; title*=UTF-8''%D0%96"} <= set(
            reply.headers.getlist("Link")
        )
        assert where in reply.text


def test_a_partner_that_ends_is_refused_at_once_through_the_cache_too(house: House) -> None:
    """EM8: what was kept for a partner depends on the partner."""
    partner = a_partner(house.database)
    reply = house.get(f"{TOPIC}?partner={partner}")
    assert reply.status_code == 200
    keys = set(reply.headers["Surrogate-Key"].split())
    assert keys - set(house.get(TOPIC).headers["Surrogate-Key"].split()) == {opaque(f"p:{partner}")}
    framed = house.get(f"/oembed?url=https://api.example{TOPIC}&partner={partner}")
    assert opaque(f"p:{partner}") in framed.headers["Surrogate-Key"]
    with writing_as(house.database, "admin") as work:
        work.session.get_one(Partner, partner).ended_at = work.now()
    assert house.get(f"{TOPIC}?partner={partner}").status_code == 403


def opaque(tag: str) -> str:
    return hashlib.blake2b(tag.encode(), digest_size=8).hexdigest()


def test_frames_of_oembed_are_kept_and_asked_for_under_what_they_mean(house: House) -> None:
    """EM8, CA1."""
    with patient():
        app = create_app(house.app.extensions["config"], house.database)
        client = app.test_client()
        asked = f"/oembed?url=https://api.example{TOPIC}"
        first, second = client.get(f"{asked}&utm=1"), client.get(f"{asked}&callback=x")
        assert first.data == second.data and "hit" in second.headers["Cache-Status"]
        other = client.get(asked.replace("demo-south", "demo-north"))
        assert other.status_code == 403
        assert client.get(asked, headers={"If-None-Match": second.headers["ETag"]}).status_code == 304
        app.extensions["front"].stop()


def test_a_pinned_script_never_changes_and_the_other_is_soon_new(library: House) -> None:
    """EM12."""
    told = library.get("/embed/version.json").json
    pinned = library.get(told["src"].removeprefix("https://api.example"))
    assert told["integrity"] == "sha384-" + base64.b64encode(hashlib.sha384(pinned.data).digest()).decode()
    assert "immutable" in pinned.headers["Cache-Control"] and pinned.headers["Access-Control-Allow-Origin"] == "*"
    alias = library.get("/embed.js")
    assert alias.data == pinned.data and alias.headers["Cache-Control"] == "public, max-age=300"
    for version in ("0123456789abcdef", "x", "%00", "0" * 3000):
        assert library.get(f"/embed/v/{version}/embed.js").status_code == 404


def test_a_pinned_script_is_there_still_when_another_version_is_out(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """EM12: what a page has pinned does not end with the next release."""
    told = house.get("/embed/version.json").json
    pinned = told["src"].removeprefix("https://api.example")
    assert usage.flush(house.database) > 0 and usage.flush(house.database) == 0
    monkeypatch.setitem(house.app.config, "PUBLIC_URL", "https://moved.example")
    assert house.get("/embed/version.json").json["version"] != told["version"]
    kept = house.get(pinned)
    assert kept.status_code == 200 and "immutable" in kept.headers["Cache-Control"]
    assert told["integrity"] == "sha384-" + base64.b64encode(hashlib.sha384(kept.data).digest()).decode()
    assert usage.flush(house.database) == 1
