"""The demo's pictures: drawn, prepared and kept as an upload would be; what is there already is left alone."""

from __future__ import annotations

import tempfile
from pathlib import Path

from api.media.prepared import address_of, digest_of
from api.media.preparing import prepare
from api.media.store import at
from api.models import LIBRARY, Media
from api.services.media import media
from api.services.work import Work, stable_id
from schemas.managed.media import UploadBody
from seed import files
from seed.drawing import draw

KEY = b"the demo's pictures are no secret"
"""Their addresses are the same on every installation."""


def pictures(work: Work) -> dict[str, str]:
    """`media/key` -> id of every picture of the demo."""
    found = {}
    for each in files.pictures():
        about = {name: value for name, value in each.items() if name not in ("key", "drawing")}
        found[f"media/{each['key']}"] = _picture(work, each["key"], each["drawing"], about)
    return found


def _picture(work: Work, key: str, drawing: str, about: dict[str, object]) -> str:
    stable, place = f"{LIBRARY}:{key}", at(work.database.media)
    said = UploadBody().load({"kind": "illustration", **about})
    there = work.session.get(Media, stable_id("med", stable))
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "drawn.png"
        draw(drawing, source)
        digest = digest_of(source)
        if there is None or there.digest != digest or not place.has(address_of(digest, KEY)):
            prepared = prepare(source, Path(folder), key=KEY)
            place.put(prepared)
            if there is None:
                return media.create(work, prepared, said, key, stable=stable).id
            media.replace(work, there, prepared, retract=False)
    media.patch(work, there, {name: value for name, value in said.items() if name != "clinic"})
    return there.id
