"""Clinics side by side: one publishes again and again, and another one's readers are counted."""

from __future__ import annotations

import time
from dataclasses import dataclass

from tests.builders import a_live_topic, a_topic, clinic_id, publish_text, revise
from tests.prove.asking import Reply
from tests.prove.crowd import Crowd
from tests.prove.fleet import Fleet

READ = (
    "demo-north/topics/mesotherapy?locale=en", "demo-north/topics?locale=es&page[size]=20", "demo-north?locale=es",
    "demo-north/faqs?locale=es", "demo-north/navigation?locale=es", "demo-north/search?locale=en&q=skin",
    "demo-north/sitemap.json?locale=es",
)  # fmt: skip
QUIET_SECONDS = 2.0


@dataclass
class Apart:
    """Hit ratios of the clinic that did nothing."""

    before: float
    during: float
    reads: int
    publishes: int
    failed: list[str]


def run(fleet: Fleet, publishes: int) -> Apart:
    """Publish so often at one clinic while the other one's addresses are read, all of them warm."""
    addresses = [f"/v1/clinics/{each}" for each in READ]
    wrong: list[str] = []

    def fine(address: str, reply: Reply) -> None:
        if reply.status != 200:
            wrong.append(f"{address}: {reply.status}")

    crowd = Crowd(fleet.ports, addresses, fine, readers=4, warm=True)
    database = fleet.house.database
    own = a_live_topic(database, "our-own", scope=clinic_id(database, "demo-south"))
    with crowd.reading():
        crowd.kept.clear()
        time.sleep(QUIET_SECONDS)
        before = _ratio(crowd)
        crowd.kept.clear()
        for number in range(publishes):
            revise(database, own, a_topic(summary=f"Edition {number} of it."))
            publish_text(database, own)
    return Apart(before, _ratio(crowd), sum(crowd.kept.values()), publishes, crowd.failed + wrong)


def _ratio(crowd: Crowd) -> float:
    kept = dict(crowd.kept)
    return sum(count for how, count in kept.items() if how.startswith("hit")) / max(1, sum(kept.values()))
