"""Threads that a slow other side may hold, by a body that comes in pieces or a reply that it takes in sips: so many."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from api.cache.flights import Aside, stay
from api.errors import CmsError
from api.front.loading import Environ

ALL, ANYONE = 5, 3
"""At once in one process, and how many of them by those who have no key. The other threads stay free for readers."""
WAIT_SECONDS = {True: 1.0, False: 0.02}
"""How long somebody with a key, or without, waits for a place: several writes often begin together."""
WHOLE = 1_000_000
"""Bytes of a reply that is handed to the server in one piece, which then needs no thread for a slow reader."""
Free = Callable[[], object]


class Crowded(Exception):
    """As many threads are held as may be."""


class Holding:
    """The places of one process."""

    def __init__(self) -> None:
        self._all, self._anyone = threading.Semaphore(ALL), threading.Semaphore(ANYONE)

    def take(self, *, keyed: bool) -> Free:
        """A place, given back by what is returned. Raises Crowded."""
        wanted = [self._all] if keyed else [self._anyone, self._all]
        taken: list[threading.Semaphore] = []
        for each in wanted:
            if not each.acquire(timeout=WAIT_SECONDS[keyed]):
                _release(taken)
                raise Crowded
            taken.append(each)
        return lambda: _release(taken)

    @contextmanager
    def coming(self, environ: Environ, aside: Aside = stay, *, keyed: bool) -> Iterator[None]:
        """Within the block a body is read through a place of its own, and `aside` from others."""
        said = environ.get("CONTENT_LENGTH", "")
        length = int(said) if said.isascii() and said.isdigit() else 0
        if not length and "HTTP_TRANSFER_ENCODING" not in environ:
            yield
            return

        def take() -> Free:
            free = self.take(keyed=keyed)
            back = aside()
            return lambda: (free(), back())

        body = environ["wsgi.input"] = Coming(environ["wsgi.input"], length, take)
        try:
            yield
        finally:
            body.done()

    def going(self, parts: Iterable[bytes], length: int | None, *, keyed: bool) -> Iterable[bytes]:
        """A reply in one piece, or through a place of its own. Raises Crowded, with the reply closed."""
        if isinstance(parts, list):
            return parts
        close = getattr(parts, "close", _nothing)
        if length is not None and length <= WHOLE:
            try:
                return [b"".join(parts)]
            finally:
                close()
        try:
            free = self.take(keyed=keyed)
        except Crowded:
            close()
            raise
        return Going(parts, free)


class Coming:
    """The body of a request. From its first byte that is waited for to its last one a place is taken."""

    def __init__(self, source: Any, length: int, take: Callable[[], Free]) -> None:
        self._source, self._left, self._take = source, length, take
        self._free: Free | None = None

    def read(self, size: int = -1) -> bytes:
        return self._through(self._source.read, size)

    def readline(self, size: int = -1) -> bytes:
        return self._through(self._source.readline, size)

    def _through(self, read: Callable[[int], bytes], size: int) -> bytes:
        if self._free is None:
            try:
                self._free = self._take()
            except Crowded:
                raise CmsError("unavailable", "Too many slow requests are under way.", retry_after=1) from None
        data = read(size)
        self._left -= len(data)
        if not data or self._left == 0:
            self.done()
        return data

    def done(self) -> None:
        """Give the place back."""
        free, self._free = self._free, None
        if free is not None:
            free()


class Going:
    """A large reply, whose place is free once the server is done with it or its reader has gone."""

    def __init__(self, parts: Iterable[bytes], free: Free) -> None:
        self._parts, self._free = parts, free
        self._next = iter(parts)

    def __iter__(self) -> Iterator[bytes]:
        return self._next

    def close(self) -> None:
        free, self._free = self._free, _nothing
        try:
            getattr(self._parts, "close", _nothing)()
        finally:
            free()


def _nothing() -> None:
    return


def _release(taken: list[threading.Semaphore]) -> None:
    for each in taken:
        each.release()
