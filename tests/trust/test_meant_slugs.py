"""What a wrong slug is told: only of texts that this very reader could read now, and only as long as that is so."""

from __future__ import annotations

import pytest

from tests.builders import a_topic
from tests.conftest import House
from tests.fronted import Processes
from tests.managing import Desk
from tests.trust.test_embeds import a_partner

TYPED = "demo-south/topics/amber-lihgt?locale=en"


def meant(house: House, address: str = TYPED) -> str | None:
    """What is named; None where nothing is."""
    reply = house.get(address)
    assert reply.status_code == 404
    before, _, after = reply.json["detail"].partition(" Did you mean ")
    assert before == "No topic is published under this slug."
    return after.removesuffix("?") or None


def switched(desk: Desk, text: str, move: str) -> None:
    """Hide a text of the library at one clinic, or show it there again."""
    desk.done("editor@demo-south", "POST", f"{text}/overlays/demo-south/moves/{move}", {}, If_Match="*")


@pytest.mark.either
def test_a_slug_is_named_while_its_text_is_live_and_no_longer(house: House) -> None:
    desk = Desk(house)
    text = desk.create("amber-light", a_topic(title="Amber light"))
    assert meant(house) is None, "a draft"
    desk.publish(text)
    assert meant(house) == "amber-light"
    desk.move("publisher", text, "unpublish")
    assert meant(house) is None
    desk.move("publisher", text, "publish")
    desk.done("author", "PATCH", text, {"slug": "amber-lights", "document": {}})
    assert meant(house) == "amber-light", "the new slug is a draft's"
    desk.publish(text)
    assert meant(house) == "amber-lights"
    desk.move("publisher", text, "withdraw", reason="No longer offered.")
    assert meant(house) is None


@pytest.mark.either
def test_a_slug_is_not_named_where_its_text_does_not_show(house: House) -> None:
    desk = Desk(house)
    text = desk.create("amber-light", a_topic(title="Amber light"))
    desk.publish(text)
    switched(desk, text, "hide")
    assert meant(house) is None
    assert meant(house, TYPED.replace("south", "north")) == "amber-light"
    own = desk.create("basalt-peel", a_topic(title="Basalt"), name="author@demo-north", clinic="demo-north")
    desk.publish(own)
    typed = "demo-north/topics/basalt-peal?locale=en"
    assert meant(house, typed) == "basalt-peel"
    assert meant(house, typed.replace("north", "south")) is None
    assert meant(house, f"{typed.replace('=en', '=es')}&fallback=none") is None
    assert house.get("demo-private/topics/amber-lihgt").status_code == 401


@pytest.mark.either
def test_drafts_near_a_wrong_slug_do_not_hide_the_live_one(house: House) -> None:
    desk = Desk(house)
    desk.publish(desk.create("amber-light", a_topic(title="Amber light")))
    for near in ("amber-lihgts", "amber-lihg", "amber-lihgt-a", *(f"amber-lih-{number}" for number in range(10, 23))):
        desk.create(near, a_topic(title="Amber"))
        assert meant(house) == "amber-light", "whatever else is told tells that there are drafts"


def test_an_embed_names_only_what_its_partner_may_show(house: House) -> None:
    desk = Desk(house)
    text = desk.create("amber-light", a_topic(title="Amber light"))
    desk.publish(text)
    typed = "/embed/demo-south/topics/amber-lihgt?locale=en"
    assert "Did you mean amber-light?" in house.get(typed).text
    narrow = a_partner(house.database, topics=["top_another"])
    assert "Did you mean" not in house.get(f"{typed}&partner={narrow}").text


def test_a_share_link_names_nothing_but_its_text(house: House) -> None:
    desk = Desk(house)
    text = desk.create("canary-light", a_topic(title="Canary light"))
    desk.publish(desk.create("amber-light", a_topic(title="Amber light")))
    made = desk.done(
        "author", "POST", "/shares", {"clinic": "demo-south", "type": "topic", "id": text.rpartition("/")[2]}
    )
    reply = house.get(f"demo-south/preview/topics/amber-lihgt?token={made['token']}")
    assert reply.status_code == 404 and "amber-light" not in reply.text


def test_a_kept_404_is_old_as_soon_as_what_it_names_is(running: Processes) -> None:
    there, other = running.start(), running.start()
    desk = Desk(there)
    text = desk.create("amber-light", a_topic(title="Amber light"))
    addresses = (TYPED, "/embed/demo-south/topics/amber-lihgt?locale=en")

    def fresh(named: str | None) -> None:
        for each in (there, other):
            each.followed()
            each.fresh(*addresses)
            assert meant(each) == named
            each.warm(TYPED)

    fresh(None)
    desk.publish(text)
    fresh("amber-light")
    desk.done("author", "PATCH", text, {"slug": "amber-lights", "document": {}})
    desk.publish(text)
    fresh("amber-lights")
    switched(desk, text, "hide")
    fresh(None)
    switched(desk, text, "show")
    fresh("amber-lights")
    desk.move("publisher", text, "withdraw", reason="No longer offered.")
    fresh(None)
