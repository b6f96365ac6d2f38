"""The tier that processes share: Redis as a plain store of sealed values, never waited for long, never needed."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import redis

T = TypeVar("T")
TIMEOUT = 0.05
"""Seconds that a request waits for Redis at most; there is no second try."""
AGAIN_SECONDS = 0.1
"""Between two looks at a Redis that is lost; requests don't ask it meanwhile."""
LOCK_MILLISECONDS = 3_000
OWED_AT_MOST = 1_000
"""Locks that are remembered to be let go of; what is beyond that ends by itself."""
ERASING = 2.0
"""Seconds that the worker waits for one answer."""
BATCH, BEGINNING = 200, 4_096
"""Values looked at together, and so much of each."""
_RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"


@cache
def _redis() -> Any:
    """The library, loaded when a Redis is asked at all: a service without one starts sooner."""
    import redis

    return redis


class Unreachable(Exception):
    """Redis did not do what has to be done; it has to be tried again."""


def connection(url: str) -> redis.Redis:
    """One connection of its own, without a pool: nobody else's answer can arrive on it."""
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    made: redis.Redis = _redis().Redis.from_url(
        url,
        socket_timeout=TIMEOUT,
        socket_connect_timeout=TIMEOUT,
        retry=Retry(NoBackoff(), 0),
        single_connection_client=True,
    )
    return made


def reachable(url: str) -> bool:
    """Whether the Redis at an address answers now."""
    try:
        client = connection(url)
    except Exception:
        return False
    try:
        return bool(client.ping())
    except Exception:
        return False
    finally:
        client.close()


def about(url: str) -> dict[str, Any] | None:
    """{version, maxmemory, maxmemory_policy} of the Redis at an address; None where it does not answer."""
    try:
        client = _redis().Redis.from_url(url, socket_timeout=ERASING, socket_connect_timeout=1)
    except Exception:
        return None
    try:
        told: Any = client.info()
        version = told.get("valkey_version") or told.get("redis_version", "not told")
        return {"version": version, **{name: told[name] for name in ("maxmemory", "maxmemory_policy") if name in told}}
    except Exception:
        return None
    finally:
        client.close()


