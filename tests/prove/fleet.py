"""Servers side by side on one house, as in production: each a process of its own with workers."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from api.models import Listener
from tests.processes import Served, free_port, serving
from tests.prove.asking import Line
from tests.prove.lasting import Lasting

PUBLIC_URL = "https://api.example"
"""The same for all: replies hold it, so servers that differ in it share nothing."""


@dataclass
class Server:
    """One of them. `port` is where it answers."""

    served: Served
    port: int

    def line(self) -> Line:
        return Line(self.port)

    def told(self) -> str:
        return self.served.log.read_text()


@dataclass
class Fleet:
    """All of them, and the house they stand on."""

    house: Lasting
    servers: list[Server]
    redis_url: str | None = None

    @property
    def ports(self) -> list[int]:
        return [each.port for each in self.servers]

    def workers(self, server: Server) -> list[int]:
        """The processes of a server that answer requests, by their own word in the database."""
        with self.house.database.reading() as connection:
            ids = list(connection.scalars(select(Listener.id)))
        pids = (int(each.rpartition("-")[0].rpartition("-")[2]) for each in ids)
        return sorted(each for each in pids if _parent(each) == server.served.process.pid)


@contextlib.contextmanager
def fleet(house: Lasting, servers: int = 2, workers: int = 2, redis_url: str | None = None) -> Iterator[Fleet]:
    """Start them one after the other, with no limits on how much an address may ask."""
    with contextlib.ExitStack() as stack:
        made: list[Server] = []
        for number in range(servers):
            made.append(stack.enter_context(_serving(house, number, workers, redis_url)))
        yield Fleet(house, made, redis_url)


def again(stack: contextlib.ExitStack, running: Fleet, number: int, workers: int = 2) -> None:
    """Start a server that was stopped, where it was."""
    port = running.servers[number].port
    made = stack.enter_context(_serving(running.house, number, workers, running.redis_url, port))
    running.servers[number] = made


@contextlib.contextmanager
def _serving(
    house: Lasting, number: int, workers: int, redis_url: str | None, port: int | None = None
) -> Iterator[Server]:
    env = environment(house, redis_url) | ({"PORT": str(port)} if port else {})
    log = house.folder / f"server-{number}-{time.monotonic_ns()}.log"
    with serving(["clinic-cms", "serve", "--workers", str(workers)], env, log) as served:
        served.wait_until_ready()
        yield Server(served, int(env["PORT"]))


def environment(house: Lasting, redis_url: str | None) -> dict[str, str]:
    """What a server of the house is told; each has a port of its own."""
    env = house.env | {"PORT": str(free_port()), "CLINIC_CMS_PUBLIC_URL": PUBLIC_URL}
    env |= {f"CLINIC_CMS_LIMIT_{each}": "0" for each in ("ADDRESS", "BROWSER", "SERVER")}
    return env | ({"REDIS_URL": redis_url} if redis_url else {})


def _parent(pid: int) -> int:
    """The process that started another; 0 where it is no more."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0
