"""ME1 to ME5, ME9 and ME12: what is sent in is what its bytes are, within bounds, cleaned, or refused in words."""

from __future__ import annotations

import errno
import io
import struct
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from api.media import preparing
from tests.conftest import House
from tests.managing import Desk
from tests.pictures import SAID, a_picture, sent, uploaded

pytestmark = pytest.mark.either

SVGS = (
    b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    b'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg><script>1</script>&x;</svg>',
    b"\xef\xbb\xbf \n<!-- a --><SVG><foreignObject><iframe src='https://evil.example'/></foreignObject></SVG>",
)
DISGUISED: dict[str, tuple[bytes, str, str]] = {
    "a page": (b"<html><script>alert(1)</script>", "a.png", "image/png"),
    "a script": (b"alert(1)", "a.js", "application/octet-stream"),
    "a program": (b"MZ\x90\x00" + b"\0" * 200, "a.jpg", "image/jpeg"),
    "a zip, as of Java": (b"PK\x03\x04" + b"\0" * 200, "a.gif", "image/gif"),
    "TIFF": (b"II*\x00" + b"\0" * 200, "a.tiff", "image/tiff"),
    "Photoshop": (b"8BPS\x00\x01" + b"\0" * 200, "a.psd", "image/png"),
    "PostScript": (b"%!PS-Adobe-3.0 EPSF-3.0\n", "a.eps", "image/png"),
    "HEIC": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 99, "a.heic", "image/avif"),
}


@pytest.fixture
def desk(shared_house: House) -> Desk:
    return Desk(shared_house)


def left(house: House) -> list[str]:
    """What lies about of what was being prepared."""
    place: Path = house.app.extensions["config"].data / "incoming"
    return [each.name for each in place.iterdir()] if place.exists() else []


def by_form(desk: Desk, data: bytes, file: str, type: str) -> Any:
    return sent(desk, "editor", data, SAID, file=file, type=type)


def raw(desk: Desk, data: bytes, file: str, type: str) -> Any:
    heads = {"Authorization": f"Bearer {desk.key('editor')}", "Content-Type": type}
    return desk.house.client.post("/v1/manage/media", query_string={"name": file}, headers=heads, data=data)


def in_place(desk: Desk, data: bytes, file: str, type: str) -> Any:
    return sent(desk, "editor", data, file=file, type=type, method="PUT", path=f"/media/{uploaded(desk)['id']}",
                If_Match="*")  # fmt: skip


WAYS = (by_form, raw, in_place)


@pytest.mark.parametrize("svg", SVGS)
def test_me1_a_drawing_that_may_run_scripts_is_refused_by_name(desk: Desk, svg: bytes) -> None:
    for type in ("image/svg+xml", "image/png"):
        reply = by_form(desk, svg, "a.svg", type)
        assert reply.status_code == 415 and "SVG" in reply.json["detail"], reply.text


@pytest.mark.parametrize("name", DISGUISED)
def test_me2_what_is_of_no_type_that_is_taken_is_refused_on_every_way_in(desk: Desk, name: str) -> None:
    for way in WAYS:
        reply = way(desk, *DISGUISED[name])
        assert reply.status_code == 415 and "image/png" in reply.json["allowed"], f"{way.__name__}: {reply.text}"
    assert left(desk.house) == []


def test_me2_a_type_or_name_that_lies_is_refused_on_every_way_in(desk: Desk) -> None:
    for way in WAYS:
        for file, type in (
            ("a.png", "image/jpeg"),
            ("a.html", "image/png"),
            ("a.pdf", "image/png"),
            ("a", "text/html"),
        ):
            reply = way(desk, a_picture(), file, type)
            assert (reply.status_code, reply.json["errors"][0]["code"]) == (422, "type_mismatch"), (way, file, type)


def test_me2_what_hides_behind_or_within_a_picture_is_not_kept(desk: Desk) -> None:
    hidden = b"<script>alert(1)</script>PK\x03\x04"
    comment = a_picture("JPEG", comment=hidden)
    for data, file, type in ((a_picture() + hidden, "a.php.png", "image/png"), (comment, "a.jpg", "image/jpeg")):
        told = by_form(desk, data, file, type).json["data"]
        for each in told["renditions"]:
            kept = desk.ask("editor", "GET", each["preview"].removeprefix("/v1/manage"))
            assert kept.status_code == 200 and b"script" not in kept.data and b"PK\x03" not in kept.data
            assert kept.headers["X-Content-Type-Options"] == "nosniff"
            assert kept.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")