class RedisTier:
    """Values by name. Whatever goes wrong is a miss, and counted in `errors`."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._own = threading.local()
        self._lost_until = 0.0
        self._asking = threading.Lock()
        self._owed: deque[tuple[str, str, float]] = deque(maxlen=OWED_AT_MOST)
        self.errors = 0

    @property
    def up(self) -> bool:
        """Whether Redis is asked at all; one that was lost is looked at again by one thread at a time."""
        if not self._lost_until:
            return True
        if time.monotonic() < self._lost_until or not self._asking.acquire(blocking=False):
            return False
        try:
            back = reachable(self._url)
            self._lost_until = 0.0 if back else time.monotonic() + AGAIN_SECONDS
            return back
        finally:
            self._asking.release()

    def get(self, name: str) -> bytes | None:
        def ask(client: redis.Redis) -> Any:
            # On the connection itself: what the client wraps around it takes as long as the asking.
            connection: Any = client.connection
            connection.send_command("GET", name)
            return connection.read_response()

        found = self._call(ask)
        return found if isinstance(found, bytes) else None

    def put(self, name: str, value: bytes, seconds: float) -> None:
        self._call(lambda client: client.set(name, value, px=max(1, int(seconds * 1000))))

    def lock(self, name: str, token: str, *, anyway: bool = False) -> bool | None:
        """Whether the lock is ours now, `anyway` from whoever holds it; None where Redis can't tell."""
        new = not anyway
        taken: Any = self._call(lambda client: [client.set(f"{name}:lock", token, nx=new, px=LOCK_MILLISECONDS)])
        if taken is None:
            # It may have been heard all the same, and nobody else would let go of it.
            self._owe(name, token)
            return None
        return bool(taken[0])

    def unlock(self, name: str, token: str) -> None:
        """Let go of a lock, if it is still ours; where Redis can't be asked now, `settle` does it."""
        if not self._released(name, token):
            self._owe(name, token)

    def settle(self) -> None:
        """Let go of locks as soon as Redis can be asked again: other processes wait for them."""
        while self._owed and self.up:
            name, token, until = self._owed.popleft()
            if time.monotonic() < until and not self._released(name, token):
                self._owed.appendleft((name, token, until))
                return

    def _owe(self, name: str, token: str) -> None:
        self._owed.append((name, token, time.monotonic() + LOCK_MILLISECONDS / 1000))

    def _released(self, name: str, token: str) -> bool:
        def ask(client: redis.Redis) -> Any:
            command: Any = client.execute_command
            return command("EVAL", _RELEASE, 1, f"{name}:lock", token)

        return self._call(ask) is not None

    def add(self, counts: Iterable[tuple[str, int]], seconds: int) -> list[tuple[int, float]] | None:
        """Add to shared counters, each of which ends after so many seconds; (what it is now, its age in seconds).

        None where Redis can't.
        """

        def ask(client: redis.Redis) -> list[tuple[int, float]]:
            pipe = client.pipeline(transaction=False)
            for name, count in counts:
                pipe.set(name, 0, ex=seconds, nx=True)
                pipe.incrby(name, count)
                pipe.pttl(name)
            told = pipe.execute()
            return [(told[at + 1], seconds - told[at + 2] / 1000) for at in range(0, len(told), 3)]

        return self._call(ask)

    def erase(self, doomed: Callable[[bytes], bool | None]) -> int:
        """Delete every value `doomed` by its beginning (None: it takes the whole of it); how many. Raises Unreachable.

        For the worker: a Redis that is slow is waited for, one that is lost is not.
        """
        client = _redis().Redis.from_url(self._url, socket_timeout=ERASING, socket_connect_timeout=1)
        try:
            return sum(_erase(client, names, doomed) for names in _batches(client.scan_iter("cc:*", count=BATCH)))
        except Exception as error:
            raise Unreachable(f"Redis can't be asked: {str(error) or type(error).__name__}") from error
        finally:
            client.close()

    def _call(self, ask: Callable[[redis.Redis], T]) -> T | None:
        if not self.up:
            return None
        client = None
        try:
            client = self._client()
            return ask(client)
        except _redis().ResponseError:
            # It answers, but not this: out of memory, read-only, another kind of value.
            self.errors += 1
            return None
        except Exception:
            # Lost; or no Redis at all, and the library stumbles over what it says.
            self.errors += 1
            self._lost_until = time.monotonic() + AGAIN_SECONDS
            self._drop()
            return None
        except BaseException:
            # Whatever broke off a command, the next one must not read its answer.
            self._drop()
            raise

    def _client(self) -> redis.Redis:
        client: redis.Redis | None = getattr(self._own, "client", None)
        if client is None:
            client = self._own.client = connection(self._url)
        return client

    def _drop(self) -> None:
        client = getattr(self._own, "client", None)
        self._own.client = None
        if client is not None:
            try:
                client.close()
            except Exception:
                return


def _batches(names: Iterable[bytes]) -> Iterator[list[bytes]]:
    rest = iter(names)
    while batch := list(islice(rest, BATCH)):
        yield batch


def _erase(client: redis.Redis, names: list[bytes], doomed: Callable[[bytes], bool | None]) -> int:
    pipe = client.pipeline(transaction=False)
    for name in names:
        pipe.getrange(name, 0, BEGINNING - 1)
    wanted = []
    # A key of another type answers with an error of its own, and is none of ours.
    for name, value in zip(names, pipe.execute(raise_on_error=False), strict=True):
        if isinstance(value, bytes) and (found := doomed(value)) is not False:
            whole = client.get(name) if found is None else None
            if found or (isinstance(whole, bytes) and doomed(whole)):
                wanted.append(name)
    return int(client.unlink(*wanted)) if wanted else 0
