"""A stampede: many ask at once for what nobody has kept, while the database takes its time."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from sqlalchemy import text

from tests.prove.asking import Line, Reply
from tests.prove.fleet import Fleet

READERS = 64
QUERY_SECONDS = 0.05


@dataclass
class Stampedes:
    """What became of each: how many loads, how long the slowest reader waited."""

    loads: list[int] = field(default_factory=list)
    waited: list[float] = field(default_factory=list)
    statuses: set[int] = field(default_factory=set)
    bodies: list[int] = field(default_factory=list)
    """How many different replies there were."""


def run(fleet: Fleet, rounds: int) -> Stampedes:
    """So many stampedes on addresses that nobody asked for before, half of the readers on each server."""
    told = Stampedes()
    lines = [Line(fleet.ports[number % len(fleet.ports)]) for number in range(READERS)]
    for line in lines:
        line.get("/v1/clinics/demo-south?locale=en")
    for number in range(rounds):
        replies = one(fleet, lines, f"/v1/clinics/demo-south/topics?locale=en&page[size]={number + 1}")
        told.loads.append(sum(each.kept.startswith("fwd=miss") for each in replies))
        told.waited.append(max(each.ended - each.began for each in replies))
        told.statuses |= {each.status for each in replies}
        told.bodies.append(len({each.body for each in replies if each.status == 200}))
    return told


def one(fleet: Fleet, lines: list[Line], address: str) -> list[Reply]:
    """Every reader's reply. Nobody can read the table until all have asked and the query's time is over."""
    replies: list[Reply] = []
    ready = threading.Barrier(len(lines) + 1)

    def read(line: Line) -> None:
        ready.wait()
        replies.append(line.get(address))

    threads = [threading.Thread(target=read, args=(line,)) for line in lines]
    for each in threads:
        each.start()
    with fleet.house.database.writer.begin() as connection:
        connection.execute(text("LOCK TABLE published IN ACCESS EXCLUSIVE MODE"))
        ready.wait()
        time.sleep(QUERY_SECONDS)
    for each in threads:
        each.join()
    return replies