def a_flood(width: int = 30_000, height: int = 30_000) -> bytes:
    """A PNG of a few bytes whose head says that it is enormous."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 999)) + chunk(b"IEND", b"")
    )


def moving(kind: str) -> bytes:
    frames = [Image.new("RGB", (20, 20), (number * 40, 0, 0)) for number in range(3)]
    out = io.BytesIO()
    frames[0].save(out, format=kind, save_all=True, append_images=frames[1:])
    return out.getvalue()


def test_me3_floods_of_pixels_and_of_frames_are_refused_by_the_head_alone(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    webp = bytearray(a_picture("WEBP", lossless=True))
    webp[21:25] = (0x3FFF | 0x3FFF << 14).to_bytes(4, "little")
    floods = [(a_flood(), "png"), (a_flood(12_001, 1), "png"), (bytes(webp), "webp")]
    asked = [(data, kind, "too_many_pixels") for data, kind in floods]
    asked += [(moving(kind), kind.lower(), "animated") for kind in ("GIF", "PNG", "WEBP", "AVIF")]
    asked += [(a_flood(0, 5), "png", "broken")]
    monkeypatch.setattr("api.media.pictures.renditions", lambda *_: pytest.fail("it was decoded"))
    for data, kind, code in asked:
        reply = by_form(desk, data, f"a.{kind}", f"image/{kind}")
        assert (reply.status_code, reply.json["errors"][0]["code"]) == (422, code), kind


def test_me3_what_breaks_off_or_makes_no_sense_is_refused(desk: Desk) -> None:
    for kind in ("JPEG", "PNG", "WEBP", "AVIF", "GIF"):
        whole = a_picture(kind, (90, 90))
        for data in (whole[: len(whole) // 2], whole[:40], whole[:12] + b"\xff" * 500):
            reply = by_form(desk, data, "a", f"image/{kind.lower()}")
            told = reply.json["errors"]
            assert reply.status_code in (415, 422), f"{kind}, {len(data)} bytes: {reply.status_code}"
            assert not told or told[0]["code"] in ("broken", "too_many_pixels", "animated"), told
    assert by_form(desk, b"", "a.png", "image/png").json["errors"][0]["code"] == "required"


def test_me4_a_body_is_counted_and_bounded_whatever_it_says_of_itself(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, post = {"Authorization": f"Bearer {desk.key('editor')}"}, desk.house.client.post
    large = post("/v1/manage/media", headers={**key, "Content-Type": "image/png"}, data=b"\0" * 20_200_001)
    assert (large.status_code, large.json["detail"]) == (413, "A file has at most 20 MB.")
    monkeypatch.setattr("api.manage.uploads.WORDS_AT_MOST", 50_000)
    parts = b"".join(
        b'--x\r\nContent-Disposition: form-data; name="f%d"\r\n\r\n1\r\n' % number for number in range(900)
    )
    bodies = {
        "many parts": (parts + b"--x--\r\n", 413),
        "long words": (
            b'--x\r\nContent-Disposition: form-data; name="data"\r\n\r\n' + b"a" * 60_000 + b"\r\n--x--",
            413,
        ),
        "line ends": (b"\r" * 100_000, 413),
        "no end": (b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\nabc', 400),
        "nothing": (b"--x--\r\n", 400),
    }
    for name, (body, status) in bodies.items():
        reply = post("/v1/manage/media", headers={**key, "Content-Type": "multipart/form-data; boundary=x"}, data=body)
        assert reply.status_code == status, f"{name}: {reply.text}"
    without = {"REQUEST_METHOD": "POST", "wsgi.input": io.BytesIO(a_picture()), "CONTENT_TYPE": "image/png"}
    for length, code in ((None, "malformed"), (str(10_000), "malformed")):
        more = {} if length is None else {"CONTENT_LENGTH": length}
        reply = desk.house.client.open("/v1/manage/media", headers=key, environ_overrides={**without, **more})
        assert (reply.status_code, reply.json["code"]) == (400, code), reply.text
    packed = post(
        "/v1/manage/media", headers={**key, "Content-Type": "image/png", "Content-Encoding": "gzip"}, data=b"x"
    )
    assert packed.status_code == 415 and left(desk.house) == []


@pytest.mark.parametrize(
    ("name", "kept"),
    [("../../x.png", "x.png"), ("..%2fx.png", "%2fx.png"), ("C:\\a\\b.png", "b.png"), ("CON", "CON"),
     ("a" * 300, "a" * 120), ("\u202egnp.exe.png", "gnp.exe.png"), ("-rf", "-rf"), (".hidden", "hidden"),
     ("a\nb", "ab"), ("..", "file"), ("a\0b.png", "ab.png")],
)  # fmt: skip
def test_me5_a_name_is_to_be_read_and_never_names_a_file_on_disk(name: str, kept: str) -> None:
    assert preparing.shown_name(name) == kept


def test_me5_a_document_is_saved_under_its_name_as_headers_write_one(desk: Desk) -> None:
    name = 'Ärzte "&"; x=\u202e.pdf'
    told = sent(desk, "editor", a_document(), {"public": True, "name": name}, file="b.pdf", type="application/pdf")
    assert told.status_code == 201, told.text
    url = told.json["data"]["renditions"][0]["url"].removeprefix("https://api.example")
    reply = desk.house.client.get(url)
    said = reply.headers["Content-Disposition"]
    assert said.startswith('attachment; filename="rzte &') and "filename*=UTF-8''%C3%84rzte%20%22%26%22%3B" in said
    assert reply.mimetype == "application/pdf" and reply.data.startswith(b"%PDF-")


def a_document() -> bytes:
    import pikepdf

    made, out = pikepdf.new(), io.BytesIO()
    made.add_blank_page()
    made.docinfo["/Author"] = "Somebody"
    made.save(out)
    return out.getvalue()


def test_me9_nothing_is_left_of_what_a_picture_tells_beside_its_pixels(desk: Desk) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "Secret words"
    exif.get_ifd(0x8825)[2] = (1.0, 2.0, 3.0)
    data = a_picture("JPEG", (80, 40), exif=exif, xmp=b"<x:xmpmeta>Secret</x:xmpmeta>", comment=b"Secret", quality=95)
    told = by_form(desk, data, "a.jpg", "image/jpeg").json["data"]
    assert (told["width"], told["height"]) == (40, 80), "it was turned upright first"
    for each in told["renditions"]:
        kept = desk.ask("editor", "GET", each["preview"].removeprefix("/v1/manage")).data
        with Image.open(io.BytesIO(kept)) as opened:
            assert dict(opened.getexif()) == {} and "icc_profile" not in opened.info and "xmp" not in opened.info
            assert opened.size == (40, 80)
            red, _, blue = opened.convert("RGB").getpixel((35, 40))  # type: ignore[misc]
            assert red > blue, "the red band was above, and a turn to the right brings it there"
        assert b"Secret" not in kept and b"Exif" not in kept


def test_me12_a_full_disk_is_said_and_leaves_nothing_half(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # A place of its own: in the one of all tests other processes are at work.
    place = replace(desk.house.database.media, folder=tmp_path / "media")
    monkeypatch.setattr(desk.house.database, "media", place)
    def no_room(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    before = desk.done("editor", "GET", "/media?page[size]=1")
    for where in ("api.media.pictures._saved", "api.media.store.shutil.copyfile"):
        with monkeypatch.context() as patched:
            patched.setattr(where, no_room)
            reply = by_form(desk, a_picture(), "a.png", "image/png")
            assert (reply.status_code, reply.json["code"]) == (507, "storage_full"), where
        assert left(desk.house) == [] and desk.done("editor", "GET", "/media?page[size]=1") == before
    assert [each for each in place.folder.rglob("*") if not each.name.isalnum()] == []
    assert desk.house.get("demo-south/topics/mesotherapy").status_code == 200
