"""ME10, ME14 and CA13: no text without its bytes, no bytes without an end, and a change shows everywhere at once."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.db import Database
from api.services.media import media as verbs
from api.services.media import media_sweeping
from tests.builders import a_topic
from tests.conftest import House
from tests.live import contract
from tests.managing import Desk
from tests.pictures import a_picture, sent, uploaded

pytestmark = pytest.mark.either

SURFACES = (
    "/v1/clinics/demo-south/topics/{slug}",
    "/v1/clinics/demo-south/topics?page[size]=100&filter[title][contains]={title}",
    "/v1/clinics/demo-south/topics/{slug}.md", "/v1/clinics/demo-south/topics/{slug}.jsonld",
    "/v1/clinics/demo-south/guides/{guide}?include=topics", "/v1/clinics/demo-south/search?q={title}",
    "/v1/clinics/demo-south/resolve?path=/treatments/{slug}", "/embed/demo-south/topics/{slug}.html",
    "/oembed?url=https://south.example/treatments/{slug}",
)  # fmt: skip
"""Whatever gives out the picture of a topic: item, list, Markdown, graph, include, hit, path, embed, oEmbed."""


@pytest.fixture
def desk(house: House, tmp_path: Path) -> Iterator[Desk]:
    """A house with a place of its own for files."""
    place = house.database.media
    house.database.media = type(place)(tmp_path / "media")
    yield Desk(house)
    house.database.media = place


def kept(database: Database) -> set[str]:
    return {each.name for each in database.media.folder.glob("*/*")}


def age(database: Database, seconds: float = 2 * media_sweeping.ORPHAN_SECONDS) -> None:
    """Let everything that is kept be older."""
    for each in database.media.folder.glob("*/*"):
        os.utime(each, (time.time() - seconds,) * 2)


def a_shown_topic(desk: Desk, slug: str = "light") -> tuple[Any, str]:
    told = uploaded(desk)
    desk.publish(desk.create(slug, a_topic(image=told["id"], title=f"Shown {slug}")))
    src = desk.house.data(f"demo-south/topics/{slug}")["data"]["image"]["src"]
    return told, src.removeprefix("https://api.example")


def die(*_: Any, **__: Any) -> None:
    raise KeyboardInterrupt


def test_me10_a_death_between_the_bytes_and_their_row_leaves_an_orphan_that_is_swept(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = desk.house.database
    told, path = a_shown_topic(desk)
    with monkeypatch.context() as dying:
        dying.setattr(verbs, "create", die)
        dying.setattr("api.media.store.Folder.drop", lambda *_: None)  # Who is killed tidies nothing.
        with pytest.raises(KeyboardInterrupt):
            sent(desk, "author", a_picture())
    assert len(kept(database)) == 2
    assert media_sweeping.sweep(database).orphans == 0, "it may be an upload that is under way"
    age(database)
    assert media_sweeping.sweep(database, dry=True).orphans == 1 and len(kept(database)) == 2
    assert media_sweeping.sweep(database).orphans == 1
    assert len(kept(database)) == 1 and desk.house.client.get(path).status_code == 200
    assert path.split("/")[2] not in media_sweeping.missing(database)


def test_me10_a_refused_upload_leaves_nothing(desk: Desk) -> None:
    for said, status in (({"clinic": "no-such-clinic"}, 404), ({"kind": "document"}, 422), ({"x": 1}, 422)):
        assert sent(desk, "author", a_picture(), said).status_code == status
    assert sent(desk, "author@demo-south", a_picture(), {}).status_code == 403
    assert sent(desk, "publisher", a_picture(), {}).status_code == 403
    first = sent(desk, "author", a_picture(), Idempotency_Key="k")
    again = sent(desk, "author", a_picture(), Idempotency_Key="k")
    assert first.json == again.json
    assert sent(desk, "author", a_picture(color="#000"), Idempotency_Key="k").json["code"] == "key_reused"
    path = f"/media/{first.json['data']['id']}"
    assert sent(desk, "editor", a_picture(), method="PUT", path=path).status_code == 428
    assert sent(desk, "editor", a_picture(), method="PUT", path=path, If_Match='"old"').status_code == 412
    assert len(kept(desk.house.database)) == 1


def test_me10_what_a_text_names_stays_and_what_is_removed_goes_with_its_bytes(desk: Desk) -> None:
    database, get = desk.house.database, desk.house.client.get
    told, path = a_shown_topic(desk)
    media, topic = f"/media/{told['id']}", "/entries/topic/"
    drafted = desk.create("drafted", a_topic(image=told["id"]))
    topic += desk.done("editor", "GET", f"{media}/usages")["live"][0]["id"]
    desk.done("editor", "GET", media)
    refused = desk.ask("editor", "DELETE", media)
    assert refused.status_code == 409 and len(refused.json["blockers"]) == 2
    desk.move("publisher", topic, "unpublish")
    assert get(path).status_code == 404, "nothing live shows it now"
    for each in (drafted, topic):
        desk.done("author", "GET", each)
        desk.done("author", "PATCH", each, {"document": {"image": None}})
    desk.done("editor", "GET", media)
    assert desk.ask("author", "DELETE", media).status_code == 403
    assert desk.done("editor", "DELETE", media) == {"id": told["id"]}
    assert get(path).status_code == 404 and desk.ask("editor", "GET", media).status_code == 404
    assert len(kept(database)) == 1
    assert media_sweeping.sweep(database, orphans=False).retired == 1 and kept(database) == set()
    old = desk.ask("author", "POST", f"{topic}/revisions/1/copy", {}, If_Match="*")
    assert (old.status_code, old.json["errors"][0]["code"]) == (422, "unknown_picture")


def test_me14_a_file_that_is_replaced_has_another_address_and_retracted_bytes_are_gone(desk: Desk) -> None:
    database, get = desk.house.database, desk.house.client.get
    told, path = a_shown_topic(desk)
    media = f"/media/{told['id']}?retract=true"
    new = sent(desk, "editor", a_picture(color="#0f0"), method="PUT", path=media, If_Match="*")
    assert new.status_code == 200, new.text
    gone = get(path)
    assert (gone.status_code, gone.json["withdrawal"]["kind"]) == (410, "replaced")
    contract(desk.house).check({"$ref": "#/components/schemas/Problem"}, gone.json, path)
    src = desk.house.data("demo-south/topics/light")["data"]["image"]["src"]
    assert get(src.removeprefix("https://api.example")).status_code == 200
    assert media_sweeping.sweep(database, orphans=False).retired == 1
    assert len(kept(database)) == 1 and get(path).status_code == 404
    wrong = sent(desk, "editor", b"%PDF-1.7\n", method="PUT", path=media, If_Match="*", type="application/pdf")
    assert wrong.status_code == 422


def test_ca13_every_surface_shows_a_change_of_a_picture_at_once(desk: Desk) -> None:
    guide = desk.house.data("demo-south/guides")["data"][0]["slug"]
    told, _ = a_shown_topic(desk, "everywhere")
    topic = desk.done("editor", "GET", f"/media/{told['id']}/usages")["live"][0]["id"]
    found = desk.done("editor", "GET", "/entries/guide")[0]["id"]
    desk.done("editor", "GET", f"/entries/guide/{found}")
    desk.done("author", "PATCH", f"/entries/guide/{found}", {"document": {"topics": [{"type": "topic", "id": topic}]}})
    desk.publish(f"/entries/guide/{found}")
    media = f"/media/{told['id']}"

    def surfaces() -> list[str]:
        named = {"slug": "everywhere", "title": "everywhere", "guide": guide}
        replies = [desk.house.client.get(each.format(**named)) for each in SURFACES]
        assert [each.status_code for each in replies] == [200] * len(SURFACES), [each.text[:99] for each in replies]
        return [each.get_data(as_text=True) for each in replies]

    address = surfaces()[0].partition("/media/")[2][:32]
    assert [address in each for each in surfaces()] == [True] * len(SURFACES)
    new = sent(desk, "editor", a_picture(color="#0f0"), method="PUT", path=media, If_Match="*")
    assert new.status_code == 200 and not any(address in each for each in surfaces())
    desk.done("editor", "PATCH", media, {"alt": {"en": "Another alternative"}}, If_Match="*")
    told_now = surfaces()
    assert [number for number, each in enumerate(told_now) if "Another alternative" not in each] == [8]
    consent = {"until": None}
    desk.done("editor", "PATCH", media, {"shows_person": True, "consent": consent}, If_Match="*")
    assert "/media/" in surfaces()[0]
    desk.done("editor", "POST", f"{media}/moves/revoke", {}, If_Match="*")
    assert not any("/media/" in each for each in surfaces())
