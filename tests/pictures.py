"""Pictures and documents to send in, made here, and how a test sends them."""

from __future__ import annotations

import io
import json
from typing import Any

from PIL import Image, ImageDraw
from werkzeug.test import TestResponse

from tests.managing import Desk

SAID = {"alt": {"en": "Two bands of colour", "es": "Dos franjas de color"}}


def a_picture(kind: str = "PNG", size: tuple[int, int] = (60, 40), color: str = "#c0392b", **how: Any) -> bytes:
    """A still picture of two bands."""
    picture = Image.new("RGB", size, color)
    ImageDraw.Draw(picture).rectangle((0, size[1] // 2, size[0], size[1]), fill="#2980b9")
    out = io.BytesIO()
    picture.save(out, format=kind, **how)
    return out.getvalue()


def sent(desk: Desk, name: str, data: bytes, said: Any = None, *, file: str = "picture.png", type: str = "image/png",
         method: str = "POST", path: str = "/media", **headers: str) -> TestResponse:  # fmt: skip
    """Send a file as a form."""
    body = {"file": (io.BytesIO(data), file, type)}
    more = {} if said is None else {"data": json.dumps(said)}
    heads = {each.replace("_", "-"): value for each, value in headers.items()}
    heads["Authorization"] = f"Bearer {desk.key(name)}"
    reply = desk.house.client.open(f"/v1/manage{path}", method=method, headers=heads, data={**body, **more})
    if reply.status_code < 300 and "ETag" in reply.headers:
        desk.etags[f"/media/{reply.json['data']['id']}"] = reply.headers["ETag"]
    return reply


def uploaded(desk: Desk, name: str = "author", data: bytes | None = None, **said: Any) -> Any:
    """The `data` of an upload that must succeed."""
    reply = sent(desk, name, data or a_picture(), {**SAID, **said})
    assert reply.status_code == 201, reply.text
    return reply.json["data"]
