"""What the documentation shows is tried: every curl line, and the worked example of a content type."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.app import create_app
from api.config import from_env
from schemas import requests
from schemas.content import CONTENT_TYPES
from tests.builders import create, publish_text
from tests.conftest import House
from tests.house import RINGS

pytestmark = pytest.mark.either

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
TOLD = ("api", "schemas", "seed", "tests", "bench", "docs")
"""The folders that the README draws."""
ADDRESSES = re.findall(r"^curl (?:-g )?'http://127\.0\.0\.1:8000(/[^']*)'$", (DOCS / "calls.md").read_text(), re.M)


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_call_of_the_page_of_calls_answers(library: House, address: str) -> None:
    reply = library.client.get(address)
    assert reply.status_code == 200, reply.text


def test_the_page_of_calls_shows_every_kind_of_address(library: House) -> None:
    assert len(ADDRESSES) > 30
    asked = [address.partition("?")[0] for address in ADDRESSES]
    adapter = library.app.url_map.bind("localhost")
    shown = {str(adapter.match(path, return_rule=True)[0].rule) for path in asked}
    rules = {rule.rule for rule in library.app.url_map.iter_rules() if rule.rule.startswith("/v1/")}
    closed = ("/v1/manage", "/v1/partners", "/v1/clinics/<clinic>/preview")  # They have pages of their own.
    rules = {rule for rule in rules if not rule.startswith(closed)}
    families = [re.sub(r"/(topics|faqs|guides|terms)", "/TYPE", rule) for rule in rules]
    missing = set(families) - {re.sub(r"/(topics|faqs|guides|terms)", "/TYPE", rule) for rule in shown}
    assert missing <= {"/v1/clinics/<clinic>/TYPE.jsonld"}


@pytest.fixture
def article(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The content type that docs/adding-a-content-type.md declares, in its place in the list."""
    [block] = re.findall(r"```python\n(.*?)```", (DOCS / "adding-a-content-type.md").read_text(encoding="utf-8"), re.S)
    declared: dict[str, Any] = {"__name__": "schemas.content.article"}
    exec(compile(block, "docs/adding-a-content-type.md", "exec"), declared)
    forget()
    CONTENT_TYPES.append(declared["ARTICLE"])
    yield declared["ARTICLE"]
    CONTENT_TYPES.pop()
    forget()


def forget() -> None:
    """Query parameters are worked out once; another content type is another list of them."""
    for each in vars(requests).values():
        if hasattr(each, "cache_clear"):
            each.cache_clear()


def test_the_worked_example_of_a_content_type_works(house: House, article: Any) -> None:
    document = {"title": "A quiet lamp", "summary": "What the lamp is for.", "body": "It **glows**."}
    publish_text(house.database, create(house.database, "a-quiet-lamp", document, kind="article"))
    client = create_app(house.app.extensions["config"], house.database, front=False).test_client()
    found = "search?q=lamp&type=article&facets=type"
    read = {path: client.get(f"/v1/clinics/demo-south/{path}") for path in (
        "articles", "articles.jsonld", "articles?filter[kind]=news&sort=-title", found,
        "articles/a-quiet-lamp", "articles/a-quiet-lamp.jsonld", "articles/a-quiet-lamp.md",
    )}  # fmt: skip
    assert {path: reply.status_code for path, reply in read.items() if reply.status_code != 200} == {}
    item = read["articles/a-quiet-lamp"].json["data"]
    assert (item["type"], item["kind"]) == ("article", "news")
    assert item["body"] == {"format": "html", "value": "<p>It <strong>glows</strong>.</p>"}
    assert [each["slug"] for each in read[found].json["data"]] == ["a-quiet-lamp"]
    assert client.get("/v1/schemas/article").json["title"] == "article"
    assert {"ArticleCard", "ArticleSummary", "ArticleFull"} <= set(
        client.get("/v1/openapi.json").json["components"]["schemas"]
    )


def test_the_defaults_of_the_settings_page_are_those_of_the_code() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \| (.*?) \|", (DOCS / "settings.md").read_text(encoding="utf-8"), re.M)
    told = {name: found[1] for name, default in rows if (found := re.match(r"`([^`]*)`", default))}
    config = from_env({})
    assert told == {
        "PORT": str(config.port), "CLINIC_CMS_DATA": "data", "CLINIC_CMS_HOST": config.host,
        "CLINIC_CMS_PUBLIC_URL": "http://HOST:PORT", "CLINIC_CMS_TRUSTED_PROXIES": str(config.trusted_proxies),
        "CLINIC_CMS_SEED": config.seed, "CLINIC_CMS_CACHE_MEGABYTES": str(config.cache_megabytes),
        "CLINIC_CMS_ACCESS_LOG": config.access_log, "CLINIC_CMS_IMPORT_MEGABYTES": str(config.import_megabytes),
        "CLINIC_CMS_MEDIA_MEGABYTES": str(config.media.megabytes), "CLINIC_CMS_MEDIA_REGION": config.media.region,
        **{f"CLINIC_CMS_LIMIT_{name.upper()}": str(limit) for name, limit in config.limits.items()},
    }  # fmt: skip


def test_every_link_of_the_documentation_leads_somewhere() -> None:
    for page in (ROOT / "README.md", *DOCS.rglob("*.md")):
        for target in re.findall(r"\]\((?!https?://|entry:|term:|#)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_tree_in_the_readme_is_the_tree() -> None:
    [block] = re.findall(r"## The tree\n\n```\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.S)
    named = set(re.findall(r"(?<![/\w])\w+(?:\.py|/)", block))
    there = {path.name + "/" * path.is_dir() for folder in TOLD for path in (ROOT / folder).rglob("*")}
    assert named <= there | {f"{folder}/" for folder in TOLD} | {"wsgi.py"}
    parts = {path.name + "/" * path.is_dir() for path in (ROOT / "api").iterdir() if not path.name.startswith("__")}
    services = {f"{path.name}/" for path in (ROOT / "api/services").iterdir() if (path / "__init__.py").exists()}
    assert parts | services <= named


def test_the_readme_tells_the_order_of_imports_as_it_is_held() -> None:
    told = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    rings = (", ".join(each.removeprefix("api.") for each in ring) for ring in RINGS[:-1])
    assert f"never back: {' · '.join(rings)}." in told
