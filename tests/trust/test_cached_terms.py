"""What a partner may show is seen at once where embeds are kept (CA12, CA13): terms that change, and terms that end."""

from __future__ import annotations

from typing import Any

from tests.conftest import House
from tests.fronted import Fronted, Processes
from tests.managing import Desk

ADMIN = "admin"
SITE = "https://directory.example"
EMBEDS = tuple(f"/embed/demo-north/{each}" for each in ("topics/mesotherapy", "topics/mesotherapy.html", "faqs.html"))


def test_ca13_a_partners_changed_terms_are_seen_in_every_process_and_by_that_partner_alone(tiered: Processes) -> None:
    there, other = tiered.start(), tiered.start()
    desk = Desk(there)
    ours, theirs = (a_partner(desk, name) for name in ("Ours", "Theirs"))
    mine, others = addresses(ours), addresses(theirs)
    for each in (there, other):
        each.warm(*mine, *others)

    def seen(change: dict[str, Any] | None, expected: int) -> None:
        before = {address: other.get(address).data for address in mine}
        kept = {address: other.kept(address) for address in others}
        if change is None:
            assert desk.ask(ADMIN, "DELETE", f"/partners/{ours}", If_Match="*").status_code == 200
        else:
            desk.done(ADMIN, "PATCH", f"/partners/{ours}", change, If_Match="*")
        other.followed()
        for each in (there, other):
            right(each, *mine)
            assert {each.get(address).status_code for address in mine} == {expected}, change
        assert all(other.get(address).data != before[address] for address in mine), change
        assert {address: other.kept(address) for address in others} == kept, "forgotten for nothing"

    seen({"attribution": {"text": {"en": "Shown by Ours", "es": "Ours"}, "url": None}}, 200)
    seen({"clinics": ["demo-south"]}, 403)
    seen({"clinics": ["demo-north"]}, 200)
    seen(None, 403)


def test_an_embed_whose_terms_changed_is_not_what_it_was_to_a_caller_who_knows_only_the_date(house: House) -> None:
    desk = Desk(house)
    ours = a_partner(desk, "Ours")
    for number, address in enumerate(addresses(ours)):
        house.at(120 * number)
        date = house.get(address).headers["Last-Modified"]
        assert house.get(address, headers={"If-Modified-Since": date}).status_code == 304
        house.at(120 * number + 60)
        words = {"text": {"en": f"Shown for {address}"}, "url": None}
        desk.done(ADMIN, "PATCH", f"/partners/{ours}", {"attribution": words}, If_Match="*")
        assert house.get(address, headers={"If-Modified-Since": date}).status_code == 200


def a_partner(desk: Desk, name: str) -> str:
    said = {"name": name, "clinics": ["demo-north"], "origins": [SITE]}
    return str(desk.done(ADMIN, "POST", "/partners", said)["id"])


def addresses(partner: str) -> list[str]:
    return [f"{each}?locale=en&partner={partner}" for each in EMBEDS]


def right(house: Fronted, *addresses: str) -> None:
    for address in addresses:
        given, plain = house.get(address), house.plain.get(address)
        assert (given.status_code, given.data) == (plain.status_code, plain.data), address
