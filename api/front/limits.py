"""How much whom is allowed to ask: an address, or the bearer of a key (draft-ietf-httpapi-ratelimit-headers)."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from api.cache.redis_tier import RedisTier
from api.cache.stored import Head
from api.front.buckets import WINDOW, Buckets
from api.front.keyring import Keyring
from api.front.loading import Environ

FREE = ("/healthz", "/readyz", "/metrics")
"""What operators ask is not counted."""
_WITH_PORT = re.compile(r"\[(?P<v6>[0-9a-fA-F:.]+)\](:\d+)?|(?P<v4>[\d.]+):\d+")


@dataclass
class Caller:
    """Who asks, and what they may still ask. `refused` where the key is none: the application says so."""

    buckets: Buckets
    name: str
    limit: int
    keyed: bool = False
    refused: bool = False

    def over(self, cost: int) -> int | None:
        """Count a request; the seconds to wait where it is one too many."""
        return self.buckets.spend(self.name, self.limit, cost) if self.limit else None

    def give_back(self, cost: int) -> None:
        """A request that was counted was answered from what is kept."""
        if self.limit:
            self.buckets.give_back(self.name, self.limit, cost)

    def head(self, *, always: bool = False) -> Head:
        """RateLimit and RateLimit-Policy: only for keys, and for who is refused."""
        if not self.limit or not (self.keyed or always):
            return []
        left, seconds = self.buckets.left(self.name, self.limit)
        policy = "key" if self.keyed else "address"
        return [
            ("RateLimit-Policy", f'"{policy}";q={self.limit};w={WINDOW:.0f}'),
            ("RateLimit", f'"{policy}";r={max(0, left)};t={seconds}'),
        ]


class Limits:
    """The limits of this process. Each is requests a minute; 0 is none."""

    def __init__(self, keyring: Keyring, by_kind: dict[str, int], hops: int) -> None:
        self._keyring, self._by_kind, self._hops = keyring, by_kind, hops
        self.buckets = Buckets()

    def caller(self, environ: Environ) -> Caller:
        """Who sent a request. Asks the database only for a key that was not seen within the last second.

        A browser's question beforehand (CORS preflight) bears no key and hides a 429 from the page: it is not counted.
        """
        if environ["PATH_INFO"] in FREE or environ["REQUEST_METHOD"] == "OPTIONS":
            return Caller(self.buckets, "free", 0)
        header = environ.get("HTTP_AUTHORIZATION")
        if header is not None and (known := self._keyring.bearer(header)) is not None:
            if known.kind is not None:
                kind = "browser" if known.kind == "browser" else "server"
                return Caller(self.buckets, f"{kind}:{known.key_id}", self._by_kind[kind], keyed=True)
            header = None
        name = f"address:{address_of(environ, self._hops)}"
        return Caller(self.buckets, name, self._by_kind["address"], refused="HTTP_AUTHORIZATION" in environ)

    def share(self, shared: RedisTier, name: Callable[[str], str]) -> None:
        """Tell other processes; `name` is under which a caller's count stands in Redis."""
        self.buckets.share(shared, self._by_kind, name)


def address_of(environ: Environ, hops: int) -> str:
    """The caller's address, as many steps back through X-Forwarded-For as there are proxies; IPv6 by its /64."""
    address = environ.get("REMOTE_ADDR", "")
    if hops:
        named = [each.strip() for each in environ.get("HTTP_X_FORWARDED_FOR", "").split(",") if each.strip()]
        if len(named) >= hops:
            address = named[-hops]
    return _network(address)


@lru_cache(maxsize=10_000)
def _network(address: str) -> str:
    found = _read(address)
    if found is None:
        return address[:64]
    return str(ipaddress.ip_network((int(found), 64), strict=False)) if found.version == 6 else str(found)


def _read(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """An address as proxies and sockets write it: with a port or a zone, IPv4 within IPv6 (RFC 4291 2.5.5.2)."""
    if (written := _WITH_PORT.fullmatch(address)) is not None:
        address = written["v6"] or written["v4"]
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


@lru_cache(maxsize=10_000)
def shortened(address: str) -> str:
    """An address without what tells one household from another: the last byte, or all but the first 48 bits."""
    try:
        found = ipaddress.ip_interface(address)
    except ValueError:
        return "-"
    whole = ipaddress.ip_network(f"{found.ip}/{48 if found.version == 6 else 24}", strict=False)
    return str(whole.network_address)
