"""From an address in CLINIC_CMS_EDGE to the cache it names."""

from __future__ import annotations

from collections.abc import Callable

from api.edges.asking import Edge
from api.edges.cloudflare import Cloudflare
from api.edges.fastly import Fastly
from api.edges.varnish import Varnish

VARNISH = "varnish+"


def edge(address: str, token: Callable[[], str]) -> Edge:
    """`varnish+http://HOST:PORT`, `fastly:SERVICE` or `cloudflare:ZONE`; the token is asked for at each purge."""
    if address.startswith(VARNISH):
        return Varnish(address.removeprefix(VARNISH))
    provider, _, name = address.partition(":")
    return Fastly(name, token) if provider == "fastly" else Cloudflare(name, token)
