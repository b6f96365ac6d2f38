"""The first page tells what this is, how it is, and has calls that answer."""

from __future__ import annotations

from pathlib import Path

import pytest
from werkzeug.exceptions import NotFound

from api.db import connect
from api.migrate import migrate
from api.models import Clinic
from tests.conftest import House, config
from tests.pages.conftest import Addresses, Site, site_of

pytestmark = pytest.mark.either

SAMPLES = {"topic", "faqs", "guide", "search", "resolve", "sitemap"}


def test_it_says_what_this_is_and_how_it_is(site: Site) -> None:
    text = site.text("/")
    assert '<html lang="en">' in text
    assert "One reviewed library" in text
    assert "51 items: 4 topics, 27 FAQs, 1 guide, 19 terms" in text
    assert "demo-private" not in text


def test_every_sample_is_there_and_answers(site: Site) -> None:
    text = site.text("/")
    calls = [each for each in Addresses(text).found if each.startswith("/v1/clinics/demo-south/")]
    assert {name for name in SAMPLES if f'<h3 id="{name}">' in text} == SAMPLES
    assert len(calls) == len(SAMPLES)
    for call in calls:
        reply = site.client.get(call)
        assert reply.status_code == 200, call
        assert reply.json["data"], call
        assert f'data-curl="curl &quot;https://api.example{call.replace("&", "&amp;")}&quot;"' in text


def test_every_link_leads_somewhere(site: Site) -> None:
    found = Addresses(site.text("/")).found
    contract = {f"/v1/{each}" for each in ("openapi.json", "types.d.ts", "client.ts", "schemas/topic")}
    assert {"/docs", "/docs/problems"} | contract <= set(found)
    routes = site.app.url_map.bind("api.example")
    for link in found:
        if link.startswith("#"):
            assert f'id="{link[1:]}"' in site.text("/")
            continue
        try:
            routes.match(link.partition("?")[0])
        except NotFound:
            assert link.startswith(("/v1/openapi", "/v1/types", "/v1/schemas")), link
            continue
        assert site.client.get(link).status_code == 200, link


def test_an_empty_database_names_the_command_that_loads_the_demo(tmp_path: Path) -> None:
    settings = config(f"sqlite:///{tmp_path / 'empty.sqlite'}", tmp_path)
    database = connect(settings)
    migrate(database)
    reply = site_of(settings, database).client.get("/")
    assert reply.status_code == 200
    assert "clinic-cms seed" in reply.text
    assert "data-curl" not in reply.text
    assert reply.headers["Cache-Control"] == "no-store"
    database.close()


def test_a_database_without_tables_leads_to_readiness(tmp_path: Path) -> None:
    settings = config(f"sqlite:///{tmp_path / 'bare.sqlite'}", tmp_path)
    database = connect(settings)
    reply = site_of(settings, database).client.get("/")
    assert reply.status_code == 200
    assert 'href="/readyz"' in reply.text
    assert reply.headers["Cache-Control"] == "no-store"
    database.close()


@pytest.mark.parametrize(("hidden", "chosen"), [(("demo-south",), "demo-north"), (("demo-south", "demo-north"), None)])
def test_without_the_favourite_samples_come_from_the_first_public_clinic(
    house: House, hidden: tuple[str, ...], chosen: str | None
) -> None:
    site = site_of(house.app.extensions["config"], house.database)
    assert "51 items" in site.text("/")
    with house.database.transaction() as session:
        for clinic in session.query(Clinic).where(Clinic.slug.in_(hidden)):
            clinic.private = True
    text = site.text("/")
    calls = [each for each in Addresses(text).found if each.startswith("/v1/clinics/")]
    assert all(each.startswith(f"/v1/clinics/{chosen}/") for each in calls)
    assert bool(calls) == bool(chosen)
    assert [site.client.get(each).status_code for each in calls] == [200] * len(calls)
    assert "demo-south" not in text and "demo-private" not in text
