"""From a request to the name of its reply: one meaning, one key."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode

PREFIX = "/v1/clinics/"
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
    newest = [value for name, value in pairs if name == MIN_PUBLICATION]
    if len(newest) > 1:
        return None
    pairs = sorted(pair for pair in pairs if pair[0] != MIN_PUBLICATION)
    return (path, urlencode(pairs)), newest[0] if newest else None


def wants(environ: dict[str, Any]) -> bool:
    """Whether a request is a read of public delivery, of which the reply may be kept."""
    path: str = environ["PATH_INFO"]
    if not path.startswith(PREFIX) or environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
        return False
    return path.split("/", 5)[4:5] != ["preview"]
