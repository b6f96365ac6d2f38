"""Sites: which public clinic a page on the web belongs to."""

from __future__ import annotations

from urllib.parse import urlsplit

from sqlalchemy import Connection, or_, select

from api.models import Clinic

DEEPEST = 4
"""How far below its host a clinic's site may begin, in parts of a path."""


def owner(connection: Connection, url: str) -> tuple[str, str] | None:
    """(clinic, path on its site) of a page; the site that begins deepest wins. Both schemes are one site."""
    parts = urlsplit(url)
    steps = [each for each in parts.path.split("/") if each][:DEEPEST]
    for depth in range(len(steps), -1, -1):
        start = "".join(f"/{each}" for each in steps[:depth])
        sites = [f"{scheme}://{parts.netloc.lower()}{start}" for scheme in ("https", "http")]
        said = Clinic.document["site_url"].as_string()
        asked = select(Clinic.slug).where(
            Clinic.private.is_(False), or_(said.in_(sites), said.in_([f"{site}/" for site in sites]))
        )
        slug = connection.scalar(asked.order_by(Clinic.position, Clinic.id).limit(1))
        if slug is not None:
            return slug, parts.path.removeprefix(start) or "/"
    return None
