"""Addresses that a reply gives out are ones that work: each leads to what it says."""

from __future__ import annotations

import pytest

from tests.conftest import House
from tests.managing import Desk

CLINIC = "/clinics/demo-south"


@pytest.mark.either
@pytest.mark.parametrize(
    ("booking", "asks"),
    [
        ("https://south.example/book", "https://south.example/book?about=mesotherapy"),
        ("https://south.example/book#form", "https://south.example/book?about=mesotherapy#form"),
        ("https://south.example/book?by=web#form", "https://south.example/book?by=web&about=mesotherapy#form"),
        ("https://south.example/#/book?step=1", "https://south.example/?about=mesotherapy#/book?step=1"),
    ],
)
def test_what_a_visitor_asks_about_stands_before_the_anchor_of_the_booking_page(
    house: House, booking: str, asks: str
) -> None:
    desk = Desk(house)
    desk.ask("admin", "GET", CLINIC)
    desk.done("admin", "PATCH", CLINIC, {"booking": {"url": booking}})
    assert house.data("demo-south/topics/mesotherapy?fields[topic]=cta")["data"]["cta"]["url"] == asks
