"""From a request to the name of its reply: one meaning, one key."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode

PREFIX, EMBED, OEMBED = "/v1/clinics/", "/embed/", "/oembed"
EMBED_PARAMETERS = frozenset({"partner", "origin", "locale", "heading_level", "theme", "topic", "category"})
OEMBED_PARAMETERS = EMBED_PARAMETERS | {"url", "format", "maxwidth", "maxheight"}
"""What embeds know; other sites' systems add parameters of their own, which are ignored and name nothing."""
OF_NO_CLINIC = ("v", "beacon", "version.json")
"""What lies below /embed beside the clinics."""
LONGEST = 2_000
"""Characters of a path and of a query at most; what is longer is answered, and not kept."""
FIELDS_AT_MOST = 100
MIN_PUBLICATION = "min_publication"
"""Says how new an answer must be, and changes nothing else of it."""

Key = tuple[str, str]
"""(path, query): decoded and in a fixed order, so that order, case of escapes and empty parts make no difference."""


def key_of(path: str, query: str) -> tuple[Key, str | None] | None:
    """(key, the publication asked for), or None where the request is to be answered as it stands."""
    if len(path) > LONGEST or len(query) > LONGEST or not query.isascii():
        return None
    if not query:
        return (path, ""), None
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=FIELDS_AT_MOST)
    except ValueError:
        return None
    if (named := _known_to(path)) is not None:
        pairs = [pair for pair in pairs if pair[0] in named]
    newest = [value for name, value in pairs if name == MIN_PUBLICATION]
    if len(newest) > 1:
        return None
    pairs = sorted(pair for pair in pairs if pair[0] != MIN_PUBLICATION)
    return (path, urlencode(pairs)), newest[0] if newest else None


def wants(environ: dict[str, Any]) -> bool:
    """Whether a request is a read of public delivery, of which the reply may be kept."""
    if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
        return False
    path: str = environ["PATH_INFO"]
    if path.startswith(PREFIX):
        return path.split("/", 5)[4:5] != ["preview"]
    if path.startswith(EMBED):
        return path.split("/", 3)[2] not in OF_NO_CLINIC
    return path == OEMBED


def clinic_of(key: Key) -> str:
    """The clinic that a key's path names; empty where it names none."""
    if key[0].startswith(PREFIX):
        return key[0].split("/", 4)[3]
    return key[0].split("/", 3)[2] if key[0].startswith(EMBED) else ""


def searches(key: Key) -> bool:
    """Whether a key is that of a search; a text may be called so, too."""
    return key[0].endswith("/search") and key[0].startswith(PREFIX) and key[0].count("/") == PREFIX.count("/") + 1


def _known_to(path: str) -> frozenset[str] | None:
    """The parameters that count at an address that ignores all others; None where any other is a fault."""
    if path == OEMBED:
        return OEMBED_PARAMETERS
    return EMBED_PARAMETERS if path.startswith(EMBED) else None
