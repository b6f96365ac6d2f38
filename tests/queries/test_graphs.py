"""Graphs of what is taken down while they are made."""

from __future__ import annotations

import pytest

from api.queries import graphs
from api.queries.found import Depends
from api.queries.house import HouseChanged
from api.queries.house import house as load
from api.queries.items import item
from api.queries.reader import Reader
from tests.conftest import House
from tests.managing import Desk


def test_a_text_that_is_taken_down_while_its_graph_is_made_is_looked_for_anew(house: House) -> None:
    desk, db = Desk(house), house.database
    path = desk.create("light-therapy")
    desk.publish(path)
    with db.reading() as connection:
        clinic = load(db, connection, "demo-south")
        assert clinic is not None
        reader = Reader(clinic, ("en",), db.now())
        found = item(connection, reader, "topic", "light-therapy")
    desk.move("publisher", path, "unpublish")
    with db.reading() as connection, pytest.raises(HouseChanged):
        graphs.item_graph(connection, reader, found, Depends())
