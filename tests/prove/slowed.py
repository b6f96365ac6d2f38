"""A way to PostgreSQL that takes its time: every answer but of those who follow the purge log comes late."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from sqlalchemy.engine import make_url

from tests.prove.lasting import Lasting

FOLLOWS = b"LISTEN"
"""Said on the connection whose answers are not held back: purges are to come while a load is still under way."""


class Slowed:
    """A proxy on a port of its own. `seconds` is how late answers come, and may be changed at any time."""

    def __init__(self, socket_path: str) -> None:
        self.seconds = 0.0
        self.port = 0
        self._path = socket_path
        self._loop = asyncio.new_event_loop()

    async def listen(self) -> None:
        server = await asyncio.start_server(self._accepted, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]

    def run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def begin(self) -> None:
        threading.Thread(target=self.run, daemon=True).start()
        asyncio.run_coroutine_threadsafe(self.listen(), self._loop).result(10)

    def end(self) -> None:
        asyncio.run_coroutine_threadsafe(self._closed(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)

    @staticmethod
    async def _closed() -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for each in tasks:
            each.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _accepted(self, client: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        server, out = await asyncio.open_unix_connection(self._path)
        follows = [False]
        await asyncio.gather(self._asked(client, out, follows), self._answered(server, back, follows))

    @staticmethod
    async def _asked(client: asyncio.StreamReader, out: asyncio.StreamWriter, follows: list[bool]) -> None:
        with contextlib.suppress(OSError):
            while said := await client.read(65_536):
                follows[0] = follows[0] or FOLLOWS in said
                out.write(said)
        out.close()

    async def _answered(self, server: asyncio.StreamReader, back: asyncio.StreamWriter, follows: list[bool]) -> None:
        with contextlib.suppress(OSError):
            while said := await server.read(65_536):
                if self.seconds and not follows[0]:
                    await asyncio.sleep(self.seconds)
                back.write(said)
        back.close()


@contextlib.contextmanager
def slowed(house: Lasting) -> Iterator[tuple[Lasting, Slowed]]:
    """The house as servers are to see it, through the proxy; this process has the short way."""
    url = make_url(house.env["DATABASE_URL"])
    folder = url.query["host"]
    assert isinstance(folder, str)
    way = Slowed(str(Path(folder) / ".s.PGSQL.5432"))
    way.begin()
    try:
        through = url.set(query={}, host="127.0.0.1", port=way.port).render_as_string(hide_password=False)
        yield replace(house, env=house.env | {"DATABASE_URL": through}), way
    finally:
        way.end()
