"""The address under which visitors reach the service, and the path that it may have."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

LOOPBACK = ("127.0.0.1", "::1", "localhost")
TAKEN = (
    ["v1"], ["docs"], ["embed"], ["embed.js"], ["oembed"], ["media"], ["static"], ["preview"], ["healthz"], ["readyz"],
    ["metrics"],
)  # fmt: skip
"""What the service's own addresses begin with: below them it can't stand."""
_PATH = re.compile(r"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*/?")


def public_url(url: str | None, host: str, port: int, faults: list[str]) -> str:
    """The address without a slash at its end, the usual one where none is set; what is wrong with it joins `faults`."""
    if url:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
            faults.append(f"CLINIC_CMS_PUBLIC_URL is {url!r}; give an address such as https://api.example.")
        elif not _PATH.fullmatch(parts.path) or parts.path.split("/")[1:2] in TAKEN:
            told = "give words of letters and digits, such as /cms, and none that its own addresses begin with."
            faults.append(f"CLINIC_CMS_PUBLIC_URL has the path {parts.path!r}; {told}")
        return url.rstrip("/")
    if host not in LOOPBACK:
        faults.append("CLINIC_CMS_PUBLIC_URL is needed when CLINIC_CMS_HOST is not a loopback address.")
    return f"http://{'[::1]' if host == '::1' else host}:{port}"
