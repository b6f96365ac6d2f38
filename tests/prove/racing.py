"""Forced fill races: a load has read the old state and is held back while the new one is committed."""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass, field

from api.services.overlays import overlays
from tests.builders import a_live_topic, clinic_id, the_text, writing_as
from tests.prove.asking import Line, Reply
from tests.prove.fleet import Fleet
from tests.prove.slowed import Slowed

CLINIC = "demo-south"
SETTLED = 0.25
"""Seconds after a commit from which on what is old was kept for good, and is not just on its way out."""


@dataclass
class Races:
    """What was seen of so many races."""

    run: int = 0
    forced: int = 0
    """Reads that were under way before the change was asked for, and still after it was committed."""
    stale: list[str] = field(default_factory=list)
    statuses: set[int] = field(default_factory=set)


def run(fleet: Fleet, way: Slowed, races: int, texts: int = 6, delay: float = 0.03) -> Races:
    """Hide and show texts at the clinic while loads of them are under way, until so many races were forced."""
    told, chance = Races(), random.Random(4)
    made = [a_live_topic(fleet.house.database, f"race-{number}") for number in range(texts)]
    lines = [[Line(port) for port in fleet.ports] for _ in range(texts)]
    here = clinic_id(fleet.house.database, CLINIC)
    hidden = False
    while told.forced < races and told.run < 4 * races:
        way.seconds = delay = min(0.5, max(0.03, delay))
        replies: list[Reply] = []
        number = told.run // texts
        turn, asked = number % len(fleet.ports), _asked(number)
        readers = [threading.Thread(target=_read, args=(n, asked, lines[n][turn], replies)) for n in range(texts)]
        for each in readers:
            each.start()
        time.sleep(chance.uniform(0.2, 1) * delay)
        began = time.monotonic()
        with writing_as(fleet.house.database, "editor") as work:
            for text in made:
                (overlays.show if hidden else overlays.hide)(work, the_text(work, text).entry, here)
        hidden, committed = not hidden, time.monotonic()
        delay = committed - began  # So long that a load outlasts the change on this machine.
        for each in readers:
            each.join()
        way.seconds = 0.0
        told.run += texts
        told.statuses |= {each.status for each in replies}
        told.forced += sum(each.began < began and each.ended > committed for each in replies)
        time.sleep(max(0.0, committed + SETTLED - time.monotonic()))
        _settled(lines, asked, 404 if hidden else 200, told)
    return told


def _asked(number: int) -> str:
    """A query that nobody has asked lately, so that it has to be loaded."""
    return f"locale=en&include=faqs&heading_level={2 + number // 100 % 5}&include_limit[faqs]={number % 100 + 1}"


def _read(number: int, asked: str, line: Line, replies: list[Reply]) -> None:
    replies.append(line.get(f"/v1/clinics/{CLINIC}/topics/race-{number}?{asked}"))


def _settled(lines: list[list[Line]], asked: str, right: int, told: Races) -> None:
    """Every server says the new state, whoever asks."""
    for number, both in enumerate(lines):
        for line in both:
            reply = line.get(f"/v1/clinics/{CLINIC}/topics/race-{number}?{asked}")
            if reply.status != right:
                told.stale.append(f"race-{number} is {reply.status} ({reply.kept}) after {told.run}")
