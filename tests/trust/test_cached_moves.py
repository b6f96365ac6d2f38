"""What becomes old when something moves (CA13): every dependent address of every clinic concerned, and no other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest

from tests.builders import a_section, a_topic
from tests.fronted import Fronted, Processes, told
from tests.managing import Desk
from tests.releasing import approved, released

DEPENDENT = (
    "topics/light-therapy?locale=en", "topics/light-therapy.jsonld?locale=en", "topics/light-therapy.md?locale=en",
    "topics/light-therapy/modules/overview?locale=en", "topics/brighter?locale=en", "topics?locale=en&view=card",
    "topics?locale=es&view=card", "topics/leads-there?locale=en&include=related&view=card",
    "faqs?locale=en&include=topics&view=card&page[size]=1", "search?q=light&locale=en&facets=type,category",
    "sitemap.json?locale=en", "sitemap.xml", "resolve?path=/treatments/light-therapy", "navigation?locale=en",
    "categories?locale=en", "categories/acne-scars?locale=en", "redirects", "resolve?path=/old-light", "?locale=en",
    ".jsonld?locale=en",
)  # fmt: skip
EMBEDDED = ("/embed/{}/topics/light-therapy?locale=en", "/embed/{}/topics/light-therapy.html?locale=en",
            "/oembed?url=https://api.example/embed/{}/topics/light-therapy&locale=en")  # fmt: skip
CLINICS = ("demo-south", "demo-north")
PATCH = {"title": "Our light", "facts": {"price": {"text": "Free"}}}


def addresses(*clinics: str) -> list[str]:
    found = [f"{clinic}/{each}" for clinic in clinics for each in DEPENDENT]
    found = [each.replace("/?", "?").replace("/.json", ".json") for each in found]
    return found + [each.format(clinic) for clinic in clinics for each in EMBEDDED]


@dataclass
class Scene:
    """Two processes that keep replies, and a library topic with who leads to it; the second process only reads."""

    there: Fronted
    other: Fronted
    desk: Desk
    path: str
    leads: str
    seen: dict[str, Any] = field(default_factory=dict)

    def read(self, there: Fronted) -> dict[str, Any]:
        return {address: told(there.get(address)) for address in addresses(*CLINICS)}

    def moved(self, move: Callable[[], Any], *changed: str, still: str | None = None) -> None:
        """Make a move: `changed` must say something else now, and everything what is right; `still` stays stored."""
        before = self.seen or {**self.read(self.there), **self.read(self.other)}
        kept = {key: each for key, each in self.other.built.tier.entries.items() if still and still in key[0]}
        move()
        right = {address: told(self.there.plain.get(address)) for address in before}
        now = self.read(self.there)
        assert [address for address in right if now[address] != right[address]] == []
        self.other.followed()
        forgotten = [key for key, each in kept.items() if self.other.built.tier.entries.get(key) is not each]
        assert forgotten == [], "forgotten for nothing"
        now = self.seen = self.read(self.other)
        assert [address for address in right if now[address] != right[address]] == []
        assert [address for address in changed if before[address][1:] == now[address][1:]] == []


WITHOUT_REDIS = [pytest.param(each, marks=pytest.mark.long) for each in ("alone", "alone_on_postgres")]


@pytest.fixture(params=["tiered", *WITHOUT_REDIS])
def scene(request: pytest.FixtureRequest) -> Scene:
    processes: Processes = request.getfixturevalue(request.param)
    there, other = processes.start(), processes.start()
    desk = Desk(there)
    facts = [{"key": "price", "label": "Price", "text": "Ask us"}]
    path = desk.create("light-therapy", a_topic(facts=facts, categories=["acne-scars"]))
    desk.publish(path)
    related = [{"type": "topic", "id": path.rpartition("/")[2]}]
    leads = desk.create("leads-there", a_topic(title="Leads there", related=related))
    desk.publish(leads)
    other.followed()
    return Scene(there, other, desk, path, leads)


def of_both(*ends: str) -> list[str]:
    return [f"{clinic}/{end}" for clinic in CLINICS for end in ends]


ITEM = ("topics/light-therapy?locale=en", "topics/light-therapy.jsonld?locale=en", "topics/light-therapy.md?locale=en",
        "topics?locale=en&view=card", "topics/leads-there?locale=en&include=related&view=card",
        "search?q=light&locale=en&facets=type,category")  # fmt: skip
FRAMES = [each.format("demo-south") for each in EMBEDDED]
"""Anyone may embed what demo-south shows; demo-north shows its texts to partners alone."""


def test_ca13_an_edit_that_goes_live(scene: Scene) -> None:
    desk, path = scene.desk, scene.path
    edited = {"title": "Light, newly told", "sections": {"overview": {"body": "Newly told."}}}

    def reviewed() -> None:
        desk.done("author", "PATCH", path, {"document": edited})
        desk.move("author", path, "submit")
        desk.move("medical_reviewer", path, "approve")

    scene.moved(reviewed, still="demo")
    modules = "topics/light-therapy/modules/overview?locale=en"
    scene.moved(lambda: desk.move("publisher", path, "publish"), *of_both(*ITEM, modules), *FRAMES)
    body = {"slug": "brighter", "document": {"title": "Brighter"}}
    desk.done("author", "PATCH", path, body)
    moved_slug = of_both("topics/brighter?locale=en", "sitemap.xml", "topics?locale=en&view=card")
    scene.moved(lambda: desk.publish(path), *moved_slug, "demo-south/resolve?path=/treatments/light-therapy")
    desk.done("author", "PATCH", path, {"document": {"categories": []}})
    scene.moved(lambda: desk.publish(path), *of_both("categories/acne-scars?locale=en", "categories?locale=en"))


def test_ca13_unpublished_withdrawn_recalled_and_back(scene: Scene) -> None:
    desk, path = scene.desk, scene.path
    gone = [*of_both(*ITEM, "sitemap.xml", "sitemap.json?locale=en", "categories?locale=en"), *FRAMES]
    scene.moved(lambda: desk.move("publisher", path, "unpublish"), *gone)
    scene.moved(lambda: desk.move("publisher", path, "publish"), *gone)
    scene.moved(lambda: desk.move("publisher", path, "withdraw", reason="Out of date"), *gone)
    assert scene.other.get("demo-north/topics/light-therapy?locale=en").status_code == 410
    scene.moved(lambda: desk.move("publisher", path, "withdraw", reason="It was wrong"), *of_both(*ITEM[:3]))
    scene.moved(lambda: desk.move("editor", path, "restore"))
    scene.moved(lambda: desk.publish(path), *gone)
    scene.moved(lambda: desk.move("medical_reviewer", path, "recall", reason="Wrong", severity="high"), *gone)
    scene.moved(lambda: desk.move("editor", path, "restore"))
    scene.moved(lambda: desk.move("publisher", scene.leads, "unpublish"), *of_both("sitemap.xml"))
    scene.moved(lambda: desk.done("editor", "DELETE", path))


def test_ca13_a_translation_and_a_clinics_own_text(scene: Scene) -> None:
    desk, path = scene.desk, scene.path
    document = a_topic(title="Terapia de luz", sections=[a_section("overview", "Luz.")])
    body = {"locale": "es", "slug": "terapia-de-luz", "document": document}
    scene.moved(lambda: desk.done("author", "POST", f"{path}/translations", body), still="demo")
    desk.done("author", "GET", f"{path}?locale=es")
    spanish = of_both("topics?locale=es&view=card", "sitemap.xml", "topics/light-therapy?locale=en")
    scene.moved(lambda: desk.publish(path, locale="es"), *spanish)
    own = desk.create("our-own", a_topic(title="Our own light"), name="author@demo-south", clinic="demo-south")
    publish_there(desk, own)
    desk.done("author@demo-south", "PATCH", own, {"document": {"title": "Our very own light"}})
    shown = ("topics?locale=en&view=card", "search?q=light&locale=en&facets=type,category")
    changed = [f"demo-south/{each}" for each in shown]
    scene.moved(lambda: publish_there(desk, own), *changed, still="demo-north")


def publish_there(desk: Desk, path: str, clinic: str = "demo-south") -> None:
    desk.move(f"author@{clinic}", path, "submit")
    desk.move(f"medical_reviewer@{clinic}", path, "approve")
    desk.move(f"publisher@{clinic}", path, "publish")


def test_ca13_a_clinics_overlay_hide_show_pin_and_follow(scene: Scene) -> None:
    desk, path = scene.desk, scene.path
    place, here = f"{path}/overlays/demo-south", "demo-south"
    desk.done("editor@demo-south", "GET", place)
    desk.done("editor@demo-south", "PUT", place, {"document": PATCH})
    desk.move("editor@demo-south", place, "submit")
    desk.move("editor:other@demo-south", place, "approve")
    mine = [f"{here}/{each}" for each in ITEM]
    scene.moved(lambda: desk.move("publisher@demo-south", place, "publish"), *mine, still="demo-north")
    for name, changed in (("hide", mine), ("show", mine), ("pin", []), ("follow", [])):
        scene.moved(lambda move=name: desk.move("editor@demo-south", place, move), *changed, still="demo-north")
    scene.moved(lambda: desk.move("publisher@demo-south", place, "unpublish"), *mine, still="demo-north")


def test_ca13_profile_categories_and_redirects(scene: Scene) -> None:
    desk = scene.desk
    desk.done("admin", "GET", "/clinics/demo-south")
    named = {"name": {"en": "South, renamed", "es": "Sur"}}
    profile = ["demo-south?locale=en", "demo-south.jsonld?locale=en"]
    scene.moved(lambda: desk.done("admin", "PATCH", "/clinics/demo-south", named), *profile, still="demo-north")
    closed, opened = {"embeds": "none"}, {"embeds": "anyone"}
    for embeds in (closed, opened):
        change = partial(desk.done, "admin", "PATCH", "/clinics/demo-south", embeds)
        scene.moved(change, *FRAMES, still="demo-north")
    words = {"slug": "light", "title": "Light", "description": None}
    category = {"key": "light", "group": "subject", "position": 5, "texts": {"en": words}}
    menus = of_both("categories?locale=en", "navigation?locale=en")
    scene.moved(lambda: desk.done("editor", "POST", "/categories", category), menus[0], menus[2])
    own = {**category, "key": "ours", "clinic": "demo-south", "texts": {"en": {**words, "slug": "ours"}}}
    scene.moved(lambda: desk.done("editor", "POST", "/categories", own), menus[0], still="demo-north")
    desk.done("author", "PATCH", scene.path, {"document": {"categories": ["light"]}})
    scene.moved(lambda: desk.publish(scene.path), *menus)
    redirect = {"clinic": "demo-south", "from": "/old-light", "to": "/treatments/light-therapy"}
    old = ["demo-south/redirects", "demo-south/resolve?path=/old-light"]
    scene.moved(lambda: desk.done("editor", "POST", "/redirects", redirect), *old, still="demo-north")


def test_ca13_a_release_of_many_texts_and_its_way_back(scene: Scene) -> None:
    desk, path = scene.desk, scene.path
    desk.done("author", "PATCH", path, {"document": {"title": "Light, newly told"}})
    desk.move("author", path, "submit")
    desk.move("medical_reviewer", path, "approve")
    release = released(desk, path, approved(desk, "brighter"))
    both = of_both("topics/brighter?locale=en", *ITEM, "sitemap.xml")
    scene.moved(lambda: desk.move("publisher", release, "publish"), *both, *FRAMES)
    scene.moved(lambda: desk.move("publisher", release, "revert"), *both, *FRAMES)
