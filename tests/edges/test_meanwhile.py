"""Replies while something is published between the looks that they are made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from api.db import Clock
from tests.builders import a_topic
from tests.conftest import NOW, House
from tests.managing import Desk
from tests.racing_fills import rename


@dataclass
class Meanwhile(Clock):
    """A clock right after whose next look something happens, once."""

    happens: Callable[[], Any] | None = None

    def now(self) -> float:
        said, happens = super().now(), self.happens
        self.happens = None
        if happens is not None:
            happens()
        return said


@pytest.mark.either
def test_a_reply_is_not_of_the_second_before_the_publication_that_it_waited_for(house: House) -> None:
    clock = house.database.clock = Meanwhile(frozen_at=NOW)
    desk = Desk(house)
    text = desk.create("amber-light", a_topic(title="Amber light"))
    desk.publish(text)
    desk.done("author", "PATCH", text, {"document": {"title": "Amber light, new"}})
    numbers: list[int] = []

    def publish() -> None:
        clock.frozen_at = NOW + 1
        desk.publish(text)
        with house.database.reading() as connection:
            numbers.append(connection.exec_driver_sql("SELECT max(number) FROM publications").scalar_one())

    with house.database.reading() as connection:
        awaited = connection.exec_driver_sql("SELECT max(number) FROM publications").scalar_one() + 1
    clock.happens = publish
    reply = house.get("demo-south/topics/amber-light?locale=en", headers={"X-Min-Publication": str(awaited)})
    assert numbers == [awaited]
    assert reply.status_code == 200, reply.text
    assert reply.json["data"]["title"] == "Amber light, new"


@pytest.mark.either
@pytest.mark.parametrize("kind", ["topic", "section", "category"])
def test_the_page_of_embeds_is_made_again_where_the_clinic_changes_meanwhile(house: House, kind: str) -> None:
    clock = house.database.clock = Meanwhile(frozen_at=NOW)
    house.get("demo-south")
    clock.happens = lambda: rename(house, "Renamed")
    reply = house.get(f"/docs/embeds?clinic=demo-south&kind={kind}")
    assert clock.happens is None
    assert reply.status_code == 200, reply.text
    assert "Renamed" in house.get(f"/docs/embeds?clinic=demo-south&kind={kind}").text
