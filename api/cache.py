"""Redis: reached or not; the only file that speaks to it."""

from __future__ import annotations

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

TIMEOUT = 0.05
"""Seconds that a request waits for Redis at most; there is no second try."""


def reachable(url: str) -> bool:
    """Whether the Redis at an address answers now."""
    client = redis.Redis.from_url(
        url, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT, retry=Retry(NoBackoff(), 0)
    )
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()
