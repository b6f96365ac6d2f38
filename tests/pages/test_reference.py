"""The reference is Swagger UI from its package, on our own document."""

from __future__ import annotations

from tests.pages.conftest import Addresses, Site


def test_it_loads_swagger_ui_and_points_it_at_our_document(site: Site) -> None:
    text = site.text("/docs")
    found = Addresses(text).found
    assert 'data-document="/v1/openapi.json"' in text
    assert 'href="/"' in text
    scripts = [each for each in found if ".js?" in each]
    assert [each.partition("?")[0] for each in scripts] == ["/docs/assets/swagger-ui-bundle.js", "/static/reference.js"]
    assert b"SwaggerUIBundle" in site.client.get(scripts[0]).data
    assert all(site.client.get(each).status_code == 200 for each in found if "/assets/" in each or "/static/" in each)


def test_no_validator_of_another_host_is_asked(site: Site) -> None:
    script = site.client.get("/static/reference.js").text
    assert "validatorUrl: null" in script
    assert "deepLinking: true" in script
    assert "tryItOutEnabled: true" in script


def test_the_address_with_a_slash_leads_to_the_one_without(site: Site) -> None:
    reply = site.client.get("/docs/")
    assert (reply.status_code, reply.headers["Location"]) == (308, "/docs")
